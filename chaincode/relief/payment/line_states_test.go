package payment

import (
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

// The slots' own decisions agree with the table of a payment's slot.
func TestSlotsFollowTheTable(t *testing.T) {
	for from := range lineStates {
		for _, outcome := range []Outcome{OutcomeCredited, OutcomeReturned} {
			b, seg, in := answeredSlot(uint8(from), outcome)
			after, result, err := RecordAnswers(&b, newMonth(t, 1).roll, seg, 0, []AnswerInput{in}, testTx)
			require.NoError(t, err)
			act := actCredited
			if outcome == OutcomeReturned {
				act = actReturned
			}
			to, err := relief.Next(LineTransitions, lineStates[from], act)
			if err != nil {
				require.Zero(t, result.Accepted, "%s %s", lineStates[from], act)
				continue
			}
			require.Equal(t, 1, result.Accepted, "%s %s", lineStates[from], act)
			require.Equal(t, to, lineStates[after.slots[0].state])
		}
	}
}

func answeredSlot(state uint8, outcome Outcome) (Batch, LineSegment, AnswerInput) {
	b := Batch{ID: "b", Programme: "dibao", Region: "530181", Period: monthOf(2026, 11), SegmentSize: 1000, State: BatchInstructed}
	seg := LineSegment{batches: []relief.BatchID{"b"}, slots: []lineSlot{{state: state, attempt: 1, amount: 48000, seq: 2}}}
	in := AnswerInput{Seq: 2, Attempt: 1, Outcome: outcome, Amount: 48000, Day: 20000, BankRef: relief.BankRefHash{1}, Salt: [16]byte{1}}
	if outcome == OutcomeReturned {
		in.Reason = [4]byte{'A', 'C', '0', '4'}
	}
	if state == slotFree {
		seg.slots[0] = lineSlot{}
	}
	return b, seg, in
}
