package translog

import (
	"crypto/ed25519"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief/registry"
)

// A retired key signs the log up to its last size: the policy, the trust and the checkpoints of others say the same.
func TestRetiredKeysSignNoMore(t *testing.T) {
	private := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(append([]byte{n}, make([]byte, 31)...)) }
	key := func(n byte, until int64) Key { return Key{private(n).Public().(ed25519.PublicKey), until} }
	agencies := []Agency{
		{MSPID: "FinanceMSP", Name: "财政局", NameEn: "Finance", Keys: []Key{key(1, 3), key(2, 0)}, LogKeys: []Key{key(3, 3), key(4, 0)}},
		{MSPID: "AuditMSP", Name: "审计局", NameEn: "Audit", Keys: []Key{key(5, 0)}, LogKeys: []Key{key(6, 0)}},
	}
	trust, err := newTrust(testOrigin, agencies)
	require.NoError(t, err)
	require.Len(t, trust.Agencies[0].Retired, 2)
	require.Equal(t, int64(3), trust.Agencies[0].Retired[0].UntilSize)
	signed, cosigned := lines(t)
	for _, c := range []struct {
		size               int64
		log, finance       byte
		accepted, byOthers bool
	}{
		{3, 3, 1, true, true}, {3, 4, 2, true, true}, {4, 4, 2, true, true},
		{4, 4, 1, false, false}, // the retired cosigning key
		{4, 3, 2, false, true},  // the retired key of the log; cosignatures are what gateways fetch
	} {
		body := Head{c.size, leafHash(1)}.body(testOrigin)
		text := assemble(body, signed(body, private(c.log)), cosigned("FinanceMSP", body, private(c.finance)), cosigned("AuditMSP", body, private(5)))
		require.Equal(t, c.accepted, trust.accepts(text), "%+v", c)
		o, err := openCheckpoint(text, testOrigin, agencies)
		require.NoError(t, err)
		require.Equal(t, c.byOthers, o.cosigned["FinanceMSP"] != "", "%+v", c)
	}
	require.True(t, hasKey(agencies[0].Keys, private(1), 3))
	require.False(t, hasKey(agencies[0].Keys, private(1), 4))
}

// The registry takes as many keys as a policy file holds.
func TestAPolicyHoldsAllKeysOfARegistry(t *testing.T) {
	require.Equal(t, receipt.MaxPolicyKeys, registry.MaxKeys)
	var agencies []Agency
	for i, msp := range []string{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"} {
		a := Agency{MSPID: msp, Name: "局", NameEn: msp}
		for n := range 10 {
			seed := make([]byte, 32)
			seed[0], seed[1] = byte(i+1), byte(n)
			public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
			seed[2] = 1
			log, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
			until := int64(n + 1)
			if n == 9 {
				until = 0
			}
			a.Keys, a.LogKeys = append(a.Keys, Key{public, until}), append(a.LogKeys, Key{log, until})
		}
		agencies = append(agencies, a)
	}
	_, err := newTrust(testOrigin, agencies)
	require.NoError(t, err)
}

// A gateway that has lost what it signed, and reaches nobody, signs nothing.
func TestNothingIsSignedBeforeOthersHaveAnswered(t *testing.T) {
	l := &Log{Options: Options{Peers: []Peer{{MSPID: "AuditMSP"}, {MSPID: "FinanceMSP"}}}, log: slog.New(slog.DiscardHandler), peers: map[string]PeerState{}}
	l.now = time.Now
	l.setPeer(t.Context(), l.Peers[0], 0, errors.New("unreachable"))
	l.setPeer(t.Context(), l.Peers[1], 0, nil)
	require.False(t, l.peersAsked())
	l.setPeer(t.Context(), l.Peers[0], 0, nil)
	l.setPeer(t.Context(), l.Peers[1], 0, errors.New("unreachable")) // it has told before
	require.True(t, l.peersAsked())
}
