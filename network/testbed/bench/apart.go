package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// apart runs work while audit's gateway has the first core, shared with the process that asks it, and everything else has the
// other cores. So one core's worth of gateway can be measured on a machine with few cores.
func (n *net) apart(ctx context.Context, during func(context.Context) error) (err error) {
	if runtime.NumCPU() < 2 {
		return errors.New("a core of its own for a gateway needs a machine with two")
	}
	gateway, err := n.gatewayPID("audit")
	if err != nil {
		return err
	}
	processes, err := n.processes()
	if err != nil {
		return err
	}
	all, others := fmt.Sprintf("0-%d", runtime.NumCPU()-1), fmt.Sprintf("1-%d", runtime.NumCPU()-1)
	for _, p := range append(processes, process{PID: os.Getpid()}) {
		cores := others
		if p.PID == gateway {
			cores = "0"
		}
		if err := bind(ctx, cores, p.PID); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, bind(context.WithoutCancel(ctx), all, p.PID)) }()
	}
	return during(ctx)
}

// bind restricts a process with all its threads to cores.
func bind(ctx context.Context, cores string, pid int) error {
	out, err := exec.CommandContext(ctx, "taskset", "-a", "-c", "-p", cores, strconv.Itoa(pid)).CombinedOutput() //nolint:gosec // numbers
	if err != nil {
		return fmt.Errorf("taskset (Debian: util-linux): %w: %s", err, out)
	}
	return nil
}
