package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	net_ "net" // net is the measuring network here
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"time"
)

// asking is the first argument of a process that only sends requests. In reality the people who check receipts are not
// on the machine that writes a county's month. In the writer's process a request would wait for its busy sender before
// it is sent.
const asking = "ask"

// askers is the number of connections.
const askers = 8

// question says which requests a process sends.
type question struct {
	Address  string
	Rate     int // requests a second over all connections; 0: as fast as the responses come
	Requests [][]byte
}

// answered is the result of a process's requests.
type answered struct {
	Took  []time.Duration
	Error string `json:",omitempty"`
}

// asker is a process that sends requests.
type asker struct {
	cmd      *exec.Cmd
	out      bytes.Buffer
	end      io.WriteCloser
	complain bytes.Buffer
}

// start starts a process that sends requests. At a steady rate the process has priority over all others (niceness -20,
// where that is allowed), as if the requests came from another machine.
func (c publicCheck) start(ctx context.Context, address string, rate int) (*asker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &asker{cmd: exec.CommandContext(ctx, self, asking)} //nolint:gosec // itself
	if rate > 0 {
		a.cmd = exec.CommandContext(ctx, "taskset", "-c", "0", "nice", "-n", "-20", self, asking) //nolint:gosec // itself
	}
	a.cmd.Stdout, a.cmd.Stderr = &a.out, &a.complain
	if a.end, err = a.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := a.cmd.Start(); err != nil {
		return nil, err
	}
	return a, json.NewEncoder(a.end).Encode(question{address, rate, c.requests})
}

// stop ends the process and returns how long each request took.
func (a *asker) stop() ([]time.Duration, error) {
	if err := errors.Join(a.end.Close(), a.cmd.Wait()); err != nil {
		return nil, a.failed(err)
	}
	var got answered
	if err := json.Unmarshal(a.out.Bytes(), &got); err != nil {
		return nil, a.failed(err)
	}
	if got.Error != "" {
		return nil, a.failed(errors.New(got.Error))
	}
	return got.Took, nil
}

// failed adds what the process complained about.
func (a *asker) failed(err error) error {
	return fmt.Errorf("the asking process: %w %s", err, bytes.TrimSpace(a.complain.Bytes()))
}

// ask is the main function of an asking process. It reads the question from its input and ends when the input ends.
func ask(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	decoder := json.NewDecoder(in)
	var q question
	if err := decoder.Decode(&q); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	var (
		tasks sync.WaitGroup
		mu    sync.Mutex
		got   answered
		fault error
	)
	for range askers {
		tasks.Go(func() {
			took, err := q.one(ctx)
			mu.Lock()
			defer mu.Unlock()
			got.Took, fault = append(got.Took, took...), errors.Join(fault, err)
		})
	}
	tasks.Wait()
	if fault != nil {
		got = answered{Error: fault.Error()}
	}
	return json.NewEncoder(out).Encode(got)
}

// one sends one request after another on one connection, at a rate a second or, for 0, as fast as the responses come.
// The time of a late request counts from the moment when it was due.
func (q *question) one(ctx context.Context) (took []time.Duration, err error) {
	u, err := url.Parse(q.Address)
	if err != nil {
		return nil, err
	}
	var dialer net_.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	due := time.Now()
	for ctx.Err() == nil {
		if q.Rate > 0 {
			due = due.Add(time.Second / time.Duration(q.Rate/askers))
			if pause(ctx, time.Until(due)) != nil {
				break
			}
		} else {
			due = time.Now()
		}
		if _, err := conn.Write(q.Requests[rand.IntN(len(q.Requests))]); err != nil { //nolint:gosec // which one does not matter
			return took, err
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return took, err
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return took, err
		}
		if response.StatusCode != http.StatusOK {
			return took, fmt.Errorf("a response has the status %s", response.Status)
		}
		took = append(took, time.Since(due))
	}
	return took, nil
}
