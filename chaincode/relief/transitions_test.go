package relief

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// walk tries every act in every state: what the table has leads where it says, all else is WRONG_STATE.
func walk[S ~string](t *testing.T, table []Transition[S], states []S, acts []Act) {
	t.Helper()
	for _, from := range states {
		for _, act := range acts {
			var want []S
			for _, row := range table {
				if row.From == from && row.Act == act {
					want = append(want, row.To)
				}
			}
			require.LessOrEqual(t, len(want), 1, "%s %s leads to one state", from, act)
			to, err := Next(table, from, act)
			if len(want) == 1 {
				require.NoError(t, err)
				require.Equal(t, want[0], to)
				continue
			}
			require.ErrorIs(t, err, &Error{Code: CodeWrongState}, "%s %s", from, act)
		}
	}
	for _, row := range table {
		require.NotEmpty(t, row.Why, "%s %s says why", row.From, row.Act)
		require.Contains(t, states, row.From)
		require.Contains(t, states, row.To)
	}
}

func TestTransitionWalk(t *testing.T) {
	acts := append([]Act{
		actSupersede, actCredited, actReturned, actAgain, actGrant, actRefuse, actAnswerLast, actConfirmKeep, actConfirmExit, actSendBack,
		actUphold, actReverse,
	}, knownActs...)
	walk(t, VersionTransitions, []VersionState{VersionDrafted, VersionInForce, VersionSuperseded, VersionEnded}, acts)
	walk(t, TrancheTransitions, []TrancheState{TrancheIssued, TrancheClosed}, acts)
	walk(t, CaseTransitions, CaseStates, acts)
	walk(t, NeedTransitions, []NeedState{NeedFound, NeedTakenUp, NeedDismissed}, acts)
	walk(t, RollTransitions, []RollState{RollInForce, RollExited}, acts)
	walk(t, BatchTransitions, []BatchState{BatchOpen, BatchSealed, BatchApproved, BatchAuthorised, BatchInstructed, BatchClosed, BatchCancelled}, acts)
	walk(t, LineTransitions, lineStates[:], acts)
}

func TestTransitionsPage(t *testing.T) {
	const page = "../../docs/transitions.md"
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(TransitionsMarkdown()), 0o600))
	}
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, TransitionsMarkdown(), string(b), "go test ./chaincode/relief -run Page -update")
}

// The slots' own decisions agree with the table of a payment's slot.
func TestSlotsFollowTheTable(t *testing.T) {
	for from := range lineStates {
		for _, outcome := range []Outcome{OutcomeCredited, OutcomeReturned} {
			b, seg, in := answeredSlot(uint8(from), outcome)
			after, result, err := Settle(&b, newMonth(t, 1).roll, seg, 0, []SettlementInput{in}, testTx)
			require.NoError(t, err)
			act := actCredited
			if outcome == OutcomeReturned {
				act = actReturned
			}
			to, err := Next(LineTransitions, lineStates[from], act)
			if err != nil {
				require.Zero(t, result.Accepted, "%s %s", lineStates[from], act)
				continue
			}
			require.Equal(t, 1, result.Accepted, "%s %s", lineStates[from], act)
			require.Equal(t, to, lineStates[after.slots[0].state])
		}
	}
}

func answeredSlot(state uint8, outcome Outcome) (Batch, LineSegment, SettlementInput) {
	b := Batch{ID: "b", Programme: "dibao", Region: "530181", Period: Period{2026, 11}, SegmentSize: 1000, State: BatchInstructed}
	seg := LineSegment{batches: []BatchID{"b"}, slots: []lineSlot{{state: state, attempt: 1, amount: 48000, seq: 2}}}
	in := SettlementInput{Seq: 2, Attempt: 1, Outcome: outcome, Amount: 48000, Day: 20000, BankRef: BankRefHash{1}, Salt: [16]byte{1}}
	if outcome == OutcomeReturned {
		in.Reason = [4]byte{'A', 'C', '0', '4'}
	}
	if state == slotFree {
		seg.slots[0] = lineSlot{}
	}
	return b, seg, in
}
