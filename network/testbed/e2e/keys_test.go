package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/host/programs"
	"relieftrail/network/testbed/redteam"
	"relieftrail/network/topology"
)

// testKeys: no port of a node opens to a certificate that it is not for, and no key does what is not its right, also with a stolen
// gateway's TLS certificate: forge blocks, pull private data, flood and read orderers, administer another agency's nodes, change
// how transactions are ordered.
func testKeys(t *testing.T) {
	paidMonth(t) // there are private data to pull
	offset := portOffset
	network, err := topology.Load(topology.Options{State: state, PortOffset: &offset})
	require.NoError(t, err)
	attempts, wrong, err := redteam.TryPorts(t.Context(), network)
	require.NoError(t, err)
	require.Empty(t, wrong, "docs/policies.md says who opens which port")
	t.Logf("%d attempts to open a port", attempts)

	program, err := programs.Probe(t.Context(), network, t.Logf)
	require.NoError(t, err)
	tried, err := redteam.TryKeys(t.Context(), program, network)
	require.NoError(t, err)
	passed := 0
	for _, a := range tried {
		require.Equal(t, a.Wanted, a.Passed, "%s, by %s: %s", a.Attempt, a.By, a.Answer)
		if a.Passed {
			passed++
		}
	}
	require.NotZero(t, passed, "what is a key's right still works")
	t.Logf("%d attempts with keys, %d of them a key's right", len(tried), passed)
}
