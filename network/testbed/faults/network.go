package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/channel"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Network is a running network whose processes can be stopped and started.
type Network struct {
	*topology.Topology
	// Reliefnet runs the operator's tool on this network.
	Reliefnet func(args ...string) (string, error)

	runner *process.Runner
	client *admin.Network
	specs  map[string]process.Process // how each process was started
}

// Open connects to a network that is up.
func Open(t *topology.Topology, reliefnet func(args ...string) (string, error)) (*Network, error) {
	admin.Quiet()
	n := &Network{Topology: t, Reliefnet: reliefnet, runner: &process.Runner{Dir: t.RunDir()}, specs: map[string]process.Process{}}
	return n, n.learn()
}

// Close ends the connections.
func (n *Network) Close() { n.client.Close() }

// learn connects, and reads how every process was started so that it can be started again in the same way.
func (n *Network) learn() error {
	if n.client != nil { // its connections may be to processes that are gone, and would be tried again only slowly
		n.client.Close()
	}
	var err error
	if n.client, err = admin.Connect(n.Topology); err != nil {
		return err
	}
	records, err := n.runner.Records()
	if err != nil {
		return err
	}
	for _, r := range records {
		spec, err := specOf(r)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
		n.specs[r.Name] = spec
	}
	return nil
}

func specOf(r process.Record) (process.Process, error) {
	var text [2][]byte
	for i, name := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.PID), name))
		if err != nil {
			return process.Process{}, err
		}
		text[i] = b
	}
	dir, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(r.PID), "cwd"))
	if err != nil {
		return process.Process{}, err
	}
	p := process.Process{Name: r.Name, Exe: r.Exe, Dir: dir, Log: r.Log}
	p.Args = zeroSeparated(text[0])[1:]
	for _, v := range zeroSeparated(text[1]) {
		name, _, _ := strings.Cut(v, "=")
		if name != "PATH" && name != "HOME" && name != "TMPDIR" { // the runner's own
			p.Env = append(p.Env, v)
		}
	}
	return p, nil
}

func zeroSeparated(b []byte) []string {
	return strings.Split(string(bytes.TrimSuffix(b, []byte{0})), "\x00")
}

// pid is the process id of a node that runs.
func (n *Network) pid(name string) (int, error) {
	r, err := n.runner.Record(name)
	if err != nil {
		return 0, err
	}
	if !r.Alive() {
		return 0, fmt.Errorf("%s does not run", name)
	}
	return r.PID, nil
}

// signal sends a process a signal.
func (n *Network) signal(name string, sig syscall.Signal) error {
	pid, err := n.pid(name)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, sig)
}

// kill ends a process as a power cut would, and returns when it is gone.
func (n *Network) kill(name string) error {
	if err := n.signal(name, syscall.SIGKILL); err != nil {
		return err
	}
	return n.gone(context.Background(), name, 20*time.Second)
}

// gone waits until a process has ended.
func (n *Network) gone(ctx context.Context, name string, patience time.Duration) error {
	return until(ctx, patience, func(context.Context) error {
		if _, err := n.pid(name); err == nil {
			return fmt.Errorf("%s still runs", name)
		}
		return nil
	})
}

// start runs a process as it ran before, except for what change changes.
func (n *Network) start(name string, change func(*process.Process)) error {
	spec, ok := n.specs[name]
	if !ok {
		return fmt.Errorf("%s is not known", name)
	}
	spec.Env = append([]string{}, spec.Env...)
	if change != nil {
		change(&spec)
	}
	return n.runner.Start(spec)
}

// restart kills a process and starts it again.
func (n *Network) restart(name string, change func(*process.Process)) error {
	if _, err := n.pid(name); err == nil {
		if err := n.kill(name); err != nil {
			return err
		}
	}
	return n.start(name, change)
}

// leader is the orderer that leads.
func (n *Network) leader(ctx context.Context) (*topology.Node, error) {
	var found *topology.Node
	err := until(ctx, time.Minute, func(ctx context.Context) error {
		for _, orderer := range n.NodesOf(topology.KindOrderer) {
			if leads, err := channel.Leads(ctx, n.Topology, orderer); err == nil && leads {
				found = orderer
				return nil
			}
		}
		return errors.New("no orderer leads")
	})
	return found, err
}

// whole waits until every organisation can have transactions endorsed and ordered and every gateway serves.
func (n *Network) whole(ctx context.Context) error {
	return until(ctx, 3*time.Minute, func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		for _, o := range n.Organisations {
			group.Go(func() error { return n.client.Ready(ctx, o) })
		}
		for _, gateway := range n.NodesOf(topology.KindGateway) {
			group.Go(func() error { return gatewayReady(ctx, gateway.URL()) })
		}
		return group.Wait()
	})
}

// until calls ask until it returns nil or patience is over; then it returns the last error.
func until(ctx context.Context, patience time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		asked, done := context.WithTimeout(ctx, 10*time.Second)
		err := ask(asked)
		done()
		if err == nil {
			return nil
		}
		if wait(ctx, 100*time.Millisecond) != nil {
			return err
		}
	}
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
