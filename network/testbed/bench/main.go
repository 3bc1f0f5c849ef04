package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // the signal handler dies with the process
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	if len(args) == 1 && args[0] == asking {
		return ask(ctx, os.Stdin, stdout)
	}
	b := &bench{out: stdout, began: time.Now()}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stdout)
	only := flags.String("only", "", "the parts to run, with commas between; empty runs all")
	flags.BoolVar(&b.quick, "quick", false, "smaller loads and fewer runs: shows that the bench works, gives no figures to quote")
	flags.IntVar(&b.runs, "runs", 0, "runs of each measurement; the median counts (default 5, 3 with --quick)")
	flags.StringVar(&b.data, "data", "../shared/data", "the folder of county/*.csv; without it a county is invented")
	flags.StringVar(&b.state, "state", ".relieftrail/bench", "where the bench keeps its network and results")
	flags.BoolVar(&b.keep, "keep", false, "leave the network running, and use the one that an earlier --keep left")
	flags.StringVar(&b.profiles, "profiles", "", "the folder for CPU profiles of every process; empty for none")
	file := flags.String("json", "", "the result file (default STATE/DATE-TIME.json)")
	list := flags.Bool("list", false, "list the parts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *list {
		for _, p := range parts {
			fmt.Fprintf(stdout, "%-12s %s\n", p.name, p.about)
		}
		return nil
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	if b.runs == 0 {
		b.runs = 5
		if b.quick {
			b.runs = 3
		}
	}
	if b.state, err = filepath.Abs(b.state); err != nil {
		return err
	}
	if *file == "" {
		*file = filepath.Join(b.state, time.Now().Format("20060102-150405")+".json")
	}
	defer func() { err = errors.Join(err, b.close()) }()
	b.report.describe(b.quick, b.runs)
	for _, p := range chosen {
		b.say("part %s: %s", p.name, p.about)
		b.part = p.name
		if err := p.run(ctx, b); err != nil {
			b.report.table(stdout)
			return errors.Join(fmt.Errorf("part %s: %w", p.name, err), b.report.write(*file))
		}
	}
	b.report.table(stdout)
	if err := b.report.write(*file); err != nil {
		return err
	}
	b.say("written to %s", *file)
	return nil
}

func choose(only string) ([]part, error) {
	if only == "" {
		return parts, nil
	}
	var chosen []part
	for _, name := range strings.Split(only, ",") {
		found := false
		for _, p := range parts {
			if p.name == strings.TrimSpace(name) {
				chosen, found = append(chosen, p), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no part %q; --list shows the parts", name)
		}
	}
	return chosen, nil
}
