package relief

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	preparer   = Person{"CivilAffairsMSP", "civil-preparer", "preparer", "530181"}
	approver   = Person{"CivilAffairsMSP", "civil-approver", "approver", "530181"}
	treasurer  = Person{"FinanceMSP", "finance-approver", "approver", "53"}
	cashier    = Person{"FinanceMSP", "finance-preparer", "preparer", "53"}
	start      = time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	everything = func(BatchID) (BatchState, error) { return BatchInstructed, nil }
)

func by(p Person) Stamp { return Stamp{By: p, At: start, Tx: "tx"} }

func percent(n int32) *Percent { p := Percent(n); return &p }

func testProgramme(t testing.TB) Programme {
	t.Helper()
	v := Version{
		ID: "dibao", Version: 1, Name: "低保", Region: "530181", Unit: UnitHousehold, Cycle: CycleMonthly, MinAmount: 33000, MaxAmount: 600000,
		Starts: period(t, "2026-01"), NoticeDays: 7, PayByDay: 10, Budget: BudgetCodes{"2081901", "50901"},
	}
	p, changed, err := DraftVersion(nil, v, by(preparer))
	require.NoError(t, err)
	require.True(t, changed)
	_, changed, err = DraftVersion(&p, v, by(preparer))
	require.NoError(t, err)
	require.False(t, changed)
	_, _, err = Enact(p, 1, by(approver))
	require.ErrorIs(t, err, &Error{Code: CodeSamePerson}, "another agency enacts")
	p, _, err = Enact(p, 1, by(treasurer))
	require.NoError(t, err)
	return p
}

func testTranche(t testing.TB, p Programme, amount Fen) Tranche {
	t.Helper()
	tr, _, err := Issue(TrancheTerms{
		ID: "t1", Programme: "dibao", Region: "530181", Amount: amount, Source: "云财社〔2026〕88号", Account: "5301810100000088", FiscalYear: 2026,
		Targets: Targets{percent(9800), percent(10000), percent(9950), percent(9500)},
	}, p, nil, by(treasurer))
	require.NoError(t, err)
	return tr
}

// month is one batch on its way.
type month struct {
	t     testing.TB
	p     Programme
	tr    Tranche
	b     Batch
	roll  RollSegment
	lines LineSegment
}

func newMonth(t testing.TB, people int) *month {
	m := &month{t: t, p: testProgramme(t)}
	m.tr = testTranche(t, m.p, 100_000_00)
	entries := make([]RollInput, people)
	for i := range entries {
		entries[i] = RollInput{uint32(i + 2), SubjectRef{1, byte(i), byte(i >> 8)}, "530181003214", 1, 'B', 48000}
	}
	parts, _, _, err := ImportRoll([]RollPart{{At: RollPlace{"dibao", "530181", 0, 1000}}}, m.p.Versions[0].Starts, entries, nobody)
	require.NoError(t, err)
	m.roll = parts[0].Segment
	return m
}

func (m *month) open(id BatchID, purpose Purpose, count int, sum Fen) {
	var err error
	m.b, _, err = Open(BatchTerms{id, "dibao", "530181", period(m.t, "2026-11"), "t1", count, sum, purpose}, m.p, m.tr, nil, by(preparer))
	require.NoError(m.t, err)
}

func (m *month) add(other BatchLookup, lines ...LineInput) ChunkResult {
	var result ChunkResult
	var err error
	m.lines, result, err = AddLines(&m.b, m.roll, m.lines, 0, lines, other)
	require.NoError(m.t, err)
	return result
}

func (m *month) count() (c BatchCount) {
	require.NoError(m.t, c.Add(&m.b, 0, &m.lines, m.roll))
	return c
}

func (m *month) sealToInstruct() {
	var err error
	m.b, m.tr, _, err = Seal(m.b, m.tr, m.count(), by(preparer))
	require.NoError(m.t, err)
	m.b, _, err = Approve(m.b, by(approver))
	require.NoError(m.t, err)
	m.b, _, err = Authorise(m.b, by(treasurer))
	require.NoError(m.t, err)
	m.b, _, err = Instruct(m.b, "", by(cashier))
	require.NoError(m.t, err)
	require.NoError(m.t, m.tr.Balances.Check())
}

func (m *month) settle(answers ...SettlementInput) ChunkResult {
	var result ChunkResult
	var err error
	m.lines, result, err = Settle(&m.b, m.roll, m.lines, 0, answers, testTx)
	require.NoError(m.t, err)
	m.b, m.tr, _, err = Tally(m.b, m.tr, m.count(), by(cashier))
	require.NoError(m.t, err)
	require.NoError(m.t, m.tr.Balances.Check())
	return result
}

func line(seq, number int, amount Fen) LineInput {
	return LineInput{uint32(seq), uint32(number), SubjectRef{1, byte(number), byte(number >> 8)}, "530181003214", amount}
}

func credited(number int, attempt uint8) SettlementInput {
	return SettlementInput{Number: uint32(number), Attempt: attempt, Outcome: OutcomeCredited, Amount: 48000, Day: 20766, Salt: [16]byte{1}}
}

func returned(number int, attempt uint8) SettlementInput {
	s := credited(number, attempt)
	s.Outcome, s.Reason = OutcomeReturned, [4]byte{'A', 'C', '0', '4'}
	return s
}

func TestLinesAreRefusedForTheirReason(t *testing.T) {
	m := newMonth(t, 5)
	m.roll, _, _, _ = ExitRoll(m.roll, RollPlace{"dibao", "530181", 0, 1000}, 4, "death", period(t, "2026-10"), Period{})
	m.open("b", "", 2, 96000)
	wrong := line(9, 1, 48000)
	wrong.Ref = SubjectRef{1, 99}
	outside := line(10, 1, 48000)
	outside.Region = "530129003214"
	result := m.add(everything, line(2, 0, 48000), line(3, 0, 48000), line(4, 1, 600001), line(5, 1, 32999), line(6, 5, 48000),
		line(7, 1000, 48000), line(8, 4, 48000), wrong, outside, line(11, 1, 48000))
	require.Equal(t, ChunkResult{2, 0, []Refusal{
		{3, LineDuplicateOf(2), ""}, {4, LineAmountOverBound, ""}, {5, LineAmountUnderBound, ""}, {6, LineNotOnRoll, ""},
		{7, LineWrongSegment, ""}, {8, LineExited, ""}, {9, LineNotOnRoll, ""}, {10, LineRegionOutside, ""},
	}}, result)

	before := m.lines.Bytes()
	result = m.add(everything, line(2, 0, 48000), line(10, 1, 48000), line(11, 1, 48000))
	require.Equal(t, ChunkResult{0, 2, []Refusal{{11, LineDuplicateOf(10), ""}}}, result, "the file may have lost a line above")
	result = m.add(everything, line(11, 1, 49000))
	require.Equal(t, ChunkResult{0, 0, []Refusal{{11, LineAmountNotGranted, "480.00"}}}, result)
	require.Equal(t, before, m.lines.Bytes(), "nothing changed")
}

func TestOneMonth(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
	_, _, _, err := Seal(m.b, m.tr, m.count(), by(preparer))
	require.ErrorIs(t, err, &Error{Code: CodeTotals})
	m.add(everything, line(4, 2, 48000))
	_, _, _, err = Seal(m.b, m.tr, m.count(), by(Person{"CivilAffairsMSP", "another", "preparer", "530181"}))
	require.ErrorIs(t, err, &Error{Code: CodeForbidden})
	sealed, _, _, err := Seal(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	_, _, err = Approve(sealed, by(preparer))
	require.ErrorIs(t, err, &Error{Code: CodeSamePerson})
	_, _, err = Approve(sealed, by(Person{"CivilAffairsMSP", "civil-approver", "approver", "530129"}))
	require.ErrorIs(t, err, &Error{Code: CodeRegion})
	m.sealToInstruct()
	require.Equal(t, Fen(144000), m.tr.Balances.Reserved)

	m.settle(credited(0, 1), returned(1, 1))
	require.Equal(t, Balances{Issued: 10000000, Reserved: 48000, Paid: 48000, InReturn: 48000, Available: 9856000}, m.tr.Balances)
	_, _, _, err = Close(m.b, m.tr, m.count(), by(cashier))
	require.ErrorIs(t, err, &Error{Code: CodePending})
	require.Equal(t, ChunkResult{1, 1, []Refusal{{0, LineAlreadySettled, ""}, {0, LineNotInBatch, ""}}},
		m.settle(credited(0, 1), credited(1, 1), credited(2, 1), credited(2, 2)))
	m.settle(returned(2, 1)) // after the credit: a state of its own
	require.Equal(t, Balances{Issued: 10000000, Paid: 48000, InReturn: 96000, Available: 9856000}, m.tr.Balances)

	first := m.b
	m.open("again", PurposePayAgain, 2, 96000)
	require.Equal(t, LineAlreadyPaid, m.add(everything, line(2, 0, 48000)).Refused[0].Code)
	require.Equal(t, 2, m.add(everything, line(3, 1, 48000), line(4, 2, 48000)).Accepted)
	m.sealToInstruct()
	m.settle(credited(1, 2), credited(2, 2))
	second := m.b

	m.b = first
	require.Equal(t, 3, m.count().total.Listed, "an earlier attempt still counts for its batch")
	var changed bool
	m.b, m.tr, changed, err = Close(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.True(t, changed)
	m.b = second
	m.b, m.tr, _, err = Close(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.Equal(t, Balances{Issued: 10000000, Paid: 144000, Available: 9856000}, m.tr.Balances)

	m.open("repeat", "", 3, 144000)
	result := m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	require.Equal(t, ChunkResult{0, 0, []Refusal{
		{2, LineAlreadyPaid, "dibao-530181-0000000-202611-1"}, {3, LineAlreadyPaid, "dibao-530181-0000001-202611-2"}, {4, LineAlreadyPaid, "dibao-530181-0000002-202611-2"},
	}}, result)

	p, ok := m.lines.Payment(PaymentID{"dibao", "530181", 2, period(t, "2026-11"), 1}, 1000, m.roll, BatchClosed)
	require.True(t, ok)
	require.Equal(t, PaymentState("reversed"), p.State)
	require.Equal(t, "AC04", p.ReturnReason)
	require.Equal(t, "2026-11-09", p.ReturnedOn)
	require.Len(t, m.lines.Payments(&first, 0, m.roll), 3)
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
	m.b, m.tr, _, err = Close(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	m.settle(returned(0, 1))
	require.Equal(t, Balances{Issued: 10000000, Available: 10000000}, m.tr.Balances)
}

func TestCancelFreesReservationAndSlots(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	var err error
	m.b, m.tr, _, err = Seal(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	m.b, m.tr, _, err = Cancel(m.b, m.tr, "清单有误", by(approver))
	require.NoError(t, err)
	require.Equal(t, Fen(10000000), m.tr.Balances.Available)
	m.open("c", "", 1, 48000)
	require.Equal(t, LineAlreadyListed, m.add(everything, line(2, 0, 48000)).Refused[0].Code)
	require.Equal(t, 1, m.add(func(BatchID) (BatchState, error) { return BatchCancelled, nil }, line(2, 0, 48000)).Accepted)
	m.sealToInstruct()
	_, _, _, err = Cancel(m.b, m.tr, "太晚", by(approver))
	require.ErrorIs(t, err, &Error{Code: CodeWrongState}, "the bank has been told")
}

func TestFundsAndRefunds(t *testing.T) {
	p := testProgramme(t)
	tr := testTranche(t, p, 1000)
	_, err := Refund(tr, 1001, "结余", by(treasurer))
	require.ErrorIs(t, err, &Error{Code: CodeFunds})
	tr, err = Refund(tr, 400, "结余", by(treasurer))
	require.NoError(t, err)
	parent, child, _, err := Allocate(tr, Allocation{"t1", "t2", "530181003", 500, "5301810100000099", tr.Targets}, p, nil, by(treasurer))
	require.NoError(t, err)
	require.Equal(t, Balances{Issued: 1000, Allocated: 500, Refunded: 400, Available: 100}, parent.Balances)
	require.Equal(t, Balances{Issued: 500, Available: 500}, child.Balances)
	_, _, _, err = Allocate(tr, Allocation{"t1", "t3", "530129", 500, "5301810100000099", tr.Targets}, p, nil, by(treasurer))
	require.ErrorIs(t, err, &Error{Code: CodeRegion})
	closed, _, err := CloseTranche(parent, by(treasurer))
	require.NoError(t, err)
	require.Equal(t, Balances{Issued: 1000, Allocated: 500, Refunded: 500}, closed.Balances)
	_, err = Refund(closed, 1, "结余", by(treasurer))
	require.ErrorIs(t, err, &Error{Code: CodeWrongState})
	_, _, err = Issue(TrancheTerms{ID: "t9", Programme: "dibao", Region: "530181", Amount: 1, Source: "x", Account: "12345678", FiscalYear: 2026}, p, nil, by(treasurer))
	require.ErrorContains(t, err, "R33")
}

func TestBackdatedActsAreRefused(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	early := by(preparer)
	early.At = start.Add(-MaxBackdating - time.Second)
	_, _, _, err := Seal(m.b, m.tr, m.count(), early)
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})
}

func BenchmarkAddLines(b *testing.B) {
	m := newMonth(b, 1000)
	m.open("b", "", 1000, 48000000)
	lines := make([]LineInput, 1000)
	for i := range lines {
		lines[i] = line(i+2, i, 48000)
	}
	wire := AppendLines(nil, lines)
	b.ReportAllocs()
	for b.Loop() {
		in, _ := DecodeLines(wire)
		roll, _ := ParseRollSegment(m.roll.Bytes())
		seg, _ := ParseLineSegment(nil)
		seg, result, err := AddLines(&m.b, roll, seg, 0, in, everything)
		if err != nil || result.Accepted != 1000 || len(seg.Bytes()) == 0 {
			b.Fatal(fmt.Sprint(err, result))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/line")
}
