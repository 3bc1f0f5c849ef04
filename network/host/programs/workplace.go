package programs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// leftOut is how scripts/build-workplace ends where npm or its packages cannot be had.
const leftOut = 3

// Workplace builds the officials' workplace and gives the folder that it is in; "" where npm or its packages cannot be had, which say is told.
// root is the checkout.
func Workplace(ctx context.Context, root, dir string, say func(format string, args ...any)) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(root, "scripts", "build-workplace"), dir) //nolint:gosec // of the checkout
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	done := make(chan struct{})
	go report("the officials' workplace", done, say)
	err := cmd.Run()
	close(done)
	text := strings.TrimSpace(output.String())
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == leftOut {
		say("%s", firstLines(text, 2))
		return "", nil
	}
	if err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("building the officials' workplace: %w: %s", err, firstLines(text, 6)))
	}
	return dir, nil
}
