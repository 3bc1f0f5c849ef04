package programs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Flags are those of every build, here and in scripts/build. With the tags, net and os/user are compiled without C whether or
// not the program has C elsewhere, so that programs with and without cgo share all packages in Go's build cache.
var Flags = []string{"-trimpath", "-buildvcs=false", "-tags=netgo,osusergo", "-ldflags=-s -w"}

// build is one call of go build.
type build struct {
	// dir is the folder of the module.
	dir string
	// output is the program, or a folder and a separator for several programs.
	output   string
	packages []string
	cgo      bool
	// tmp is a folder on the same disk as output. Go links in tmp/tmp and renames what it has linked: a build that is cut
	// short leaves no broken program, and a program that is up to date is not linked again.
	tmp string
	// env and flags are set beside the usual ones.
	env, flags []string
}

// quiet is how long a build may take before it is worth a line.
const quiet = 4 * time.Second

func (b build) run(ctx context.Context, say func(string, ...any)) error {
	cgo := "CGO_ENABLED=0"
	if b.cgo {
		cgo = "CGO_ENABLED=1"
		if _, err := exec.LookPath("gcc"); err != nil && os.Getenv("CC") == "" {
			return fmt.Errorf("building %s needs a C compiler: install gcc", b.names())
		}
	}
	tmp := filepath.Join(b.tmp, "tmp")
	for _, dir := range []string{tmp, filepath.Dir(b.output)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	args := slices.Concat([]string{"build"}, Flags, b.flags, []string{"-o", b.output}, b.packages)
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the packages come from the topology
	cmd.Dir = b.dir
	cmd.Env = slices.Concat(os.Environ(), []string{"GOFLAGS=", "GOWORK=off", "GOTMPDIR=" + tmp, cgo}, b.env)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	done := make(chan struct{})
	go report(b.names(), done, say)
	err := cmd.Run()
	close(done)
	if err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("building %s: %w: %s", b.names(), err, firstLines(output.String(), 6)))
	}
	return nil
}

// names are the programs that are built, for messages.
func (b build) names() string {
	if !strings.HasSuffix(b.output, string(filepath.Separator)) {
		return filepath.Base(b.output)
	}
	var names []string
	for _, pkg := range b.packages {
		names = append(names, filepath.Base(pkg))
	}
	return strings.Join(names, " and ")
}

// report says that something is being built, and again from time to time.
func report(name string, done <-chan struct{}, say func(string, ...any)) {
	begin := time.Now()
	wait := quiet
	for {
		select {
		case <-done:
			return
		case <-time.After(wait):
			say("building %s, %.0f s so far", name, time.Since(begin).Seconds())
			wait = 15 * time.Second
		}
	}
}

func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[:min(n, len(lines))], "; ")
}
