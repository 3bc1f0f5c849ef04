package process

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Grace is how long a process may take to end by itself before it is killed.
const Grace = 10 * time.Second

// Stop asks processes to end, kills those that have not ended after the grace period, and deletes their records. A pid that is
// no longer the process that was started gets no signal.
func (r *Runner) Stop(names []string) error {
	var waiting []Record
	for _, name := range names {
		record, err := r.Record(name)
		if err != nil {
			return err
		}
		if !record.Alive() {
			if err := r.forget(name); err != nil {
				return err
			}
			continue
		}
		if err := signal(record, syscall.SIGTERM); err != nil {
			return err
		}
		waiting = append(waiting, record)
	}
	grace := cmp.Or(r.Grace, Grace)
	waiting, err := r.awaitEnd(waiting, grace)
	if err != nil {
		return err
	}
	for _, record := range waiting {
		if err := signal(record, syscall.SIGKILL); err != nil {
			return err
		}
	}
	waiting, err = r.awaitEnd(waiting, Grace)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return fmt.Errorf("%s: process %d does not end, although it was killed: look for what it waits for (disk, network file system)",
		waiting[0].Name, waiting[0].PID)
}

// awaitEnd forgets processes as they end and returns those that still run after patience.
func (r *Runner) awaitEnd(waiting []Record, patience time.Duration) ([]Record, error) {
	deadline := time.Now().Add(patience)
	for {
		var left []Record
		for _, record := range waiting {
			if record.Alive() {
				left = append(left, record)
			} else if err := r.forget(record.Name); err != nil {
				return nil, err
			}
		}
		waiting = left
		if len(waiting) == 0 || time.Now().After(deadline) {
			return waiting, nil
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (r *Runner) forget(name string) error {
	r.mu.Lock()
	delete(r.started, name)
	r.mu.Unlock()
	err := os.Remove(r.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func signal(record Record, sig syscall.Signal) error {
	err := syscall.Kill(record.PID, sig)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%s: pid %d: %w", record.Name, record.PID, err)
	}
	return nil
}
