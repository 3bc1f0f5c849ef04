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
	network := started(t, 20000, "faults", "")
	New(t, network, os.Stdout, "f", form == "long").Run(t)
}

// started starts a network of its own, with a topology file or the development network's, and takes it down after the test.
func started(t *testing.T, offset int, name, file string) *Network {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	binary := filepath.Join(root, ".relieftrail", "bin", "reliefnet-"+name)
	state := filepath.Join(root, ".relieftrail", name)
	run := func(name string, args ...string) (string, error) {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "RELIEFNET_STATE="+state, fmt.Sprintf("RELIEFNET_PORT_OFFSET=%d", offset), "CGO_ENABLED=0")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		return out.String(), err
	}
	reliefnet := func(args ...string) (string, error) {
		if file != "" {
			args = append([]string{"--topology", file}, args...)
		}
		return run(binary, args...)
	}
	out, err := run("go", "build", "-o", binary, "./network/cmd/reliefnet")
	require.NoError(t, err, out)
	_, _ = reliefnet("reset", "--yes")
	t.Cleanup(func() { _, _ = reliefnet("down") })
	out, err = reliefnet("up")
	require.NoError(t, err, out)
	top, err := topology.Load(topology.Options{File: file, State: state, PortOffset: &offset})
	require.NoError(t, err)
	network, err := Open(top, reliefnet)
	require.NoError(t, err)
	t.Cleanup(network.Close)
	return network
}
