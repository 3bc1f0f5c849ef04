package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

// Run runs every fault, in the short form of about two minutes or in the long form, and prints a table at the end.
func (s *Suite) Run(t *testing.T) {
	defer s.Table()
	for _, fault := range []func(*testing.T){
		s.killLeader,
		func(t *testing.T) { s.killEach(t, topology.KindPeer) },
		func(t *testing.T) { s.killEach(t, topology.KindChaincode) },
		s.crashGateways,
		s.killGatewaysAtRandom,
		s.stop,
		s.loseQuorum,
		s.cutStream,
		s.fillDisk,
		s.restartAll,
		s.oneKey,
		s.race,
		s.randomActs,
		s.alteredChaincode,
		s.overload,
		s.crosscheck,
	} {
		if fault(t); t.Failed() {
			return
		}
	}
}

// crosscheck has the auditor's tool verify the whole ledger. Besides the product's parsers of packed values, it shares no code
// with the suite's own counting.
func (s *Suite) crosscheck(t *testing.T) {
	t.Run("the auditor's crosscheck of all that", func(t *testing.T) {
		out, err := s.net.Reliefnet("crosscheck")
		require.NoError(t, err, out)
		s.logf("reliefnet crosscheck finds nothing: every hash, signature, endorsement and sum of %d blocks", s.counts[0].next)
	})
}
