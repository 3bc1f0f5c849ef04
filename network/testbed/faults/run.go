package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

// Run runs all faults, in a short form of about two minutes or in the long one, and prints a table.
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

// crosscheck verifies the whole ledger with the auditor's tool. The tool and the suite count separately, but both read
// values with chaincode/relief.
func (s *Suite) crosscheck(t *testing.T) {
	t.Run("the auditor's crosscheck of all that", func(t *testing.T) {
		out, err := s.net.Reliefnet("crosscheck")
		require.NoError(t, err, out)
		s.logf("reliefnet crosscheck finds nothing: every hash, signature, endorsement and sum of %d blocks", s.counts[0].next)
	})
}
