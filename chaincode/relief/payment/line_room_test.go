package payment

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// One official cannot fill a segment's table of batches: those that are emptied again give their places up at once, those that
// hold a line when another official has cancelled them.
func TestASegmentIsNotFilledWithBatches(t *testing.T) {
	for _, emptied := range []bool{true, false} {
		entries, lines := segmentOf(t, 256)
		states := map[relief.BatchID]BatchState{}
		other := func(id relief.BatchID) (BatchState, error) { return states[id], nil }
		var seg LineSegment
		add := func(name string, person int) bool {
			b := Batch{
				ID: relief.BatchID(name), Programme: "dibao", Region: "530181", Period: period(t, "2026-11"), SegmentSize: 1000,
				MinAmount: 1, MaxAmount: 1_000_000, Purpose: PurposeRegular,
			}
			states[b.ID] = BatchOpen
			after, result, err := AddLines(&b, entries, seg, 0, lines[person:person+1], other)
			require.NoError(t, err)
			if result.Accepted == 0 {
				require.Equal(t, relief.LineSegmentFull, result.Refused[0].Code)
				return false
			}
			if seg = after; emptied && name != "last" {
				seg, _ = RemoveLines(&b, after, []int{person})
			}
			_, err = ParseLineSegment(seg.Bytes())
			require.NoError(t, err)
			return true
		}
		for i := range 255 {
			require.True(t, add(fmt.Sprintf("b%d", i), i))
		}
		if !emptied {
			require.False(t, add("last", 255), "each of 255 open batches holds a line")
			states["b7"] = BatchCancelled
		}
		require.True(t, add("last", 255))
		for i, want := range map[int]string{255: "last", 8: "b8"} {
			holder, ok := seg.Holder(i, 1)
			require.Equal(t, !emptied || i == 255, ok)
			if ok {
				require.EqualValues(t, want, holder)
			}
		}
	}
}

// segmentOf is a roll of some people, and a line for each.
func segmentOf(t *testing.T, people int) (roll.Segment, []LineInput) {
	t.Helper()
	var inputs []roll.Input
	var lines []LineInput
	for i := range people {
		ref := relief.NewSubjectRef(1, []byte("key"), relief.IDNumber(fmt.Sprint(i)))
		inputs = append(inputs, roll.Input{
			Seq: uint32(i), Ref: ref, Region: "530181001", Persons: 1, Class: 'A', Amount: 62000, Payee: payeeOf(i),
		})
		lines = append(lines, LineInput{
			Seq: uint32(i), Number: uint32(i), Ref: ref, Region: "530181001", Persons: 1, Amount: 62000, Payee: checkOf(payeeOf(i)),
		})
	}
	parts := []roll.Part{{At: roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 1000}}}
	parts, _, _, err := roll.Import(parts, roll.ImportRule{From: period(t, "2026-01"), Month: 2026*12 + 10}, inputs,
		func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
	require.NoError(t, err)
	return parts[0].Segment, lines
}
