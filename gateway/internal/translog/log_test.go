package translog

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
)

func TestThreeAgenciesPublishTheSameCheckpoint(t *testing.T) {
	w := newWorld(t)
	w.published(t, 0)
	leaves := leafHashes(1000)
	w.block(leaves[:1]...)
	w.block()
	w.block(leaves[1:300]...)
	w.published(t, 300)
	w.block(leaves[300:]...)
	w.published(t, 1000)
	root, err := tlog.TreeHash(1000, storedTree(t, leaves))
	require.NoError(t, err)
	agencies, _ := w.agencies(t.Context())
	for _, o := range w.offices {
		c, _ := o.log.Published()
		require.Equal(t, Head{1000, root}, c.Head)
		require.Equal(t, testOrigin+"\n1000\n"+root.String(), body(c.Note))
		opened, err := openCheckpoint(c.Note, testOrigin, agencies)
		require.NoError(t, err)
		require.Len(t, opened.cosigned, 3)
		policy, err := Policy(testOrigin, agencies, "")
		require.NoError(t, err)
		parsed, err := receipt.ParsePolicy([]byte(policy))
		require.NoError(t, err, policy)
		checkpoint, signers, err := receipt.OpenCheckpoint(c.Note, parsed)
		require.NoError(t, err)
		require.EqualValues(t, 1000, checkpoint.Size)
		require.Len(t, signers, 3)
		p, _, ok := o.log.Prove(leaves[299])
		require.True(t, ok)
		require.NoError(t, tlog.CheckRecord(p.Path, 1000, root, 299, leaves[299]))
		_, logged, ok := o.log.Prove(leafHash(5000))
		require.False(t, ok || logged)
		require.Empty(t, o.log.Alerts())
	}
}

func TestAnAgencyAwayIsWaitedForAndCatchesUp(t *testing.T) {
	w := newWorld(t)
	leaves := leafHashes(600)
	w.block(leaves[:200]...)
	w.published(t, 200)
	audit := w.offices[2]
	audit.halt()
	w.block(leaves[200:300]...)
	w.block(leaves[300:600]...)
	for _, o := range w.offices[:2] {
		eventually(t, "signs alone", func() bool { c, ok := o.log.Newest(); return ok && c.Size == 600 })
		_, logged, published := o.log.Prove(leaves[400])
		require.True(t, logged)
		require.False(t, published)
		c, _ := o.log.Published()
		require.EqualValues(t, 200, c.Size)
		eventually(t, "says so", func() bool { s := o.log.Status(); return strings.Contains(s.String(), "AuditMSP cannot be reached") })
	}
	audit.start()
	w.published(t, 600)
}

// whatIsSigned gives the sizes that an office has ever signed, from its disk.
func (o *office) whatIsSigned() (states []Signed) {
	o.t.Helper()
	m, err := openMemory(filepath.Join(o.dir, "signed.db"))
	require.NoError(o.t, err)
	defer m.close()
	states, err = m.signed()
	require.NoError(o.t, err)
	return states
}

func TestAGatewayNeverSignsWhatDoesNotExtend(t *testing.T) {
	for name, c := range map[string]struct {
		kind   AlertKind
		change func(o *office)
	}{
		"a leaf changed in the index while it runs": {ChangedLeaf, func(o *office) {
			o.index.edit(func() { o.index.leaves[99].Hash = leafHash(-1) })
		}},
		"a leaf changed in the index over a restart": {ChangedLeaf, func(o *office) {
			o.halt()
			o.index.leaves[50].Hash = leafHash(-1)
			o.start()
		}},
		"the index and the leaves on disk changed": {NotExtending, func(o *office) {
			o.halt()
			o.index.leaves[50].Hash = leafHash(-1)
			require.NoError(o.t, os.Remove(filepath.Join(o.dir, "leaves.sha256")))
			o.start()
		}},
		"the index rolled back while it runs": {RolledBack, func(o *office) {
			o.index.edit(func() { o.index.leaves = o.index.leaves[:60] })
		}},
		"the index rolled back over a restart": {RolledBack, func(o *office) {
			o.halt()
			o.index.leaves, o.index.height = o.index.leaves[:60], 2
			o.start()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			leaves := leafHashes(200)
			w.block(leaves[:60]...)
			w.published(t, 60)
			w.block(leaves[60:100]...)
			w.published(t, 100)
			finance := w.offices[1]
			last, _ := finance.log.last()
			good := append([]Leaf(nil), finance.index.leaves...)
			c.change(finance)
			alert := finance.alerted(c.kind)
			require.Equal(t, last.Head, alert.Ours, "both are named")
			require.NotEqual(t, alert.Ours, alert.Theirs)
			require.NotZero(t, alert.Theirs.Size)
			w.block(leaves[100:]...)
			for _, o := range []*office{w.offices[0], w.offices[2]} {
				eventually(t, "the others go on", func() bool { c, ok := o.log.Newest(); return ok && c.Size == 200 })
			}
			if strings.HasPrefix(name, "a leaf") {
				same, err := finance.log.Compare(t.Context())
				require.NoError(t, err)
				require.False(t, same)
			}
			finance.halt()
			for _, s := range finance.whatIsSigned() {
				require.LessOrEqual(t, s.Size, int64(100), "nothing was signed")
			}
			// When the index is right again, so is everything.
			finance.index.leaves, finance.index.height = append(good, w.offices[0].index.leaves[100:]...), w.offices[0].index.height
			finance.start()
			w.published(t, 200)
			eventually(t, "the alert is closed and kept", func() bool {
				all := finance.log.Alerts()
				return len(all) > 0 && !finance.log.disputed()
			})
		})
	}
}

func TestEquivocationIsCaught(t *testing.T) {
	w := newWorld(t)
	leaves := leafHashes(20)
	w.block(leaves[:10]...)
	w.published(t, 10)
	audit := w.offices[2]
	other := Head{11, leafHash(-1)}
	_, cosigned := lines(t)
	lie := assemble(other.body(testOrigin), cosigned(audit.msp, other.body(testOrigin), audit.key))
	audit.mu.Lock()
	audit.lies = func(c Cosignatures) Cosignatures {
		c.Checkpoints, c.Published = append(c.Checkpoints, string(lie)), ""
		return c
	}
	audit.mu.Unlock()
	w.block(leaves[10:11]...)
	for _, o := range w.offices[:2] {
		a := o.alerted(Equivocation)
		require.Equal(t, "AuditMSP", a.Agency)
		require.Equal(t, other, a.Theirs)
		require.EqualValues(t, 11, a.Ours.Size)
		require.Equal(t, string(lie), a.Evidence)
		s := o.log.Status()
		require.Contains(t, s.String(), "ALERT equivocation (AuditMSP)")
	}
	w.block(leaves[11:]...)
	eventually(t, "the log is followed", func() bool { return w.offices[0].log.tree.length() == 20 })
	c, _ := w.offices[0].log.Newest()
	require.LessOrEqual(t, c.Size, int64(11), "and nothing more is signed")
	// An alert outlives a restart.
	w.offices[0].halt()
	w.offices[0].start()
	require.True(t, w.offices[0].log.disputed())
	audit.mu.Lock()
	audit.lies = nil
	audit.mu.Unlock()
	w.published(t, 20)
}

func TestAGatewayThatForgotAsksTheOthers(t *testing.T) {
	w := newWorld(t)
	leaves := leafHashes(30)
	w.block(leaves[:20]...)
	w.published(t, 20)
	finance := w.offices[1]
	finance.halt()
	finance.dir = t.TempDir()
	good := finance.index.leaves
	finance.index.leaves, finance.index.height = append([]Leaf(nil), good[:10]...), 1 // as if everything came from an old backup
	finance.index.leaves[9].Hash = leafHash(-1)
	finance.start()
	eventually(t, "what was forgotten is known", func() bool { return finance.log.unrememberedHead().Size == 20 })
	_, signed := finance.log.Newest()
	require.False(t, signed)
	finance.index.edit(func() {
		for _, l := range good[10:] {
			finance.index.leaves = append(finance.index.leaves, Leaf{l.Hash, 2})
		}
		finance.index.height = 3
	})
	a := finance.alerted(Forgotten)
	require.EqualValues(t, 20, a.Ours.Size)
	require.NotEqual(t, a.Ours.Root, a.Theirs.Root)
	_, signed = finance.log.Newest()
	require.False(t, signed)
}

func TestOpenRefuses(t *testing.T) {
	w := newWorld(t)
	w.block(leafHashes(3)...)
	w.published(t, 3)
	agencies, _ := w.agencies(t.Context())
	c, _ := w.offices[0].log.Published()
	good := string(c.Note)
	_, err := openCheckpoint(c.Note, testOrigin, agencies)
	require.NoError(t, err)
	stranger := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	b := Head{3, leafHash(1)}.body(testOrigin)
	signed, cosigned := lines(t)
	negative := strings.Replace(b, "\n3\n", "\n-3\n", 1)
	for name, text := range map[string]string{
		"empty":           "",
		"not a note":      "relieftrail\n",
		"another origin":  strings.Replace(good, testOrigin, "relieftrail.test/other", 1),
		"another size":    strings.Replace(good, "\n3\n", "\n4\n", 1),
		"leading zero":    strings.Replace(good, "\n3\n", "\n03\n", 1),
		"an extra line":   strings.Replace(good, "\n\n", "\nextra\n\n", 1),
		"no signature":    b + "\n",
		"a stranger's":    string(assemble(b, cosigned("AuditMSP", b, stranger))),
		"the log's alone": string(assemble(b, signed(b, w.offices[0].asLog))),
		"too long":        good + strings.Repeat("x", maxNote),
		"a negative size": string(assemble(negative, cosigned("AuditMSP", negative, w.offices[2].key))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openCheckpoint([]byte(text), testOrigin, agencies)
			require.Error(t, err)
		})
	}
}

func FuzzOpen(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public, _ := key.Public().(ed25519.PublicKey)
	agencies := []Agency{{MSPID: "AuditMSP", Keys: []Key{{Public: public}}}}
	h := Head{3, leafHash(1)}
	b := h.body(testOrigin)
	signed, cosigned := lines(f)
	good := assemble(b, signed(b, key), cosigned("AuditMSP", b, key))
	f.Add(good)
	f.Add([]byte(b))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := openCheckpoint(text, testOrigin, agencies)
		if err == nil && o.Head != h {
			t.Fatal("nothing else was signed")
		}
	})
}

func TestAPolicyKeepsEarlierKeys(t *testing.T) {
	key := func(n byte) Key {
		public, _ := ed25519.NewKeyFromSeed(append([]byte{n}, make([]byte, 31)...)).Public().(ed25519.PublicKey)
		return Key{Public: public}
	}
	agencies := []Agency{
		{MSPID: "FinanceMSP", Name: "财政局", NameEn: "Finance", Keys: []Key{key(1), key(2)}, LogKeys: []Key{key(3), key(4)}},
		{MSPID: "AuditMSP", Name: "审计局", NameEn: "Audit", Keys: []Key{key(5)}, LogKeys: []Key{key(6)}},
	}
	text, err := Policy(testOrigin, agencies, "")
	require.NoError(t, err)
	p, err := receipt.ParsePolicy([]byte(text))
	require.NoError(t, err, text)
	require.Len(t, p.Logs, 3)
	require.Len(t, p.Agencies, 3)
	require.Contains(t, text, "group FinanceMSP any 财政局·Finance_(1) 财政局·Finance\n")
	agencies[1].LogKeys = nil
	text, err = Policy(testOrigin, agencies, "")
	require.NoError(t, err)
	require.Empty(t, text, "not before everybody has keys")
}
