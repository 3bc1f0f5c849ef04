// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/fakeledger/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"
)

// What any act accepts, the contracts read again: whatever the acts are, random ones with values at and beyond every bound, each
// value on the ledger can be read, and no act ends with CORRUPT. RELIEF_ACTS sets how many.
func TestWhatIsAcceptedCanBeRead(t *testing.T) {
	total, err := randomacts.Count(3_000)
	if err != nil {
		t.Fatal(err)
	}
	const round = 5_000 // a ledger keeps its blocks: a new one now and then
	done := 0
	for n := 0; n*round < total && !t.Failed(); n++ {
		w := newWorld(t, fakeledger.Endorsers(1))
		acts, err := randomacts.On(w.Ledger, uint64(n))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < round && n*round+i < total; i++ {
			from := w.Height()
			if err := acts.Step(); err != nil {
				t.Fatal(err)
			}
			w.requireReadable(from)
		}
		done += acts.Done
	}
	t.Logf("of %d acts %d were done", total, done)
	if done < total/3 {
		t.Errorf("only %d of %d acts were done: the test asks for the wrong things", done, total)
	}
}

// requireReadable holds what the blocks from a number on wrote against the readers of its kind.
func (w *world) requireReadable(from uint64) {
	w.t.Helper()
	for n := from; n < w.Height(); n++ {
		block, _ := w.Block(n)
		for _, write := range block.Txs[0].Writes {
			k, ok := relief.ParseKey(write.Key)
			if !ok || k.Name() == "" {
				w.t.Fatalf("%q is no key of the layout", write.Key)
			}
			if write.IsDelete {
				continue
			}
			if err := stored.Check(k, write.Value); err != nil {
				w.t.Fatalf("%s: %v", block.Txs[0].Function, err)
			}
		}
	}
}
