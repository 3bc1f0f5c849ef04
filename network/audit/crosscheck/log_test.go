package crosscheck

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/registry"
)

func leaf(n int) [32]byte { return sha256.Sum256([]byte{0, byte(n)}) }

// The roots (RFC 6962) of the empty tree and of small trees that the test puts together itself.
func TestTreeHash(t *testing.T) {
	node := func(a, b [32]byte) [32]byte { return sha256.Sum256(append(append([]byte{1}, a[:]...), b[:]...)) }
	leaves := [][32]byte{leaf(0), leaf(1), leaf(2), leaf(3), leaf(4)}
	require.Equal(t, sha256.Sum256(nil), treeHash(nil))
	require.Equal(t, leaves[0], treeHash(leaves[:1]))
	require.Equal(t, node(node(leaf(0), leaf(1)), leaf(2)), treeHash(leaves[:3]))
	require.Equal(t, node(node(node(leaf(0), leaf(1)), node(leaf(2), leaf(3))), leaf(4)), treeHash(leaves))
}

// notary signs checkpoints as three agencies do.
type notary struct {
	log  ed25519.PrivateKey
	keys map[string]ed25519.PrivateKey
}

func newNotary(t *testing.T) *notary {
	t.Helper()
	n := &notary{keys: map[string]ed25519.PrivateKey{}}
	var err error
	_, n.log, err = ed25519.GenerateKey(nil)
	require.NoError(t, err)
	for _, id := range testOrganisations {
		_, n.keys[id], err = ed25519.GenerateKey(nil)
		require.NoError(t, err)
	}
	return n
}

func (n *notary) onLedger() []registry.CosigningKey {
	text := func(k ed25519.PrivateKey) string {
		return base64.StdEncoding.EncodeToString(k.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // it is one
	}
	keys := []registry.CosigningKey{{Agency: "AuditMSP", Key: text(n.log), Use: registry.KeyUseLog}}
	for id, k := range n.keys {
		keys = append(keys, registry.CosigningKey{Agency: id, Key: text(k)})
	}
	return keys
}

func (n *notary) checkpoint(size int, root [32]byte, but string) []byte {
	body := fmt.Sprintf("relieftrail/test\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	line := func(name string, sig []byte) string {
		return "— " + name + " " + base64.StdEncoding.EncodeToString(append([]byte{1, 2, 3, 4}, sig...)) + "\n"
	}
	text := body + "\n" + line("relieftrail/test", ed25519.Sign(n.log, []byte(body)))
	for id, k := range n.keys {
		if id == but {
			continue
		}
		at := binary.BigEndian.AppendUint64(nil, 1_795_000_000)
		text += line(id, append(at, ed25519.Sign(k, []byte("cosignature/v1\ntime 1795000000\n"+body))...))
	}
	return []byte(text)
}

func TestCheckpoint(t *testing.T) {
	n := newNotary(t)
	leaves := [][32]byte{leaf(0), leaf(1), leaf(2)}
	for name, test := range map[string]struct {
		note []byte
		want []Kind
	}{
		"as it should be":           {n.checkpoint(3, treeHash(leaves), ""), nil},
		"an earlier one":            {n.checkpoint(2, treeHash(leaves[:2]), ""), nil},
		"another root":              {n.checkpoint(3, leaf(9), ""), []Kind{Log}},
		"more than the blocks have": {n.checkpoint(4, leaf(9), ""), []Kind{Log}},
		"a cosignature missing":     {n.checkpoint(3, treeHash(leaves), "FinanceMSP"), []Kind{Cosignature}},
		"signed by other people":    {newNotary(t).checkpoint(3, treeHash(leaves), ""), []Kind{Cosignature, Cosignature, Cosignature, Cosignature}},
		"not a checkpoint":          {[]byte("<html>"), []Kind{Log}},
		"malformed signatures":      {[]byte("a\n1\n" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + "\n\n— x !\n"), []Kind{Log}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := New([]Source{w.sources()[0], w.sources()[1]}, Options{Chaincode: testChaincode})
			c.replay.ledger.Leaves, c.replay.ledger.Statements, c.replay.ledger.Keys = leaves, [][32]byte{leaf(7)}, n.onLedger()
			c.Checkpoint("audit", OfPayments, test.note)
			c.Checkpoint("audit", OfStatements, n.checkpoint(1, leaf(7), ""))
			var got []Kind
			for _, f := range c.findings {
				got = append(got, f.Kind)
				require.Equal(t, []string{"audit"}, f.Organisations)
			}
			require.Equal(t, test.want, got)
		})
	}
}

// What a retired key signs beyond its last size is no signature.
func TestRetiredKeysSignNoMore(t *testing.T) {
	n := newNotary(t)
	leaves := [][32]byte{leaf(0), leaf(1), leaf(2)}
	p, err := parseCheckpoint(n.checkpoint(3, treeHash(leaves), ""))
	require.NoError(t, err)
	for until, counts := range map[int64]bool{2: false, 3: true} {
		keys := n.onLedger()
		for i := range keys {
			keys[i].UntilSize, keys[i].UntilStatements = until, 5-until
		}
		cosigned, log := p.signers(OfPayments, keys)
		_, other := p.signers(OfStatements, keys)
		require.Equal(t, !counts, other)
		require.Equal(t, counts, log)
		for _, id := range testOrganisations {
			require.Equal(t, counts, cosigned[id])
		}
	}
}
