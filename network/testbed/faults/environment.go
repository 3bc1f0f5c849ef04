package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology"
)

// build compiles one of this project's programs with a build tag.
func (s *Suite) build(ctx context.Context, target, tag, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", tag, "-o", target, pkg) //nolint:gosec // the suite's own words
	cmd.Dir = s.net.Root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // the gateway has SQLite
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w: %s", target, err, out)
	}
	return nil
}

// cutStream puts a relay between civil affairs' gateway and its peer and cuts it: connections end, or nothing passes.
func (s *Suite) cutStream(t *testing.T) {
	name := s.names(topology.KindGateway)[0]
	s.under(t, "the gateway's connection to its peer is cut", func(ctx context.Context) error {
		r, err := newRelay(s.net.Organisations[0].Node(topology.KindPeer).Address())
		if err != nil {
			return err
		}
		defer r.close()
		err = s.net.restart(name, func(p *process.Process) { p.Env = append(p.Env, "GATEWAY_LEDGER_ENDPOINT="+r.address()) })
		if err != nil {
			return err
		}
		if err := s.heal(ctx); err != nil {
			return err
		}
		for i := range of(s, 2, 20) {
			deaf := i%2 == 1
			r.cut(deaf)
			s.now.times++
			if err := wait(ctx, of(s, time.Second, 3*time.Second)); err != nil {
				return err
			}
			r.mend()
			if err := s.heal(ctx); err != nil {
				return err
			}
		}
		if err := s.net.restart(name, nil); err != nil {
			return err
		}
		return s.heal(ctx)
	})
}

// relay passes bytes between a gateway and its peer until it is cut.
type relay struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	cond  *sync.Cond
	down  bool // new connections end at once
	deaf  bool // no bytes pass, and connections stay open
	conns map[net.Conn]bool
}

func newRelay(target string) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{listener: listener, target: target, conns: map[net.Conn]bool{}}
	r.cond = sync.NewCond(&r.mu)
	go r.serve()
	return r, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) serve() {
	for {
		in, err := r.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", r.target)
		r.mu.Lock()
		if err != nil || r.down {
			_ = in.Close()
			if out != nil {
				_ = out.Close()
			}
			r.mu.Unlock()
			continue
		}
		r.conns[in], r.conns[out] = true, true
		r.mu.Unlock()
		go r.pass(in, out)
		go r.pass(out, in)
	}
}

func (r *relay) pass(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		r.mu.Lock()
		for r.deaf {
			r.cond.Wait()
		}
		r.mu.Unlock()
		if n > 0 {
			if _, e := to.Write(buffer[:n]); e != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) cut(deaf bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deaf = deaf; deaf {
		return
	}
	r.down = true
	for c := range r.conns {
		_ = c.Close()
	}
	clear(r.conns)
}

func (r *relay) mend() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down, r.deaf = false, false
	r.cond.Broadcast()
}

func (r *relay) close() {
	_ = r.listener.Close()
	r.cut(false)
	r.mend()
}

// fillDisk gives civil affairs' gateway a small disk, fills it, and frees space again.
func (s *Suite) fillDisk(t *testing.T) {
	probe := t.TempDir()
	if err := syscall.Mount("none", probe, "tmpfs", 0, "size=1m"); err != nil {
		t.Logf("not tested: a full disk. A small one in memory cannot be mounted here, which takes root: %v", err)
		return
	}
	_ = syscall.Unmount(probe, syscall.MNT_DETACH)
	name := s.names(topology.KindGateway)[0]
	disk := filepath.Join(s.net.State, "small-disk")
	data := s.net.Organisations[0].Node(topology.KindGateway).Data()
	s.under(t, "the gateway's disk is full", func(ctx context.Context) error {
		if err := s.net.kill(name); err != nil {
			return err
		}
		unmount, err := mount(disk, data)
		if err != nil {
			return errors.Join(err, s.net.start(name, nil))
		}
		defer unmount()
		small := func(p *process.Process) { p.Env = append(p.Env, "GATEWAY_DATA_DIR="+disk) }
		if err := s.net.start(name, small); err != nil {
			return err
		}
		if err := s.heal(ctx); err != nil {
			return err
		}
		for range of(s, 1, 3) {
			if err := s.full(ctx, disk); err != nil {
				return err
			}
		}
		if err := s.net.kill(name); err != nil {
			return err
		}
		if err := move(disk, data); err != nil {
			return err
		}
		if err := s.net.start(name, nil); err != nil {
			return err
		}
		return s.heal(ctx)
	})
}

// full fills the disk for a while and looks at the responses that a client gets.
func (s *Suite) full(ctx context.Context, disk string) error {
	batch := fmt.Sprintf("%s-disk%d", s.load.name, s.now.times)
	if err := s.fixture.act(ctx, s.fixture.civilPreparer, "/v1/batches", batch, map[string]any{
		"id": batch, "programme": programmeID, "region": county, "period": "2026-12", "tranche": tranches[0], "count": 1, "sum": s.fixture.rows[0].amount,
	}); err != nil {
		return err
	}
	s.load.note(batch, tally{acts: 1})
	filler := filepath.Join(disk, "filler")
	f, err := os.Create(filler)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, zeroes{})
	if e := f.Close(); err == nil || !errors.Is(err, syscall.ENOSPC) {
		return errors.Join(err, e, errors.New("the disk does not become full"))
	}
	s.now.times++
	file, told := s.fixture.head+strings.Repeat(s.fixture.rows[0].text, 1000), map[string]int{}
	for end := time.Now().Add(of(s, 5*time.Second, 20*time.Second)); time.Now().Before(end); {
		key := fmt.Sprintf("%s-full-%d", s.load.name, time.Now().UnixNano())
		_, err := s.fixture.civilPreparer.Do(ctx, restclient.Request{
			Method: http.MethodPut, Path: "/v1/batches/" + batch + "/lines", Key: key, ContentType: "text/csv",
			Body: strings.NewReader(file),
		})
		var problem *restclient.Problem
		if errors.As(err, &problem) {
			told[fmt.Sprintf("%d %s", problem.Status, problem.Type)]++
			if problem.Status >= http.StatusInternalServerError && problem.RetryAfter == 0 {
				return fmt.Errorf("the response does not say when to try again: %w", problem)
			}
		}
		if err := wait(ctx, 300*time.Millisecond); err != nil {
			return err
		}
	}
	s.now.note = fmt.Sprintf("; while it was full, uploads got %v", told)
	if err := os.Remove(filler); err != nil {
		return err
	}
	if len(told) == 0 {
		return errors.New("an upload was accepted without space for it")
	}
	return s.heal(ctx)
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// mount makes a small disk in memory with a copy of the gateway's data.
func mount(disk, data string) (unmount func(), err error) {
	if err := os.MkdirAll(disk, 0o700); err != nil {
		return nil, err
	}
	size, err := exec.Command("du", "-sm", data).Output() //nolint:gosec // the suite's own folder
	if err != nil {
		return nil, err
	}
	var megabytes int
	if _, err := fmt.Sscan(string(size), &megabytes); err != nil {
		return nil, err
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", megabytes+24)); err != nil {
		return nil, fmt.Errorf("a small disk in memory cannot be mounted here, which takes root: %w", err)
	}
	unmount = func() {
		_ = syscall.Unmount(disk, syscall.MNT_DETACH)
		_ = os.Remove(disk)
	}
	if err := move(data, disk); err != nil {
		unmount()
		return nil, err
	}
	return unmount, nil
}

// move copies a gateway's data.
func move(from, to string) error {
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil { //nolint:gosec // the suite's own folders
		return fmt.Errorf("copying the gateway's data: %w: %s", err, out)
	}
	return nil
}
