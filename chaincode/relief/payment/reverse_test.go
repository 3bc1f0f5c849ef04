package payment

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// reverse changes recorded answers, and brings batch and tranche up to date.
func (m *month) reverse(answers ...AnswerInput) error { return m.reverseWhere(everything, answers...) }

func (m *month) reverseWhere(other BatchLookup, answers ...AnswerInput) error {
	m.t.Helper()
	values := []Value{{ValueAddr: ownLines(&m.b, 0), Payments: &m.lines}}
	var of []Reversed
	for _, in := range answers {
		id := relief.PaymentID{Programme: "dibao", County: "530181", Number: in.Number, Period: m.b.Period, Attempt: in.Attempt}
		in.Attempt = 0
		of = append(of, Reversed{id, in})
	}
	if _, err := Reverse(&m.b, m.roll, 0, values, of, testTx, other, true); err != nil {
		return err
	}
	after, err := Reverse(&m.b, m.roll, 0, values, of, testTx, other, false)
	if err != nil {
		return err
	}
	lines := *after[0].Payments.(*LineSegment) //nolint:forcetypeassert // the lines
	before := m.lines
	m.lines = lines
	b, tr, err := ReverseBatch(m.b, m.tr, m.count(), by(cashier))
	if err != nil {
		m.lines = before
		return err
	}
	m.b, m.tr = b, tr
	back, err := ParseLineSegment(m.lines.Bytes())
	require.NoError(m.t, err)
	require.Equal(m.t, m.lines.Bytes(), back.Bytes())
	m.tells(&before, of)
	return nil
}

// tells looks that who follows the ledger sees each payment that a reversal changed, also an earlier attempt.
func (m *month) tells(before *LineSegment, of []Reversed) {
	m.t.Helper()
	changes := m.lines.Changes(before)
	for i := range of {
		require.True(m.t, slices.ContainsFunc(changes, func(c LineChange) bool {
			return c.After.Attempt == of[i].Payment.Attempt && c.Before.Attempt == c.After.Attempt && c.Before.State != c.After.State
		}), "%v", changes)
	}
}

// What was marked as returned although the bank paid it is credited, with a leaf of its own.
func TestAWrongReturnMarkIsCredited(t *testing.T) {
	for _, closed := range []bool{false, true} {
		m := newMonth(t, 2)
		m.open("b", "", 2, 96000)
		m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
		m.sealToInstruct()
		m.settle(credited(0, 1), returned(1, 1))
		if closed {
			var err error
			m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
			require.NoError(t, err)
		}
		before := m.lines
		unsalted := credited(1, 1)
		unsalted.Salt = [16]byte{}
		require.ErrorIs(t, m.reverse(unsalted), &relief.Error{Code: relief.CodeInvalid})
		other := credited(1, 1)
		other.Amount++
		require.ErrorIs(t, m.reverse(other), &relief.Error{Code: relief.CodeInvalid}, "another sum changes nothing")
		require.ErrorIs(t, m.reverse(credited(1, 2)), &relief.Error{Code: relief.CodeNotFound})
		require.ErrorIs(t, m.reverse(credited(0, 1)), &relief.Error{Code: relief.CodeWrongState}, "it is credited")
		require.NoError(t, m.reverse(credited(1, 1)))
		require.Equal(t, fund.Balances{Issued: 10000000, Paid: 96000, Available: 9904000}, m.tr[0].Balances)
		fresh := NewCredits(&m.lines, &before, m.b.SegmentAddr(0), m.b.Period, m.roll)
		require.Len(t, fresh, 1)
		require.Equal(t, uint32(1), fresh[0].Leaf.Payment.Number)
		require.NoError(t, m.reverse(returned(1, 1)), "and the bank takes it back")
		require.NoError(t, m.reverse(credited(1, 1)), "and withdraws that")
		require.Equal(t, 2, m.b.Totals.Credited)
	}
}

// What was paid again is not credited for the first time, too: the person would have it twice.
func TestWhatWasPaidAgainIsNotCredited(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	m.settle(returned(0, 1))
	first := m.b
	in := func(state BatchState) BatchLookup {
		return func(relief.BatchID) (BatchState, error) { return state, nil }
	}
	m.open("again", PurposePayAgain, 1, 48000)
	m.add(everything, line(2, 0, 48000))
	again := m.b
	m.b = first
	tranches := m.tr
	for state, todo := range map[BatchState]string{
		BatchOpen: "take that line out", BatchSealed: "cancel it", BatchAuthorised: "cancel it", BatchInstructed: "classify the entry as a mistake",
	} {
		err := m.reverseWhere(in(state), credited(0, 1))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict}, state)
		require.ErrorContains(t, err, todo)
		require.ErrorContains(t, err, "dibao-530181-0000000-202611-2")
	}
	listed := m.lines
	require.NoError(t, m.reverseWhere(in(BatchCancelled), credited(0, 1)), "a cancelled batch pays nobody")
	require.Equal(t, uint8(1), m.lines.Attempt(0), "the slot has the first payment again")
	require.Empty(t, m.lines.old)

	m.lines, m.b, m.tr = listed, again, tranches
	m.sealToInstruct()
	m.settle(credited(0, 2))
	paidAgain := m.b
	m.b = first
	require.ErrorContains(t, m.reverseWhere(in(BatchInstructed), credited(0, 1)), "the person has it twice")

	m.b = paidAgain
	require.NoError(t, m.reverse(returned(0, 2)), "the second one came back")
	m.b = first
	require.NoError(t, m.reverseWhere(in(BatchInstructed), credited(0, 1)))
	sums, err := m.lines.SumsIn(0, in(BatchInstructed))
	require.NoError(t, err)
	require.Equal(t, Sums{Credited: 48000}, sums)
}

// Money that came back and was used since is not there for a payment that the bank did make.
func TestWhatCameBackAndWasUsed(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	m.settle(returned(0, 1))
	var err error
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	m.tr[0].Balances.Reserved, m.tr[0].Balances.Available = 9_990_000, 10_000
	err = m.reverse(credited(0, 1))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeFunds})
	require.ErrorContains(t, err, "top it up")
	m.tr[0].State = fund.TrancheClosed
	err = m.reverse(credited(0, 1))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeFunds})
	require.ErrorContains(t, err, "mistake")
}

// A transfer of several payments, of which one is a top-up, is reversed whole, each payment with its own leaf.
func TestATransferIsReversedWhole(t *testing.T) {
	f := Further{batches: []relief.BatchID{"b"}, entries: []furtherEntry{
		{position: 0, lineSlot: lineSlot{state: slotReturned, attempt: 2, kind: relief.PaymentTopUp, amount: 2000}, lineAnswer: lineAnswer{day: 20000, reason: [4]byte{'A', 'C', '0', '4'}}},
	}}
	s := LineSegment{
		batches: []relief.BatchID{"b"}, slots: []lineSlot{{state: slotReturned, attempt: 1, amount: 48000, deducted: 1000}},
		answers: []lineAnswer{{day: 20000, reason: [4]byte{'A', 'C', '0', '4'}}},
	}
	b := Batch{ID: "b", Programme: "dibao", Region: "530181", Period: monthOf(2026, 11), SegmentSize: 1000, State: BatchInstructed}
	values := []Value{{ValueAddr: ValueAddr{Period: b.Period}, Payments: &s}, {ValueAddr: ValueAddr{Period: b.Period, Further: true}, Payments: &f}}
	in := AnswerInput{Outcome: OutcomeCredited, Amount: 49000, Day: 20001, Salt: [16]byte{1}, More: [][16]byte{{2}}}
	of := Reversed{relief.PaymentID{Programme: "dibao", County: "530181", Period: b.Period, Attempt: 2}, in}
	after, err := Reverse(&b, newMonth(t, 1).roll, 0, values, []Reversed{of}, testTx, everything, false)
	require.NoError(t, err)
	require.True(t, after[0].Changed && after[1].Changed)
	line, answer := after[0].Payments.find(0, 1)
	further, second := after[1].Payments.find(0, 2)
	require.Equal(t, []uint8{slotCredited, slotCredited}, []uint8{line.state, further.state})
	require.NotEqual(t, answer.leaf, second.leaf)
	require.Equal(t, []Position{{0, b.Period}, {0, b.Period}}, CreditedBy(values, after))
	of.Answer.More = nil
	_, err = Reverse(&b, newMonth(t, 1).roll, 0, values, []Reversed{of}, testTx, everything, false)
	require.ErrorContains(t, err, "salt")

	f.batches = append(f.batches, "c")
	f.entries = append(f.entries, furtherEntry{position: 0, again: 2, lineSlot: lineSlot{batch: 1, state: slotReversed, attempt: 3, kind: relief.PaymentTopUp, amount: 2000}},
		furtherEntry{position: 0, again: 3, lineSlot: lineSlot{batch: 1, state: slotCredited, attempt: 4, kind: relief.PaymentTopUp, amount: 2000}})
	of.Answer = in
	_, err = Reverse(&b, newMonth(t, 1).roll, 0, values, []Reversed{of}, testTx, everything, false)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict}, "the payment that pays it again was paid again itself")
	require.ErrorContains(t, err, "-4")
}
