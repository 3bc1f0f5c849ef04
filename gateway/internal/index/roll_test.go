package index

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
)

// A person moves from one county's roll to another's. The trail has every version, the entry that begins last is the present
// one, and the leaf of a payment has the entry as of then.
func TestPersonWhoMoved(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		id := relief.PaymentID{Programme: "dibao", County: "530181", Number: 3, Period: must(relief.ParsePeriod("2016-01")), Attempt: 1}
		there := func(county relief.Region) roll.SegmentAddr {
			return roll.SegmentAddr{Programme: "dibao", County: county, Size: uint32(s.size)}
		}
		old := must(roll.ParseSegment(s.blocks[1].Transactions[0].Writes[0].Value))
		exited, record, changed, err := roll.Exit(old, there("530181"), 3, roll.Leaving{Reason: "moved", Last: must(relief.ParsePeriod("2016-01"))})
		require.NoError(t, err)
		require.True(t, changed)
		s.add("preparer", "roll:Exit", ledger.Write{Key: relief.RollKey("dibao", "530181", 0).String(), Value: exited.Bytes()})
		input := []roll.Input{{Ref: synthRef(3), Region: "530122001", Persons: 1, Class: 'B', Amount: 40000, Payee: payee}}
		arrived, _, _, err := roll.Import([]roll.Part{{At: there("530122")}}, roll.ImportRule{From: must(relief.ParsePeriod("2016-03"))}, input,
			func(*roll.Input) (roll.Known, error) { return roll.Known{Index: &record}, nil })
		require.NoError(t, err)
		require.Equal(t, 1, arrived[0].Segment.Len())
		s.add("preparer", "roll:Import", ledger.Write{Key: relief.RollKey("dibao", "530122", 0).String(), Value: arrived[0].Segment.Bytes()})
		s.add("preparer", "case:Decide", ledger.Write{Key: relief.RollKey("dibao", "530181", 0).String(), Value: old.Bytes()}) // something of the past

		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		entries, err := ix.Subject(t.Context(), synthRef(3))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, relief.Region("530122"), entries[0].County)
		require.Equal(t, synthRef(3), entries[0].Subject)
		steps, err := ix.SubjectTrail(t.Context(), synthRef(3), "")
		require.NoError(t, err)
		var got []string
		for _, step := range steps {
			got = append(got, step.Act+" "+step.Detail["state"])
		}
		require.Equal(t, []string{"roll.import in_force", "payment.add listed", "payment.settle credited", "roll.exit exited", "roll.import in_force", "case.decide in_force"}, got)
		steps, err = ix.SubjectTrail(t.Context(), synthRef(4), "")
		require.NoError(t, err)
		require.Len(t, steps, 3, "a neighbour's entry has one version")
		leaf, ok, err := ix.LeafOf(t.Context(), id)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, relief.Region("530181103"), leaf.Region)
		require.Equal(t, synthRef(3), leaf.Payment.Subject)
		require.Equal(t, 2, ix.count(t, "entry_versions"))
	})
}

// Credits of neighbours share a row of leaves; each has its own hash and reference, whatever way it is read.
func TestRunsOfLeaves(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 1001, 1)
		ix := open(t, s)
		catchUp(t, ix)
		require.Less(t, ix.count(t, "leaves"), 30)
		var segments [][]payment.LineChange
		for _, settled := range s.blocks[len(s.blocks)-1].Transactions {
			for _, write := range settled.Writes {
				segment := must(payment.ParseLineSegment(write.Value))
				segments = append(segments, segment.Changes(&payment.LineSegment{}))
			}
		}
		var hashes []LeafHash
		for _, limit := range []int{1, runLength - 2, 1, 2, 170, 5000} {
			more, err := ix.LeafHashes(t.Context(), int64(len(hashes)), limit)
			require.NoError(t, err)
			hashes = append(hashes, more...)
			require.LessOrEqual(t, len(more), limit)
		}
		require.Len(t, hashes, int(ix.LeafCount()))
		n := 0
		all := everyPayment(t, ix, PaymentQuery{}, 300)
		require.Len(t, all, 1001)
		for i := range all {
			p := &all[i]
			want := segments[p.Number/1000][p.Number%1000].After
			require.Equal(t, want.BankRef.String(), p.BankRef, p.ID)
			leaf, credited, err := ix.LeafOf(t.Context(), p.ID)
			require.NoError(t, err)
			require.Equal(t, want.State == payment.LineCredited, credited)
			if credited {
				require.Equal(t, LeafHash{want.Leaf, uint64(len(s.blocks) - 1)}, hashes[n])
				require.Equal(t, uint64(n), leaf.N)
				require.Equal(t, want.Leaf[:], leaf.Hash)
				require.Equal(t, hex.EncodeToString(want.Leaf[:]), p.LeafHash)
				require.Equal(t, p.BankRef, leaf.Payment.BankRef)
				n++
			}
		}
		for column, size := range leafWidths {
			var run []byte
			require.NoError(t, ix.db.QueryRowContext(t.Context(), "SELECT "+column+" FROM leaves WHERE n = 0").Scan(&run))
			change := func(by byte) string {
				run[5*size] += by
				_, err := ix.db.ExecContext(t.Context(), "UPDATE leaves SET "+column+" = $1 WHERE n = 0", run)
				require.NoError(t, err)
				return hex.EncodeToString(run[5*size : 6*size])
			}
			wrong := change(1)
			d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
			require.NoError(t, err)
			leaf, _, err := ix.LeafOf(t.Context(), must(relief.ParsePaymentID(strings.TrimPrefix(d.Record, "payment/"))))
			require.NoError(t, err)
			require.Equal(t, uint64(5), leaf.N, "the one leaf that was changed is named")
			require.Equal(t, []string{column, wrong, change(255)}, []string{d.Field, d.Index, d.Ledger})
		}
	})
}
