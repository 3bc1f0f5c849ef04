package e2e

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/faults"
	"relieftrail/network/topology"
)

// testFaults runs the short form of the fault suite; scripts/test --faults runs the long one. It counts on the peers'
// own blocks, past the gateways.
func testFaults(t *testing.T) {
	offset := portOffset
	network, err := topology.Load(topology.Options{State: state, PortOffset: &offset})
	require.NoError(t, err)
	n, err := faults.Open(network, reliefnet)
	require.NoError(t, err)
	defer n.Close()
	faults.New(t, n, os.Stdout, "short", false).Run(t)
}
