package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"relieftrail/network/testbed/invent"
)

// measureMemory uploads a county's list and a list of a million lines, and watches the gateway's memory meanwhile.
// People of the large list who are not on the county's roll are refused line by line, which needs as much memory.
func measureMemory(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	p, err := n.newProgramme(ctx, otherCounty, 1000)
	if err != nil {
		return err
	}
	c, err := n.as(officials[otherCounty].preparer)
	if err != nil {
		return err
	}
	onRoll := b.pick(householdsOfACounty, 2_000)
	roll := stream(func(w io.Writer) { invent.Roll(w, onRoll) })
	if err := p.importRoll(ctx, roll); err != nil {
		return err
	}
	var peaks []float64
	for i, lines := range []int{onRoll, b.pick(1_000_000, 50_000)} {
		batch, err := p.open(ctx, month(i), onRoll, payAmount)
		if err != nil {
			return err
		}
		watch, err := n.watch("civil-affairs/gateway")
		if err != nil {
			return err
		}
		began := time.Now()
		job, err := c.Upload(ctx, http.MethodPut, "/v1/batches/"+batch+"/lines", n.name("upload-"),
			stream(func(w io.Writer) { invent.List(w, lines, month(i)) }), nil)
		peak := watch()
		if err != nil {
			return err
		}
		if job.Result.Accepted != onRoll || job.Result.Refused != lines-onRoll {
			return fmt.Errorf("%d lines: %d accepted, %d refused", lines, job.Result.Accepted, job.Result.Refused)
		}
		b.say("  %d lines in %.1f s: at most %.0f MB", lines, time.Since(began).Seconds(), peak)
		peaks = append(peaks, b.record(figure{Name: fmt.Sprintf("gateway's resident memory, a file of %d lines, at most", lines), Unit: "MB", Runs: []float64{peak}}))
	}
	b.ratio("memory: the large file to the small one", peaks[1], peaks[0])
	return nil
}

// stream reads what write writes. write runs while its output is read.
func stream(write func(io.Writer)) io.Reader {
	r, w := io.Pipe()
	go func() {
		write(w)
		_ = w.Close()
	}()
	return r
}

// watch watches the resident memory of a process until the returned function is called, which returns the peak in MB.
func (n *net) watch(name string) (func() float64, error) {
	processes, err := n.processes()
	if err != nil {
		return nil, err
	}
	for _, p := range processes {
		if p.Name != name {
			continue
		}
		// Linux records the peak; writing 5 resets it.
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.PID), []byte("5"), 0); err != nil {
			return nil, err
		}
		return sync.OnceValue(func() float64 {
			kB, _ := strconv.ParseFloat(strings.TrimSuffix(field(fmt.Sprintf("/proc/%d/status", p.PID), "VmHWM"), " kB"), 64)
			return kB / 1024
		}), nil
	}
	return nil, fmt.Errorf("there is no process %s", name)
}
