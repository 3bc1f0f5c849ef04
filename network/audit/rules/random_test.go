package rules

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
)

// Whatever random officials do, every rule holds after each act, and what is on the ledger can be read. RELIEF_ACTS sets how many
// acts and RELIEF_ACTS_SEED which; scripts/test --faults does a million. Of each function that writes some acts must be done:
// otherwise the test asks for the wrong things.
func TestRulesHoldAfterRandomActs(t *testing.T) {
	total, err := randomacts.Count(enough)
	require.NoError(t, err)
	first, err := randomacts.Seed(1)
	require.NoError(t, err)
	const round = 5_000 // a ledger keeps its blocks: a new one now and then
	tally, done, tried := map[string]*randomacts.Outcome{}, 0, 0
	for seed := first; tried < total; seed++ {
		w := newRandomWorld(t, seed)
		for w.acts.Done+w.acts.Refused < min(round, total-tried) {
			w.step()
		}
		for _, p := range w.PaidTwice() {
			t.Fatalf("seed %d: %v", seed, p)
		}
		tried += w.acts.Done + w.acts.Refused
		done += w.acts.Done
		if seed%20 == 0 {
			t.Logf("to seed %d: %d acts, %d done", seed, tried, done)
		}
		for function, n := range w.acts.Tally {
			if tally[function] == nil {
				tally[function] = &randomacts.Outcome{}
			}
			tally[function].Done += n.Done
			tally[function].Refused += n.Refused
		}
	}
	for _, function := range slices.Sorted(maps.Keys(tally)) {
		n := tally[function]
		t.Logf("%-32s %7d done %7d refused", function, n.Done, n.Refused)
		if n.Done == 0 && n.Refused > 200 {
			t.Errorf("%s was refused %d times and never done", function, n.Refused)
		}
	}
	for _, row := range api.Rows() {
		if n := tally[row.Name]; !row.ReadOnly && (n == nil || n.Done == 0) && tried >= enough {
			t.Errorf("%s was never done", row.Name)
		}
	}
	t.Logf("of %d acts %d were done", tried, done)
	require.Greater(t, done, tried/3, "the test asks for the wrong things")
}

// enough is how many acts have some of every function among them.
const enough = 6_000

// randomWorld is a ledger on which random officials act, and what follows from its blocks.
type randomWorld struct {
	*State
	t      *testing.T
	seed   uint64
	ledger *fakeledger.Ledger
	acts   *randomacts.Acts
	height uint64
	known  map[fakeledger.Creator]Tx

	before func(by *Tx, records []Record) // of each transaction
}

func newRandomWorld(t *testing.T, seed uint64) *randomWorld {
	t.Helper()
	ledger, acts, err := fakeledger.RandomActs(seed)
	require.NoError(t, err)
	w := &randomWorld{State: NewState(), t: t, seed: seed, ledger: ledger, acts: acts, known: map[fakeledger.Creator]Tx{}}
	w.follow()
	return w
}

func (w *randomWorld) step() {
	w.t.Helper()
	if err := w.acts.Step(); err != nil {
		w.t.Fatalf("seed %d, act %d: %v", w.seed, w.acts.Done+w.acts.Refused, err)
	}
	w.follow()
}

// follow applies the rules to what new blocks have written.
func (w *randomWorld) follow() {
	w.t.Helper()
	for ; w.height < w.ledger.Height(); w.height++ {
		block, _ := w.ledger.Block(w.height)
		for i := range block.Txs {
			tx := &block.Txs[i]
			by := w.by(tx)
			var records []Record
			for _, write := range tx.Writes {
				k, ok := relief.ParseKey(write.Key)
				if !ok || k.Name() == "" {
					w.t.Fatalf("%q is no key of the layout", write.Key)
				}
				r := Record{Key: k, Name: write.Key, Value: write.Value}
				if write.IsDelete {
					r.Value = nil
				}
				records = append(records, r)
			}
			if w.before != nil {
				w.before(&by, records)
			}
			for _, p := range w.Apply(&by, records) {
				w.t.Fatalf("seed %d, block %d: %s by %s with %v: %v", w.seed, w.height, tx.Function, by.Creator.Name, tx.Args, p)
			}
		}
	}
}

// by is a transaction with its sender, as the certificate says.
func (w *randomWorld) by(tx *fakeledger.Tx) Tx {
	w.t.Helper()
	by, ok := w.known[tx.Creator]
	if !ok {
		block, _ := pem.Decode([]byte(tx.Creator.Cert))
		cert, err := x509.ParseCertificate(block.Bytes)
		require.NoError(w.t, err)
		by = *By("", tx.Creator.MSPID, cert.Subject.CommonName, fmt.Sprintf("%x", cert.SerialNumber))
		w.known[tx.Creator] = by
	}
	by.ID = tx.ID
	return by
}
