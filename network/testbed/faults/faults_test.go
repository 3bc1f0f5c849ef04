package faults

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

// TestFaults runs the long form on a network of its own: scripts/test --faults. RELIEF_FAULTS=short runs the short
// form, which is a part of network/testbed/e2e as well; -run TestFaults/leader runs what has this in its name.
func TestFaults(t *testing.T) {
	form := os.Getenv("RELIEF_FAULTS")
	if form == "" {
		t.Skip("runs for half an hour with scripts/test --faults; network/testbed/e2e runs the short form")
	}
	const offset = 20000
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	binary := filepath.Join(root, ".relieftrail", "bin", "reliefnet-faults")
	state := filepath.Join(root, ".relieftrail", "faults")
	run := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "RELIEFNET_STATE="+state, fmt.Sprintf("RELIEFNET_PORT_OFFSET=%d", offset), "CGO_ENABLED=0")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		return out.String(), err
	}
	reliefnet := func(args ...string) (string, error) { return run(binary, args...) }
	out, err := run("go", "build", "-o", binary, "./network/cmd/reliefnet")
	require.NoError(t, err, out)
	_, _ = reliefnet("reset", "--yes")
	t.Cleanup(func() { _, _ = reliefnet("down") })
	out, err = reliefnet("up")
	require.NoError(t, err, out)
	port := offset
	top, err := topology.Load(topology.Options{State: state, PortOffset: &port})
	require.NoError(t, err)
	network, err := Open(top, reliefnet)
	require.NoError(t, err)
	defer network.Close()
	New(t, network, os.Stdout, "f", form == "long").Run(t)
}
