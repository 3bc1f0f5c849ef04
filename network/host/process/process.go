package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a program to run in the background.
type Process struct {
	// Name is unique in the network, such as "finance/peer".
	Name string
	Exe  string
	Args []string
	// Env is its whole environment but for PATH, HOME and TMPDIR: settings of the caller's shell must not leak in.
	Env []string
	// Dir is where it runs; it and Dir/tmp are made.
	Dir string
	// Log gets its output.
	Log string
	// Files are configuration that it reads at start: a change means that it needs a restart.
	Files []string
	// Listens are the addresses it opens, by what they are for.
	Listens []Listen
}

// Listen is an address that a process opens.
type Listen struct {
	Use     string
	Address string
}

// Runner starts and stops processes and keeps their records in one folder.
type Runner struct {
	Dir string
	// Grace is how long a process may take to end by itself; zero is the Grace of all.
	Grace time.Duration

	mu      sync.Mutex
	started map[string]*child
}

// child is a process started by this very program, which can therefore learn how it ended.
type child struct {
	done chan struct{}
	err  error
}

// Start runs a process unless it runs already with the same program and configuration. If it runs with others, it is stopped
// first. The process goes on when the program that started it ends.
func (r *Runner) Start(p Process) error {
	wanted, err := p.fingerprint()
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	record, err := r.Record(p.Name)
	if err != nil {
		return err
	}
	var patience time.Duration
	if record.Alive() {
		if record.Fingerprint == wanted {
			return nil
		}
		if err := r.Stop([]string{p.Name}); err != nil {
			return err
		}
		patience = portPatience
	}
	for _, listen := range p.Listens {
		if err := awaitFree(p.Name, listen, patience); err != nil {
			return err
		}
	}
	return r.launch(p, wanted)
}

func (r *Runner) launch(p Process, wanted string) error {
	tmp := filepath.Join(p.Dir, "tmp")
	for _, dir := range []string{tmp, filepath.Dir(p.Log), r.Dir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("%s: its log: %w", p.Name, err)
	}
	defer log.Close()
	begin, err := log.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("%s: its log: %w", p.Name, err)
	}
	cmd := exec.Command(p.Exe, p.Args...) //nolint:gosec // the program comes from the topology
	cmd.Dir = p.Dir
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.Dir, "TMPDIR=" + tmp}, p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: cannot be started: %w", p.Name, err)
	}
	c := &child{done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	r.mu.Lock()
	if r.started == nil {
		r.started = map[string]*child{}
	}
	r.started[p.Name] = c
	r.mu.Unlock()
	record := Record{
		Name: p.Name, PID: cmd.Process.Pid, Exe: p.Exe, Log: p.Log, LogBegin: begin,
		Fingerprint: wanted, StartedAt: time.Now().UTC(),
	}
	record.Boot, record.Ticks, err = birth(record.PID)
	if err != nil {
		// It is gone already; without a birth the record never matches another process.
		record.Boot = "gone"
	}
	return r.write(record)
}

// Died is nil while a process runs; else the error is how it ended, with the last words of its log.
func (r *Runner) Died(name string) error {
	record, err := r.Record(name)
	if err != nil {
		return err
	}
	r.mu.Lock()
	c := r.started[name]
	r.mu.Unlock()
	status := "it stopped"
	switch {
	case c != nil:
		select {
		case <-c.done:
			if c.err != nil {
				status = "it stopped: " + c.err.Error()
			}
		default:
			return nil
		}
	case record.Alive():
		return nil
	case record.PID == 0:
		return fmt.Errorf("%s: was never started", name)
	}
	return fmt.Errorf("%s: %s: %s; its log: %s", name, status, LastWords(record.Log, record.LogBegin), record.Log)
}

// fingerprint changes whenever a running process would have to be restarted to follow its configuration.
func (p Process) fingerprint() (string, error) {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n%q\n%q\n", p.Exe, p.Args, p.Env)
	for _, path := range append([]string{p.Exe}, p.Files...) {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(text)
		hash.Write(sum[:])
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func (r *Runner) path(name string) string {
	return filepath.Join(r.Dir, strings.ReplaceAll(name, "/", ".")+".json")
}

func (r *Runner) write(record Record) error {
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(r.path(record.Name), append(text, '\n'))
}

// WriteFile writes a file that only its owner may read, all of it or nothing, making its folder.
func WriteFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, text, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
