package crosscheck

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/stretchr/testify/require"
)

// story is a small ledger without faults.
func story(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.add(spec{writes: map[string]string{"a": "1", "b": "2"}})
	w.add(spec{reads: []string{"a", "c"}, writes: map[string]string{"a": "2"}}, spec{reads: []string{"b"}, writes: map[string]string{"b": ""}})
	w.add(spec{reads: []string{"a"}, version: &version{2, 0}, writes: map[string]string{"a": "3"}, flag: peer.TxValidationCode_MVCC_READ_CONFLICT},
		spec{reads: []string{"b"}, writes: map[string]string{"b": "3"}})
	w.add(spec{writes: map[string]string{"d": "1"}})
	return w
}

func TestSoundLedgerHasNoFindings(t *testing.T) {
	w := story(t)
	r := check(t, w.sources()...)
	require.Empty(t, r.Findings)
	require.EqualValues(t, 5, r.Count.Blocks)
	require.EqualValues(t, 7, r.Count.Transactions)
	require.EqualValues(t, 5, r.Count.Valid)
	require.EqualValues(t, 24, r.Count.Signatures)
	require.Empty(t, check(t, w.sources()[0]).Findings, "one copy alone")
}

// expected is what a finding must contain.
type expected struct {
	kind          Kind
	block         uint64
	transaction   int // -1: the block as a whole
	organisations []string
}

func requireFinding(t *testing.T, r *Report, want expected) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Kind == want.kind && f.Block != nil && *f.Block == want.block && (f.Transaction == nil) == (want.transaction < 0) &&
			(f.Transaction == nil || *f.Transaction == want.transaction) && len(f.Organisations) == len(want.organisations) {
			require.Equal(t, want.organisations, f.Organisations)
			return
		}
	}
	require.Fail(t, "not found", "%v among %v", want, r.Findings)
}

// A difference in one peer's copy is found and that peer is named.
func TestOnePeerDiffers(t *testing.T) {
	finance := []string{"finance"}
	for name, test := range map[string]struct {
		change func(m *memory)
		want   expected
	}{
		"a byte of a transaction": {
			func(m *memory) { m.blocks[2].Data[1][40] ^= 1 }, expected{Different, 2, 1, finance},
		},
		"the data hash of the same change": {
			func(m *memory) { m.blocks[2].Data[1][40] ^= 1 }, expected{DataHash, 2, -1, finance},
		},
		"a missing transaction": {
			func(m *memory) { m.blocks[2].Data = m.blocks[2].Data[:1] }, expected{Different, 2, -1, finance},
		},
		"a flag": {
			func(m *memory) { m.blocks[3].flags()[0] = 0 }, expected{Different, 3, 0, finance},
		},
		"the commit hash": {
			func(m *memory) { m.blocks[3].metadata(common.BlockMetadataIndex_COMMIT_HASH)[5] ^= 1 }, expected{Different, 3, -1, finance},
		},
		"the orderer's signature": {
			func(m *memory) {
				b := m.blocks[3].metadata(common.BlockMetadataIndex_SIGNATURES)
				b[len(b)-3] ^= 1
			}, expected{BlockSignature, 3, -1, finance},
		},
		"the header": {
			func(m *memory) { m.blocks[3].PreviousHash[0] ^= 1 }, expected{PreviousHash, 3, -1, finance},
		},
		"another block under its number": {
			func(m *memory) { m.blocks[3] = m.blocks[2] }, expected{WrongNumber, 3, -1, finance},
		},
		"a block that it cannot read": {
			func(m *memory) { m.errs[2] = errors.New("unexpected end") }, expected{Unreadable, 2, -1, finance},
		},
		"blocks that it does not give": {
			func(m *memory) { m.errs[3], m.errs[4] = errors.New("gone"), errors.New("gone") }, expected{Unreadable, 3, -1, finance},
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := story(t).sources()
			test.change(all[2])
			r := check(t, all...)
			requireFinding(t, r, test.want)
			for _, f := range r.Findings {
				require.Equal(t, finance, f.Organisations, "nobody else is named: %s", f)
			}
			require.Empty(t, r.NotChecked, "the others' copies are enough for the rest")
		})
	}
}

func TestPeerBehindTheOthers(t *testing.T) {
	all := story(t).sources()
	all[1].blocks = all[1].blocks[:3]
	r := check(t, all...)
	require.Len(t, r.Findings, 1)
	require.Equal(t, Behind, r.Findings[0].Kind)
	require.Equal(t, []string{"civil-affairs"}, r.Findings[0].Organisations)
	require.EqualValues(t, 3, r.Until)
}

// Transactions that all peers have alike and that an honest network would have refused.
func TestInvalidTransactionOnAllPeers(t *testing.T) {
	put := map[string]string{"x": "1"}
	for name, test := range map[string]struct {
		spec func(w *world) spec
		want Kind
	}{
		"an endorsement is missing": {func(w *world) spec { return spec{writes: put, endorsers: w.endorsers()[1:]} }, MissingEndorsement},
		"one organisation endorses twice": {func(w *world) spec {
			return spec{writes: put, endorsers: []*signer{w.orgs["AuditMSP"].peer, w.orgs["AuditMSP"].peer, w.orgs["FinanceMSP"].peer}}
		}, MissingEndorsement},
		"a client endorses": {func(w *world) spec {
			return spec{writes: put, endorsers: append(w.endorsers()[:2:2], w.orgs["FinanceMSP"].client)}
		}, MissingEndorsement},
		"an endorser of another authority": {func(w *world) spec {
			ca := newSigner(w.t, "FinanceMSP", "ca", "", nil, w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))
			foreign := newSigner(w.t, "FinanceMSP", "peer", "peer", ca, w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))
			return spec{writes: put, endorsers: append(w.endorsers()[:2:2], foreign)}
		}, Endorsement},
		"what was endorsed is changed": {func(*world) spec {
			return spec{writes: put, tamper: func(r *peer.ProposalResponsePayload, _ *common.Header) { r.ProposalHash[0] ^= 1 }}
		}, ProposalHash},
		"another id": {func(*world) spec {
			return spec{writes: put, id: "00000000000000000000000000000000000000000000000000000000000000ff"}
		}, TransactionID},
		"a creator of an unknown organisation": {func(w *world) spec {
			ca := newSigner(w.t, "OtherMSP", "ca", "", nil, w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))
			return spec{writes: put, creator: newSigner(w.t, "OtherMSP", "x", "client", ca, w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))}
		}, Creator},
		"a creator whose certificate has run out": {func(w *world) spec {
			old := newSigner(w.t, "FinanceMSP", "old", "client", w.orgs["FinanceMSP"].ca, w.now.AddDate(-1, 0, 0), w.now.AddDate(0, 0, -1))
			return spec{writes: put, creator: old}
		}, Creator},
		"a creator without a role": {func(w *world) spec {
			none := newSigner(w.t, "FinanceMSP", "none", "clerk", w.orgs["FinanceMSP"].ca, w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0))
			return spec{writes: put, creator: none}
		}, Creator},
		"the creator has not signed it": {func(w *world) spec {
			return spec{writes: put, after: func(e *common.Envelope) { e.Signature = w.orgs["FinanceMSP"].client.sign(e.Payload) }}
		}, CreatorSignature},
		"valid although a value that it read has changed": {func(*world) spec {
			return spec{writes: put, reads: []string{"a"}, version: &version{2, 0}}
		}, Flag},
		"refused although no value has changed": {func(*world) spec {
			return spec{writes: put, reads: []string{"a"}, flag: peer.TxValidationCode_MVCC_READ_CONFLICT}
		}, Flag},
		"refused as a repetition of nothing": {func(*world) spec {
			return spec{writes: put, flag: peer.TxValidationCode_DUPLICATE_TXID}
		}, Flag},
		"a flag that means nothing": {func(*world) spec { return spec{writes: put, flag: 200} }, Flag},
	} {
		t.Run(name, func(t *testing.T) {
			w := story(t)
			w.add(spec{writes: map[string]string{"y": "1"}}, test.spec(w))
			r := check(t, w.sources()...)
			requireFinding(t, r, expected{test.want, 5, 1, nil})
			for _, f := range r.Findings {
				require.EqualValues(t, 5, *f.Block)
				require.Equal(t, 1, *f.Transaction, "only the transaction that is wrong: %s", f)
			}
		})
	}
}

func TestRepeatedTransaction(t *testing.T) {
	w := story(t)
	raw := w.transaction(spec{writes: map[string]string{"z": "1"}})
	w.seal([][]byte{raw}, []byte{0})
	w.seal([][]byte{raw}, []byte{byte(peer.TxValidationCode_DUPLICATE_TXID)})
	require.Empty(t, check(t, w.sources()...).Findings, "the second is refused, as it should be")
	w.seal([][]byte{raw}, []byte{0})
	requireFinding(t, check(t, w.sources()...), expected{RepeatedID, 7, 0, nil})
}

// A block that is signed by an orderer of an unknown authority is found in every copy.
func TestBlockSignedByAForeignOrderer(t *testing.T) {
	w := story(t)
	last := &w.blocks[4]
	w.order(last, w.orgs["AuditMSP"].orderer)
	require.Empty(t, check(t, w.sources()...).Findings, "another orderer's signature is as good")
	foreign := newSigner(t, "AuditMSP", "orderer", "orderer", newSigner(t, "AuditMSP", "ca", "", nil, w.now, w.now.AddDate(1, 0, 0)), w.now, w.now.AddDate(1, 0, 0))
	w.order(last, foreign)
	r := check(t, w.sources()...)
	requireFinding(t, r, expected{BlockSignature, 4, -1, []string{"audit"}})
	require.Len(t, r.Findings, 3, "each has its own signature")
}

// The channel of this test takes every member's signature of a block, as a channel made carelessly would. The auditor still
// wants an orderer's.
func TestBlockSignedByAnOfficial(t *testing.T) {
	w := story(t)
	w.order(&w.blocks[4], w.orgs["CivilAffairsMSP"].client)
	r := check(t, w.sources()...)
	requireFinding(t, r, expected{BlockSignature, 4, -1, []string{"audit"}})
	require.Len(t, r.Findings, 3, "each copy has it")
	require.Contains(t, r.Findings[0].String(), "no orderer")
}

// The commit hash shows a changed flag even when there is only one copy.
func TestOneCopyAlone(t *testing.T) {
	one := story(t).sources()[0]
	one.blocks[3].flags()[1] = byte(peer.TxValidationCode_ENDORSEMENT_POLICY_FAILURE)
	requireFinding(t, check(t, one), expected{CommitHash, 3, -1, []string{"audit"}})
}

// One random bit of every byte of a block is changed in turn: each change is found in a single copy.
func TestEveryChangedByteIsFound(t *testing.T) {
	w := story(t)
	c, err := newConfiguration(testChannel, w.config)
	require.NoError(t, err)
	const n = 4
	raw := appendBlock(nil, &w.blocks[n])
	previous, commit := w.blocks[n-1].Hash(), w.blocks[n-1].commitHash()
	hash := w.blocks[n].Hash()
	sound := func(raw []byte) bool {
		b, err := ParseBlock(raw)
		if err != nil || b.Number != n || !bytes.Equal(b.PreviousHash, previous[:]) || b.Hash() != hash {
			return false
		}
		if sum := b.sumData(); !bytes.Equal(sum[:], b.DataHash) {
			return false // the header fits: the signatures need not be checked
		}
		v := c.verify(b)
		if len(v.findings) > 0 || len(c.checkSignatures(&b, 0, v.when())) > 0 {
			return false
		}
		want, ok := nextCommitHash(commit, v)
		return ok && bytes.Equal(want[:], b.commitHash())
	}
	require.True(t, sound(raw))
	var group sync.WaitGroup
	missed := make(chan int, len(raw))
	const parts = 8
	for part := range parts {
		group.Go(func() {
			for i := part; i < len(raw); i += parts {
				changed := bytes.Clone(raw)
				changed[i] ^= 1 << rand.IntN(8)
				if sound(changed) {
					missed <- i
				}
			}
		})
	}
	group.Wait()
	close(missed)
	for i := range missed {
		t.Errorf("byte %d of %d: the change is not found", i, len(raw))
	}
}

func TestBeginAndResume(t *testing.T) {
	w := story(t)
	list := func() (out []Source) {
		for _, s := range w.sources() {
			out = append(out, s)
		}
		return out
	}
	later := New(list(), Options{Chaincode: testChaincode})
	require.NoError(t, later.Begin(t.Context(), 3))
	require.NoError(t, later.To(t.Context(), 5))
	r := later.Report(3, 0)
	require.Empty(t, r.Findings)
	require.NotEmpty(t, r.NotChecked)

	first := New(list(), Options{Chaincode: testChaincode})
	require.NoError(t, first.To(t.Context(), 3))
	var file bytes.Buffer
	require.NoError(t, first.Keep(&file))
	second := New(list(), Options{Chaincode: testChaincode})
	require.NoError(t, second.Resume(bytes.NewReader(file.Bytes())))
	require.EqualValues(t, 3, second.Next())
	require.NoError(t, second.To(t.Context(), 5))
	whole := check(t, w.sources()...)
	got := second.Report(0, time.Second)
	got.Peers, whole.Peers = nil, nil
	require.Equal(t, whole, got, "as if it had been one run")
	for cut := range file.Len() {
		require.Error(t, New(list(), Options{}).Resume(bytes.NewReader(file.Bytes()[:cut])))
	}
}

// blockFile writes a world's blocks as a peer does.
func (w *world) blockFile() []byte {
	var content []byte
	for i := range w.blocks {
		content = appendField(content, appendBlock(nil, &w.blocks[i]))
	}
	return content
}

func TestBlockFiles(t *testing.T) {
	w := story(t)
	content := w.blockFile()
	read := func(content []byte) *Report {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "blockfile_000000"), content, 0o600))
		files, err := OpenFiles("copy", dir)
		require.NoError(t, err)
		c := New([]Source{files}, Options{Chaincode: testChaincode})
		require.NoError(t, c.To(t.Context(), c.Heights(t.Context())))
		return c.Report(0, 0)
	}
	r := read(content)
	require.Empty(t, r.Findings)
	require.EqualValues(t, 5, r.Until)

	at := bytes.Index(content, appendBlock(nil, &w.blocks[2])) // the length of block 2 lies before it
	changed := bytes.Clone(content)
	changed[at-1] ^= 0x10
	r = read(changed)
	requireFinding(t, r, expected{Unreadable, 2, -1, []string{"copy"}})
	require.EqualValues(t, 5, r.Until, "the later blocks are found again")
	require.NotEmpty(t, read(content[:len(content)-10]).Findings, "a file that is cut off")
}
