package payment

import (
	"fmt"
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"

	"github.com/stretchr/testify/require"
)

var (
	preparer   = relief.Official{Agency: "CivilAffairsMSP", ID: "civil-preparer", Name: "civil-preparer", Role: "preparer", Region: "530181"}
	approver   = relief.Official{Agency: "CivilAffairsMSP", ID: "civil-approver", Name: "civil-approver", Role: "approver", Region: "530181"}
	treasurer  = relief.Official{Agency: "FinanceMSP", ID: "finance-approver", Name: "finance-approver", Role: "approver", Region: "53"}
	cashier    = relief.Official{Agency: "FinanceMSP", ID: "finance-preparer", Name: "finance-preparer", Role: "preparer", Region: "53"}
	start      = time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	everything = func(relief.BatchID) (BatchState, error) { return BatchInstructed, nil }
)

func by(p relief.Official) relief.Actor { return relief.Actor{By: p, At: start, Tx: "tx"} }

func percent(n int32) *fund.Percent { p := fund.Percent(n); return &p }

func testProgramme(t testing.TB) programme.Programme {
	t.Helper()
	v := programme.Version{
		ID: "dibao", Version: 1, Name: "低保", Region: "530181", Unit: programme.UnitHousehold, Cycle: programme.CycleMonthly, MinAmount: 33000, MaxAmount: 600000,
		Starts: period(t, "2026-01"), NoticeDays: 7, PayByDay: 10, Budget: programme.BudgetCodes{Functional: "2081901", Economic: "50901"},
	}
	p, changed, err := programme.Draft(nil, v, by(preparer))
	require.NoError(t, err)
	require.True(t, changed)
	_, changed, err = programme.Draft(&p, v, by(preparer))
	require.NoError(t, err)
	require.False(t, changed)
	_, _, err = programme.Enact(p, 1, by(approver))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson}, "another agency enacts")
	p, _, err = programme.Enact(p, 1, by(treasurer))
	require.NoError(t, err)
	return p
}

func testTranche(t testing.TB, p programme.Programme, amount relief.Fen) fund.Tranche {
	t.Helper()
	tr, _, err := fund.Issue(fund.TrancheTerms{
		ID: "t1", Programme: "dibao", Region: "530181", Amount: amount, Source: "云财社〔2026〕88号", Account: "5301810100000088", FiscalYear: 2026,
		Targets: fund.Targets{Coverage: percent(9800), Timeliness: percent(10000), Accuracy: percent(9950), Satisfaction: percent(9500)},
	}, []programme.Programme{p}, nil, by(treasurer))
	require.NoError(t, err)
	return tr
}

// monthOf is one batch on its way.
type month struct {
	t      testing.TB
	p      programme.Programme
	tr     []fund.Tranche
	b      Batch
	roll   roll.Segment
	payees roll.Payees
	lines  LineSegment
}

// payeeOf is the payee of the person with a number.
func payeeOf(number int) roll.Payee {
	return roll.Payee{Name: relief.Tag{1, byte(number), 'n'}, Account: relief.Tag{1, byte(number), 'a'}}
}

// checkOf is the check of a payee.
func checkOf(p roll.Payee) roll.PayeeCheck { return p.Check() }

func newMonth(t testing.TB, people int) *month {
	m := &month{t: t, p: testProgramme(t)}
	m.tr = []fund.Tranche{testTranche(t, m.p, 100_000_00)}
	entries := make([]roll.Input, people)
	for i := range entries {
		entries[i] = roll.Input{Seq: uint32(i + 2), Ref: relief.SubjectRef{1, byte(i), byte(i >> 8)}, Region: "530181003214", Persons: 1, Class: 'B', Amount: 48000, Payee: payeeOf(i)}
	}
	parts, _, _, err := roll.Import([]roll.Part{{At: roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: 0, Size: 1000}}}, roll.ImportRule{From: m.p.Versions[0].Starts}, entries, nobody)
	require.NoError(t, err)
	m.roll, m.payees = parts[0].Segment, parts[0].Payees
	return m
}

func (m *month) open(id relief.BatchID, purpose Purpose, count int, sum relief.Fen) {
	var err error
	m.b, _, err = OpenBatch(BatchTerms{
		ID: id, Programme: "dibao", Region: "530181", Period: period(m.t, "2026-11"), Tranche: "t1", Count: count, Sum: sum, Purpose: purpose,
	}, m.p, m.tr, nil, by(preparer))
	require.NoError(m.t, err)
}

func (m *month) add(other BatchLookup, lines ...LineInput) wire.ChunkResult {
	var result wire.ChunkResult
	var err error
	m.lines, result, err = addTo(&m.b, m.roll, m.lines, 0, lines, other)
	require.NoError(m.t, err)
	return result
}

func (m *month) count() (c BatchCount) {
	require.NoError(m.t, c.Add(&m.b, ownLines(&m.b, 0), &m.lines, m.payees))
	return c
}

func (m *month) sealToInstruct() {
	var err error
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(m.t, err)
	m.b, _, err = ApproveBatch(m.b, by(approver))
	require.NoError(m.t, err)
	m.b, _, err = MakeFile(m.b, m.file(), &relief.DefaultCalendar, by(cashier))
	require.NoError(m.t, err)
	m.b, _, err = AuthoriseBatch(m.b, fileHash, by(treasurer))
	require.NoError(m.t, err)
	m.b, _, err = InstructBatch(m.b, &relief.DefaultCalendar, by(cashier))
	require.NoError(m.t, err)
	require.NoError(m.t, m.tr[0].Balances.Check())
}

func (m *month) settle(answers ...AnswerInput) wire.ChunkResult {
	var result wire.ChunkResult
	var err error
	m.lines, result, err = RecordAnswers(&m.b, m.roll, m.lines, 0, answers, testTx)
	require.NoError(m.t, err)
	m.b, m.tr, _, err = TallyBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(m.t, err)
	require.NoError(m.t, m.tr[0].Balances.Check())
	return result
}

func line(seq, number int, amount relief.Fen) LineInput {
	return LineInput{
		Seq: uint32(seq), Number: uint32(number), Ref: relief.SubjectRef{1, byte(number), byte(number >> 8)},
		Region: "530181003214", Persons: 1, Amount: amount, Payee: checkOf(payeeOf(number)),
	}
}

func credited(number int, attempt uint8) AnswerInput {
	return AnswerInput{Number: uint32(number), Attempt: attempt, Outcome: OutcomeCredited, Amount: 48000, Day: 20766, Salt: [16]byte{1}}
}

func returned(number int, attempt uint8) AnswerInput {
	s := credited(number, attempt)
	s.Outcome, s.Reason = OutcomeReturned, [4]byte{'A', 'C', '0', '4'}
	return s
}

func TestRefusedLinesHaveTheirReason(t *testing.T) {
	m := newMonth(t, 5)
	m.roll, _, _, _ = roll.Exit(m.roll, roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: 0, Size: 1000}, 4, roll.Leaving{Reason: "death", Last: period(t, "2026-10")})
	m.open("b", "", 2, 96000)
	wrong := line(9, 1, 48000)
	wrong.Ref = relief.SubjectRef{1, 99}
	outside := line(10, 1, 48000)
	outside.Region = "530129003214"
	result := m.add(everything, line(2, 0, 48000), line(3, 0, 48000), line(4, 1, 600001), line(5, 1, 32999), line(6, 5, 48000),
		line(7, 1000, 48000), line(8, 4, 48000), wrong, outside, line(11, 1, 48000))
	require.Equal(t, wire.ChunkResult{Accepted: 2, Unchanged: 0, Refused: []wire.Refusal{
		{Seq: 3, Code: relief.LineDuplicateOf(2), Note: ""}, {Seq: 4, Code: relief.LineAmountOverBound, Note: ""}, {Seq: 5, Code: relief.LineAmountUnderBound, Note: ""}, {Seq: 6, Code: relief.LineNotOnRoll, Note: ""},
		{Seq: 7, Code: relief.LineWrongSegment, Note: ""}, {Seq: 8, Code: relief.LineExited, Note: ""}, {Seq: 9, Code: relief.LineNotOnRoll, Note: ""}, {Seq: 10, Code: relief.LineRegionDiffers, Note: "530181003214"},
	}}, told(t, result))

	before := m.lines.Bytes()
	result = m.add(everything, line(2, 0, 48000), line(10, 1, 48000), line(11, 1, 48000))
	require.Equal(t, wire.ChunkResult{Accepted: 0, Unchanged: 2, Refused: []wire.Refusal{{Seq: 11, Code: relief.LineDuplicateOf(10), Note: ""}}}, told(t, result), "the file may have lost a line above")
	result = m.add(everything, line(11, 1, 49000))
	require.Equal(t, wire.ChunkResult{Accepted: 0, Unchanged: 0, Refused: []wire.Refusal{{Seq: 11, Code: relief.LineAmountNotGranted, Note: "480.00"}}}, told(t, result))
	require.Equal(t, before, m.lines.Bytes(), "nothing changed")
}

func TestNothingComesBackBeforeItWentOut(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	require.Equal(t, 1, m.settle(credited(0, 1)).Accepted)
	require.Equal(t, []wire.Refusal{{Code: relief.LineReversal}}, m.settle(returned(0, 1)).Refused, "by nobody alone")
	early := returned(0, 1)
	early.Day--
	require.ErrorIs(t, m.reverse(early), &relief.Error{Code: relief.CodeInvalid})
	require.Equal(t, relief.Fen(48000), m.tr[0].Balances.Paid)
	require.NoError(t, m.reverse(returned(0, 1)), "on the day of the credit")
	require.Equal(t, 1, m.settle(returned(0, 1)).Unchanged)
	require.Equal(t, relief.Fen(48000), m.tr[0].Balances.InReturn)
}

func TestOneMonth(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
	_, _, _, err := SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeTotals})
	m.add(everything, line(4, 2, 48000))
	_, _, _, err = SealBatch(m.b, m.tr, m.count(), by(relief.Official{Agency: "CivilAffairsMSP", ID: "another", Name: "another", Role: "preparer", Region: "530181"}))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeForbidden})
	sealed, _, _, err := SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	_, _, err = ApproveBatch(sealed, by(preparer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson})
	_, _, err = ApproveBatch(sealed, by(relief.Official{Agency: "CivilAffairsMSP", ID: "civil-approver", Name: "civil-approver", Role: "approver", Region: "530129"}))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeRegion})
	m.sealToInstruct()
	require.Equal(t, relief.Fen(144000), m.tr[0].Balances.Reserved)

	m.settle(credited(0, 1), returned(1, 1))
	require.Equal(t, fund.Balances{Issued: 10000000, Reserved: 48000, Paid: 48000, InReturn: 48000, Available: 9856000}, m.tr[0].Balances)
	_, _, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending})
	require.Equal(t, wire.ChunkResult{Accepted: 1, Unchanged: 1, Refused: []wire.Refusal{{Seq: 0, Code: relief.LineReversal, Note: ""}, {Seq: 0, Code: relief.LineNotInBatch, Note: ""}}},
		told(t, m.settle(credited(0, 1), credited(1, 1), credited(2, 1), credited(2, 2))))
	require.NoError(t, m.reverse(returned(2, 1))) // after the credit: a state of its own
	require.Equal(t, fund.Balances{Issued: 10000000, Paid: 48000, InReturn: 96000, Available: 9856000}, m.tr[0].Balances)

	first := m.b
	m.open("again", PurposePayAgain, 2, 96000)
	require.Equal(t, relief.LineAlreadyPaid, m.add(everything, line(2, 0, 48000)).Refused[0].Code)
	require.Equal(t, 2, m.add(everything, line(3, 1, 48000), line(4, 2, 48000)).Accepted)
	m.sealToInstruct()
	m.settle(credited(1, 2), credited(2, 2))
	second := m.b

	m.b = first
	require.Equal(t, 3, m.count().total.Listed, "an earlier attempt still counts for its batch")
	var changed bool
	m.b, m.tr, changed, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.True(t, changed)
	m.b = second
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.Equal(t, fund.Balances{Issued: 10000000, Paid: 144000, Available: 9856000}, m.tr[0].Balances)

	m.open("repeat", "", 3, 144000)
	result := m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	require.Equal(t, wire.ChunkResult{Accepted: 0, Unchanged: 0, Refused: []wire.Refusal{
		{Seq: 2, Code: relief.LineAlreadyPaid, Note: "dibao-530181-0000000-202611-1"}, {Seq: 3, Code: relief.LineAlreadyPaid, Note: "dibao-530181-0000001-202611-2"}, {Seq: 4, Code: relief.LineAlreadyPaid, Note: "dibao-530181-0000002-202611-2"},
	}}, told(t, result))

	p, ok := ReadPayment(&m.lines, relief.PaymentID{Programme: "dibao", County: "530181", Number: 2, Period: period(t, "2026-11"), Attempt: 1}, 1000, m.roll, BatchClosed)
	require.True(t, ok)
	require.Equal(t, State("reversed"), p.State)
	require.Equal(t, "AC04", p.ReturnReason)
	require.Equal(t, "2026-11-09", p.ReturnedOn)
	require.Len(t, PaymentsOf(&first, []Value{{ValueAddr: ownLines(&first, 0), Payments: &m.lines}}, m.roll), 3)
	back, err := ParseLineSegment(m.lines.Bytes())
	require.NoError(t, err)
	require.Equal(t, m.lines, back)
}

func TestLateReturnAfterClose(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	m.settle(credited(0, 1))
	var err error
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.NoError(t, m.reverse(returned(0, 1)))
	require.Equal(t, fund.Balances{Issued: 10000000, Available: 10000000}, m.tr[0].Balances)
}

func TestCancelFreesReservationAndSlots(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	var err error
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	m.b, m.tr, _, err = CancelBatch(m.b, m.tr, "清单有误", by(approver))
	require.NoError(t, err)
	require.Equal(t, relief.Fen(10000000), m.tr[0].Balances.Available)
	require.Zero(t, m.b.Totals.Pending, "the bank answers nothing of it")
	require.Zero(t, m.b.Totals.PendingSum)
	require.Equal(t, 1, m.b.Totals.Listed)
	m.open("c", "", 1, 48000)
	require.Equal(t, relief.LineAlreadyListed, m.add(everything, line(2, 0, 48000)).Refused[0].Code)
	require.Equal(t, 1, m.add(func(relief.BatchID) (BatchState, error) { return BatchCancelled, nil }, line(2, 0, 48000)).Accepted)
	m.sealToInstruct()
	_, _, _, err = CancelBatch(m.b, m.tr, "太晚", by(approver))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "the bank has been told")
}

func TestFundsAndRefunds(t *testing.T) {
	p := testProgramme(t)
	tr := testTranche(t, p, 1000)
	refund := func(tr fund.Tranche, amount relief.Fen) (fund.Tranche, error) {
		tr, _, err := fund.Propose(tr, fund.AdjustmentTerms{Kind: fund.Refunded, Amount: amount, Reason: "结余"}, nil, by(cashier))
		if err != nil {
			return tr, err
		}
		last := &tr.Adjustments[len(tr.Adjustments)-1]
		tr, _, _, err = fund.Decide(tr, nil, fund.Decision{Adjustment: last.Number, SHA256: last.SHA256, Agree: true}, by(treasurer))
		return tr, err
	}
	_, err := refund(tr, 1001)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeFunds})
	tr, err = refund(tr, 400)
	require.NoError(t, err)
	all := []programme.Programme{p}
	parent, child, _, err := fund.Allocate(tr, fund.Allocation{Parent: "t1", ID: "t2", Region: "530181003", Amount: 500, Account: "5301810100000099", Targets: tr.Targets}, all, nil, by(treasurer))
	require.NoError(t, err)
	require.Equal(t, fund.Balances{Issued: 1000, Allocated: 500, Refunded: 400, Available: 100}, parent.Balances)
	require.Equal(t, fund.Balances{Issued: 500, Available: 500}, child.Balances)
	_, _, _, err = fund.Allocate(tr, fund.Allocation{Parent: "t1", ID: "t3", Region: "530129", Amount: 500, Account: "5301810100000099", Targets: tr.Targets}, all, nil, by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeRegion})
	_, _, err = fund.Close(parent, by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending})
	parent, err = refund(parent, 100)
	require.NoError(t, err)
	closed, _, err := fund.Close(parent, by(treasurer))
	require.NoError(t, err)
	require.Equal(t, fund.Balances{Issued: 1000, Allocated: 500, Refunded: 500}, closed.Balances)
	_, err = refund(closed, 1)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	_, _, err = fund.Issue(fund.TrancheTerms{ID: "t9", Programme: "dibao", Region: "530181", Amount: 1, Source: "x", Account: "12345678", FiscalYear: 2026}, all, nil, by(treasurer))
	require.ErrorContains(t, err, "R33")
}

// A list that comes while the key of tags turns has checks under the keys of all epochs. One of them must be the roll's, for the name
// and for the account; each may be of another epoch.
func TestListsAreComparedUnderTheKeysOfAllEpochs(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	checked := func(seq int, others ...roll.PayeeCheck) LineInput {
		l := line(seq, 0, 48000)
		l.Payee, l.Others = roll.PayeeCheck{9, 9, 9, 9, 9, 9, 9, 9}, others
		return l
	}
	name, account := checkOf(roll.Payee{Name: payeeOf(0).Name, Account: payeeOf(1).Account}), checkOf(roll.Payee{Name: payeeOf(1).Name, Account: payeeOf(0).Account})
	result := m.add(everything, checked(2), checked(3, name), checked(4, account), checked(5, roll.PayeeCheck{}), checked(6, name, account))
	require.Equal(t, wire.ChunkResult{Accepted: 1, Refused: []wire.Refusal{
		{Seq: 2, Code: relief.LineNameDiffers}, {Seq: 3, Code: relief.LineAccountDiffers}, {Seq: 4, Code: relief.LineNameDiffers},
		{Seq: 5, Code: relief.LineNameDiffers},
	}, Outcomes: result.Outcomes}, result)
}

// A list names the payee, the persons and the region that the roll has; the first column that differs is named.
func TestListsAreComparedWithTheRoll(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	change := func(seq int, change func(l *LineInput)) LineInput {
		l := line(seq, 0, 48000)
		change(&l)
		return l
	}
	result := m.add(everything,
		change(2, func(l *LineInput) { l.Payee = checkOf(roll.Payee{Name: payeeOf(1).Name, Account: payeeOf(0).Account}) }),
		change(3, func(l *LineInput) { l.Payee = checkOf(roll.Payee{Name: payeeOf(0).Name, Account: payeeOf(1).Account}) }),
		change(4, func(l *LineInput) { l.Payee = roll.PayeeCheck{} }),
		change(5, func(l *LineInput) { l.Persons = 9 }),
		change(6, func(l *LineInput) { l.Region = "530181001201" }),
		change(7, func(l *LineInput) { l.Amount = 48001 }),
		change(8, func(l *LineInput) { l.Payee, l.Persons, l.Region, l.Amount = checkOf(payeeOf(1)), 9, "530181", 48001 }),
		change(9, func(l *LineInput) { l.Persons = 0 }),
	)
	require.Equal(t, wire.ChunkResult{Accepted: 1, Refused: []wire.Refusal{
		{Seq: 2, Code: relief.LineNameDiffers}, {Seq: 3, Code: relief.LineAccountDiffers}, {Seq: 4, Code: relief.LineNameDiffers},
		{Seq: 5, Code: relief.LinePersonsDiffers, Note: "1"}, {Seq: 6, Code: relief.LineRegionDiffers, Note: "530181003214"},
		{Seq: 7, Code: relief.LineAmountNotGranted, Note: "480.00"}, {Seq: 8, Code: relief.LineNameDiffers},
	}}, told(t, result), "a list without a number of persons is taken")
	part := roll.Part{At: m.b.SegmentAddr(0), Segment: m.roll, Payees: m.payees}
	m.roll = part.WithoutPayee(1).Segment
	require.Equal(t, relief.LineNameDiffers, m.add(everything, line(10, 1, 48000)).Refused[0].Code, "nobody is paid by erased details")
}

// The batch's region covers the region of the roll, whatever the list says.
func TestATownshipPaysItsOwnHouseholds(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.b.Region = "530181001"
	own := line(2, 0, 48000)
	typed := own
	typed.Seq, typed.Region = 3, "530181001201"
	require.Equal(t, []wire.Refusal{{Seq: 2, Code: relief.LineRegionOutside}, {Seq: 3, Code: relief.LineRegionOutside}}, m.add(everything, own, typed).Refused)
}

// The list's hash holds lines and payees: an approval is for exactly them.
func TestApprovalsRestOnTheSealedPayees(t *testing.T) {
	m := newMonth(t, 2)
	m.open("b", "", 2, 96000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
	m.b, m.tr, _, _ = SealBatch(m.b, m.tr, m.count(), by(preparer))
	now := m.count()
	require.NoError(t, m.b.RequireSealed(&now))
	conflict := &relief.Error{Code: relief.CodeConflict}
	sealed := m.payees
	erased := sealed.Erased(1)
	m.payees = erased
	now = m.count()
	require.ErrorIs(t, m.b.RequireSealed(&now), conflict, "an erased payee")
	m.payees = newMonth(t, 3).payees
	now = m.count()
	require.NoError(t, m.b.RequireSealed(&now), "somebody who is not in the batch")
	m.payees = roll.Payees{}
	now = m.count()
	require.ErrorIs(t, m.b.RequireSealed(&now), conflict)
	m.payees = sealed
	m.lines.slots[1].amount++
	now = m.count()
	require.ErrorIs(t, m.b.RequireSealed(&now), conflict, "another amount")
}

func TestBackdatedActsAreRefused(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	early := by(preparer)
	early.At = start.Add(-relief.MaxBackdating - time.Second)
	_, _, _, err := SealBatch(m.b, m.tr, m.count(), early)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
}

func BenchmarkAddLines(b *testing.B) {
	m := newMonth(b, 1000)
	m.open("b", "", 1000, 48000000)
	lines := make([]LineInput, 1000)
	for i := range lines {
		lines[i] = line(i+2, i, 48000)
	}
	chunk := AppendLines(nil, lines)
	b.ReportAllocs()
	for b.Loop() {
		in, _ := DecodeLines(chunk)
		entries, _ := roll.ParseSegment(m.roll.Bytes())
		seg, _ := ParseLineSegment(nil)
		seg, result, err := addTo(&m.b, entries, seg, 0, in, everything)
		if err != nil || result.Accepted != 1000 || len(seg.Bytes()) == 0 {
			b.Fatal(fmt.Sprint(err, result))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/line")
}
