package payment

import (
	"encoding/json"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"

	"github.com/stretchr/testify/require"
)

// year is a segment whose people are paid month after month.
type year struct {
	t       testing.TB
	tr      []fund.Tranche
	roll    roll.Segment
	payees  roll.Payees
	b       Batch
	states  map[relief.BatchID]BatchState
	periods map[relief.Period]OfPeriod // only looked up, never ranged over
}

func newYear(t testing.TB, from relief.Period, entries ...roll.Input) *year {
	y := &year{t: t, states: map[relief.BatchID]BatchState{}, periods: map[relief.Period]OfPeriod{}}
	y.tr = []fund.Tranche{testTranche(t, testProgramme(t), 100_000_00)}
	for i := range entries {
		entries[i].Seq, entries[i].Ref, entries[i].Region = uint32(i+2), relief.SubjectRef{1, byte(i)}, "530181003214"
		entries[i].Payee = payeeOf(i)
	}
	at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: 0, Size: 1000}
	parts, _, _, err := roll.Import([]roll.Part{{At: at}}, roll.ImportRule{From: from}, entries, nobody)
	require.NoError(t, err)
	y.roll, y.payees = parts[0].Segment, parts[0].Payees
	return y
}

func (y *year) other(id relief.BatchID) (BatchState, error) { return y.states[id], nil }

func (y *year) of(p relief.Period) OfPeriod {
	of := y.periods[p]
	of.Period, of.LinesChanged, of.FurtherChanged = p, false, false
	if of.Further == nil {
		of.Further = &Further{}
	}
	return of
}

// keep keeps what an act changed, packed and read again as on the ledger.
func (y *year) keep(periods []OfPeriod) {
	for _, p := range periods {
		back, err := ParseOfPeriod(p.Period, p.Lines.Bytes(), p.Further.Bytes())
		require.NoError(y.t, err)
		y.periods[p.Period] = back
	}
}

// open opens a batch for a month that may hold those from an earlier one on.
func (y *year) open(id relief.BatchID, purpose Purpose, month, earlier relief.Period, count int, sum relief.Fen) {
	y.t.Helper()
	var err error
	y.b, _, err = OpenBatch(BatchTerms{
		ID: id, Programme: "dibao", Region: "530181", Period: month, EarlierFrom: earlier, Tranche: "t1", Count: count, Sum: sum, Purpose: purpose,
	}, testProgramme(y.t), y.tr, nil, by(preparer))
	require.NoError(y.t, err)
	y.states[id] = BatchOpen
}

// due lists all that is owed in the batch.
func (y *year) due(deductions map[int]relief.Fen) DueResult {
	y.t.Helper()
	var before []OfPeriod
	for _, p := range y.b.Periods() {
		before = append(before, y.of(p))
	}
	after, result, err := AddDue(&y.b, y.roll, 0, before, Lookup{Batch: y.other, Deductions: deductions})
	require.NoError(y.t, err)
	y.keep(after)
	return result
}

func (y *year) values() (values []Value) {
	for _, period := range y.b.Periods() {
		p := y.of(period)
		for _, v := range []Value{
			{ValueAddr: ValueAddr{Period: period}, Payments: &p.Lines}, {ValueAddr: ValueAddr{Period: period, Further: true}, Payments: p.Further},
		} {
			if Has(v.Payments, y.b.ID) {
				values = append(values, v)
			}
		}
	}
	return values
}

func (y *year) count() *BatchCount {
	c := &BatchCount{}
	for _, v := range y.values() {
		require.NoError(y.t, c.Add(&y.b, v.ValueAddr, v.Payments, y.payees))
	}
	return c
}

// instruct takes the batch to the bank.
func (y *year) instruct() {
	y.t.Helper()
	var err error
	y.b, y.tr, _, err = SealBatch(y.b, y.tr, *y.count(), by(preparer))
	require.NoError(y.t, err)
	require.Len(y.t, y.b.Values(), len(y.values()), "the batch says where its payments are")
	y.b.State, y.states[y.b.ID] = BatchInstructed, BatchInstructed
}

// answer records the bank's answer for a transfer of person 0 with some payments.
func (y *year) answer(outcome Outcome, sum relief.Fen, payments int) wire.ChunkResult {
	y.t.Helper()
	in := AnswerInput{Outcome: outcome, Amount: sum, Day: 20766, Salt: [16]byte{1}, BankRef: relief.BankRefHash{byte(payments)}}
	if outcome == OutcomeReturned {
		in.Reason = [4]byte{'A', 'C', '0', '4'}
	} else {
		for i := 1; i < payments; i++ {
			in.More = append(in.More, [16]byte{byte(i + 1)})
		}
	}
	return y.record(RecordTransfers, in)
}

// takenBack has the bank take back the transfer of person 0.
func (y *year) takenBack(sum relief.Fen) wire.ChunkResult {
	y.t.Helper()
	in := AnswerInput{Outcome: OutcomeReturned, Amount: sum, Day: 20766, Reason: [4]byte{'A', 'C', '0', '4'}}
	require.Equal(y.t, relief.LineReversal, y.record(RecordTransfers, in).Refused[0].Code, "by nobody alone")
	return y.record(func(b *Batch, entries roll.Segment, segment uint32, values []Value, answers []AnswerInput, tx string) ([]Value, wire.ChunkResult, error) {
		first, _ := values[0].Payments.find(0, 1)
		id := relief.PaymentID{Programme: "dibao", County: "530181", Period: values[0].Period, Attempt: 1}
		if first == nil { // a further payment
			values[0].Payments.visit(func(_ int, slot *lineSlot, _ *lineAnswer) { id.Attempt = slot.attempt })
		}
		after, err := Reverse(b, entries, segment, values, []Reversed{{id, answers[0]}}, tx, y.other, false)
		return after, wire.ChunkResult{Accepted: 1}, err
	}, in)
}

func (y *year) record(
	how func(*Batch, roll.Segment, uint32, []Value, []AnswerInput, string) ([]Value, wire.ChunkResult, error), in AnswerInput,
) wire.ChunkResult {
	after, result, err := how(&y.b, y.roll, 0, y.values(), []AnswerInput{in}, testTx)
	require.NoError(y.t, err)
	for _, v := range after {
		of := y.of(v.Period)
		switch p := v.Payments.(type) {
		case *LineSegment:
			of.Lines = *p
		case *Further:
			of.Further = p
		}
		y.keep([]OfPeriod{of})
	}
	y.b, y.tr, _, err = TallyBatch(y.b, y.tr, *y.count(), by(cashier))
	require.NoError(y.t, err)
	require.NoError(y.t, y.tr[0].Balances.Check())
	return result
}

func (y *year) sums(p relief.Period) Sums {
	of := y.of(p)
	sums, err := of.Sums(0, y.other)
	require.NoError(y.t, err)
	return sums
}

// paid pays a month's regular payments of person 0.
func (y *year) paid(month relief.Period, amount relief.Fen) {
	y.t.Helper()
	y.open(relief.BatchID("regular-"+month.String()), "", month, relief.Period{}, 1, amount)
	require.Equal(y.t, 1, y.due(nil).Listed)
	y.instruct()
	require.Equal(y.t, 1, y.answer(OutcomeCredited, amount, 1).Accepted)
}

// Granted in March with effect from February: one transfer in April for February, March and April.
func TestArrears(t *testing.T) {
	february, april := monthOf(2026, 2), monthOf(2026, 4)
	y := newYear(t, february, roll.Input{Persons: 1, Class: 'B', Amount: 48000})
	y.open("april", "", april, monthOf(2026, 1), 3, 144000)
	require.Equal(t, DueResult{Listed: 3, Sum: 144000, Arrears: 2, Refused: []NotListed{}}, y.due(nil))
	require.Equal(t, DueResult{Unchanged: 3, UnchangedSum: 144000, Refused: []NotListed{}}, y.due(nil), "once")
	y.instruct()
	require.Equal(t, []PeriodSegments{{Period: february, Segments: []uint32{0}}, {Period: monthOf(2026, 3), Segments: []uint32{0}}}, y.b.Earlier)
	require.Equal(t, 1, y.b.Totals.Transfers())

	other := y.answer(OutcomeCredited, 48000, 3)
	require.Equal(t, []wire.Refusal{{Code: relief.LineTransferDiffers, Note: "1440.00"}}, other.Refused)
	require.Equal(t, relief.LineSalt, y.answer(OutcomeCredited, 144000, 2).Refused[0].Code, "a receipt without a salt")
	require.Equal(t, 1, y.answer(OutcomeCredited, 144000, 3).Accepted)
	require.Equal(t, 1, y.answer(OutcomeCredited, 144000, 3).Unchanged)
	kinds := map[relief.Period]relief.PaymentKind{}
	for _, v := range y.values() {
		for _, c := range Credits(v.Payments, y.b.SegmentAddr(0), v.Period, y.roll) {
			require.EqualValues(t, 48000, c.Leaf.Amount)
			kinds[v.Period] = c.Leaf.Kind
		}
	}
	require.Equal(t, map[relief.Period]relief.PaymentKind{
		february: relief.PaymentArrears, monthOf(2026, 3): relief.PaymentArrears, april: relief.PaymentRegular,
	}, kinds)
	require.EqualValues(t, 144000, y.tr[0].Balances.Paid)

	require.Equal(t, 1, y.takenBack(144000).Accepted, "it comes back whole")
	for _, p := range y.b.Periods()[1:] {
		require.Zero(t, y.sums(p).Held(), p)
	}
	require.EqualValues(t, 144000, y.tr[0].Balances.InReturn)
}

// Terms of a trillion yuan, by a mistake, are paid neither whole nor as a top-up of what was paid: a period has the programme's bound.
func TestWhatIsDueHasABound(t *testing.T) {
	january, march := monthOf(2026, 1), monthOf(2026, 3)
	y := newYear(t, january, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
	y.paid(january, 96000)
	y.paid(monthOf(2026, 2), 96000)
	var err error
	y.roll, err = roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 2, Amount: relief.MaxFen}, january)
	require.NoError(t, err)
	y.open("march", "", march, january, 1, relief.MaxFen)
	result := y.due(nil)
	require.Zero(t, result.Listed)
	require.Len(t, result.Refused, 3)
	for _, r := range result.Refused {
		require.Equal(t, relief.LineAmountOverBound, r.Code)
		require.Equal(t, relief.MaxFen.String(), r.Note)
	}
	_, err = json.Marshal(result)
	require.NoError(t, err)
}

// A top-up of little that brings its period above the bound is refused in a list, too; up to the bound it is taken.
func TestATopUpKeepsTheBoundOfItsPeriod(t *testing.T) {
	january, march := monthOf(2026, 1), monthOf(2026, 3)
	const most relief.Fen = 600000 // of the programme
	for owed, want := range map[relief.Fen]relief.LineCode{most: "", most + 100: relief.LineAmountOverBound} {
		y := newYear(t, january, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
		y.paid(january, 96000)
		var err error
		y.roll, err = roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 2, Amount: owed}, january)
		require.NoError(t, err)
		y.open("march", "", march, january, 1, owed-96000)
		line := LineInput{Seq: 2, Period: january, Ref: relief.SubjectRef{1, 0}, Region: "530181003214", Persons: 2, Amount: owed - 96000, Payee: y.roll.PayeeCheck(0)}
		_, result, err := AddLines(&y.b, y.roll, 0, []OfPeriod{y.of(january)}, []LineInput{line}, Lookup{Batch: y.other})
		require.NoError(t, err)
		if want == "" {
			require.Equal(t, 1, result.Accepted, result.Refused)
			continue
		}
		require.Equal(t, []wire.Refusal{{Seq: 2, Code: want, Note: owed.String()}}, result.Refused)
	}
}

// The standard is raised in July from January: July's transfer has six top-ups, and owed is paid for all seven months.
func TestTopUps(t *testing.T) {
	january, july := monthOf(2026, 1), monthOf(2026, 7)
	y := newYear(t, january, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
	for m := 1; m <= 6; m++ {
		y.paid(monthOf(2026, m), 96000)
	}
	var err error
	y.roll, err = roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 2, Amount: 100000}, january)
	require.NoError(t, err)
	y.open("july", "", july, january, 7, 124000)
	require.Equal(t, DueResult{Listed: 7, Sum: 124000, TopUps: 6, Refused: []NotListed{}}, y.due(nil))
	y.instruct()
	require.Equal(t, 1, y.answer(OutcomeCredited, 124000, 7).Accepted)
	for _, p := range y.b.Periods() {
		require.EqualValues(t, 100000, y.sums(p).Credited, p)
	}
	of := y.of(january)
	p, ok := ReadPayment(of.Further, relief.PaymentID{
		Programme: "dibao", County: "530181", Number: 0, Period: january, Attempt: 2,
	}, 1000, y.roll, BatchInstructed)
	require.True(t, ok)
	require.Equal(t, relief.PaymentTopUp, p.Kind)
	require.EqualValues(t, 4000, p.Amount)

	// It comes back: in a batch that pays again, and no other, each of the seven is listed again.
	require.Equal(t, 1, y.takenBack(124000).Accepted)
	y.open("august", "", monthOf(2026, 8), january, 1, 100000)
	waiting := y.due(nil)
	require.Equal(t, 1, waiting.Listed, "August alone")
	require.Equal(t, []NotListed{{0, july, relief.LineReturned, "dibao-530181-0000000-202607-1"}}, waiting.Refused)
	y.open("again", PurposePayAgain, monthOf(2026, 8), january, 7, 124000)
	require.Equal(t, DueResult{Listed: 7, Sum: 124000, Arrears: 1, TopUps: 6, Refused: []NotListed{}}, y.due(nil))
	require.Equal(t, 7, y.due(nil).Unchanged)
	y.instruct()
	require.Equal(t, 1, y.answer(OutcomeCredited, 124000, 7).Accepted)
	for m := 1; m <= 7; m++ {
		require.EqualValues(t, 100000, y.sums(monthOf(2026, m)).Credited)
	}
	require.Zero(t, y.due(nil).Listed)
}

// What came back is paid again at what is still owed, if that is less.
func TestPaidAgainAtWhatIsOwedNow(t *testing.T) {
	may := monthOf(2026, 5)
	y := newYear(t, may, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
	y.open("may", "", may, relief.Period{}, 1, 96000)
	y.due(nil)
	y.instruct()
	y.answer(OutcomeReturned, 96000, 1)
	lower, err := roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 1, Amount: 48000}, may)
	require.NoError(t, err)
	y.roll = lower
	y.open("again", PurposePayAgain, may, relief.Period{}, 1, 48000)
	require.EqualValues(t, 48000, y.due(nil).Sum)
	y.instruct()
	require.Equal(t, 1, y.answer(OutcomeCredited, 48000, 1).Accepted)
	require.Equal(t, Sums{Credited: 48000}, y.sums(may))
}

// 300.00 overpaid is taken back by three deductions of 100.00 of 480.00: the bank pays 380.00 three times.
func TestDeductions(t *testing.T) {
	y := newYear(t, monthOf(2026, 1), roll.Input{Persons: 1, Class: 'B', Amount: 48000})
	for m := 1; m <= 3; m++ {
		y.open(relief.BatchID("b-"+monthOf(2026, m).String()), "", monthOf(2026, m), relief.Period{}, 1, 38000)
		require.Equal(t, DueResult{Listed: 1, Sum: 38000, DeductedSum: 10000, Refused: []NotListed{}}, y.due(map[int]relief.Fen{0: 10000}))
		y.instruct()
		require.EqualValues(t, 10000, y.b.Totals.DeductedSum)
		require.Equal(t, relief.LineAmountDiffers, y.answer(OutcomeCredited, 48000, 1).Refused[0].Code)
		require.Equal(t, 1, y.answer(OutcomeCredited, 38000, 1).Accepted)
		require.Equal(t, Sums{Credited: 48000, Deducted: 10000}, y.sums(monthOf(2026, m)))
	}
	require.EqualValues(t, 114000, y.tr[0].Balances.Paid)

	// The transfer comes back: the deduction stays, and what is paid again is the rest.
	require.Equal(t, 1, y.takenBack(38000).Accepted)
	require.Equal(t, Sums{Credited: 10000, Deducted: 10000}, y.sums(monthOf(2026, 3)))
	y.open("again", PurposePayAgain, monthOf(2026, 3), relief.Period{}, 1, 38000)
	require.Equal(t, DueResult{Listed: 1, Sum: 38000, Refused: []NotListed{}}, y.due(map[int]relief.Fen{0: 10000}))
}

// Where all is deducted nothing is transferred: the payment is credited when finance authorises.
func TestNothingToTransfer(t *testing.T) {
	y := newYear(t, monthOf(2026, 1), roll.Input{Persons: 1, Class: 'B', Amount: 48000}, roll.Input{Persons: 1, Class: 'B', Amount: 48000})
	y.open("b", "", monthOf(2026, 1), relief.Period{}, 2, 48000)
	require.Equal(t, 2, y.due(map[int]relief.Fen{0: 60000}).Listed)
	var err error
	y.b, y.tr, _, err = SealBatch(y.b, y.tr, *y.count(), by(preparer))
	require.NoError(t, err)
	require.Equal(t, 1, y.b.Totals.Netted)
	require.Equal(t, 1, y.b.Totals.Transfers())
	in := AnswerInput{Outcome: OutcomeCredited, Day: 20766, Salt: [16]byte{1}}
	after, result, err := CreditNetted(&y.b, y.roll, 0, y.values(), []AnswerInput{in}, testTx)
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted)
	y.periods[y.b.Period] = OfPeriod{Period: y.b.Period, Lines: *after[0].Payments.(*LineSegment)}
	y.b.CountCredited(y.count())
	require.Equal(t, 1, y.b.Totals.Credited)
	require.Zero(t, y.b.Totals.CreditedSum)

	_, _, _, err = SendBack(y.b, y.tr, "a mistake", by(approver))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	_, _, _, err = CancelBatch(y.b, y.tr, "a mistake", by(approver))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	y.b.State = BatchInstructed
	require.NoError(t, y.b.requireUnanswered(*y.count()), "the file can be taken back")
	_, result, err = RecordTransfers(&y.b, y.roll, 0, y.values(), []AnswerInput{in}, testTx)
	require.NoError(t, err)
	require.Equal(t, relief.LineAlreadySettled, result.Refused[0].Code, "the bank was told nothing of it")
}

// Grants are listed one by one, and one that is taken out is owed again.
func TestGrantsAreListed(t *testing.T) {
	march := monthOf(2026, 3)
	y := newYear(t, monthOf(2027, 1), roll.Input{Persons: 1, Class: 'B', Amount: 48000}) // nothing regular is owed in March
	f, _, err := Grant(Further{}, 0, 123456)
	require.NoError(t, err)
	f, _, err = Grant(f, 0, 78901)
	require.NoError(t, err)
	y.periods[march] = OfPeriod{Period: march, Further: &f}
	y.open("grants", "", march, relief.Period{}, 2, 202357)
	require.Equal(t, DueResult{Listed: 2, Sum: 202357, Grants: 2, Refused: []NotListed{}}, y.due(nil))
	out, removed := RemoveLines(&y.b, y.of(march), []int{0})
	require.Equal(t, []int{0}, removed)
	y.keep([]OfPeriod{out})
	require.Zero(t, y.sums(march).Listed)
	require.Equal(t, 2, y.due(nil).Grants)

	// A batch that is cancelled lets go of them, too.
	y.states["grants"] = BatchCancelled
	y.open("others", "", march, relief.Period{}, 2, 202357)
	require.Equal(t, 2, y.due(nil).Grants)
	y.instruct()
	require.Equal(t, 1, y.answer(OutcomeReturned, 202357, 2).Accepted)
	y.open("again", PurposePayAgain, march, relief.Period{}, 2, 202357)
	require.Equal(t, DueResult{Listed: 2, Sum: 202357, Grants: 2, Refused: []NotListed{}}, y.due(nil))
	require.Equal(t, 2, y.due(nil).Unchanged)
	of := y.of(march)
	require.EqualValues(t, 1, of.Further.againOf(0, 3))
	require.EqualValues(t, 2, of.Further.againOf(0, 4))
}

// A list that names periods lists arrears and top-ups by itself, each exactly what is owed.
func TestLinesOfEarlierPeriods(t *testing.T) {
	january, march := monthOf(2026, 1), monthOf(2026, 3)
	y := newYear(t, january, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
	y.paid(january, 96000)
	var err error
	y.roll, err = roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 2, Amount: 100000}, january)
	require.NoError(t, err)
	y.open("march", "", march, january, 3, 204000)
	of := func(seq int, p relief.Period, amount relief.Fen) LineInput {
		l := line(seq, 0, amount)
		l.Ref, l.Persons, l.Period = y.roll.Ref(0), 2, p
		return l
	}
	lines := []LineInput{
		of(2, relief.Period{}, 100000), of(3, monthOf(2026, 2), 100000), of(4, january, 4001), of(5, january, 4000), of(6, january, 4000),
		of(7, monthOf(2025, 12), 100000), of(8, monthOf(2026, 4), 100000),
	}
	periods := PeriodsOf(lines, y.b.Period, y.b.Periods())
	require.Len(t, periods, 3)
	for i := range periods {
		read := y.of(periods[i].Period)
		periods[i].Lines = read.Lines
	}
	reads := 0
	look := Lookup{Batch: y.other, Further: func(p relief.Period) (Further, error) {
		reads++
		of := y.of(p)
		return *of.Further, nil
	}}
	after, result, err := AddLines(&y.b, y.roll, 0, periods, lines, look)
	require.NoError(t, err)
	require.Equal(t, wire.ChunkResult{Accepted: 3, Refused: []wire.Refusal{
		{Seq: 4, Code: relief.LineAmountNotGranted, Note: "40.00"}, {Seq: 6, Code: "duplicate-of-line-5"},
		{Seq: 7, Code: relief.LinePeriod}, {Seq: 8, Code: relief.LinePeriod},
	}}, told(t, result))
	require.Equal(t, 1, reads, "further payments of the one period that was paid")
	for i := range after {
		if after[i].Further == nil {
			after[i].Further = &Further{}
		}
	}
	y.keep(after)
	require.Equal(t, 3, y.count().totals().Listed)
	require.Equal(t, 2, y.count().totals().Joined)
}

// An act that lowers what is owed takes lines out of open batches; what is sealed keeps the batch from the bank.
func TestLessIsOwed(t *testing.T) {
	may := monthOf(2026, 5)
	y := newYear(t, may, roll.Input{Persons: 2, Class: 'B', Amount: 96000})
	y.open("may", "", may, relief.Period{}, 1, 96000)
	y.due(nil)
	sealed := y.of(may)
	require.NoError(t, sealed.Withdraw(0, 96000, y.other))
	require.False(t, sealed.LinesChanged, "nothing is too much")
	lower, err := roll.SetTerms(y.roll, 0, roll.Terms{Class: "B", Persons: 1, Amount: 48000}, may)
	require.NoError(t, err)

	open := y.of(may)
	require.NoError(t, open.Withdraw(0, lower.Owed(0, may), y.other))
	require.True(t, open.LinesChanged)
	taken, err := open.Taken(0, y.other)
	require.NoError(t, err)
	require.False(t, taken)

	y.instruct()
	sealed = y.of(may)
	require.NoError(t, sealed.Withdraw(0, lower.Owed(0, may), y.other))
	require.False(t, sealed.LinesChanged)
	positions, err := sealed.Exceeding(&y.b, lower, y.other)
	require.NoError(t, err)
	require.Equal(t, []int{0}, positions)
	require.ErrorIs(t, y.b.RequireOwed([]uint32{0}), &relief.Error{Code: relief.CodeConflict})
	positions, err = sealed.Exceeding(&y.b, y.roll, y.other)
	require.NoError(t, err)
	require.NoError(t, y.b.RequireOwed(nil))
	require.Empty(t, positions)
}

// A batch names no more than 36 periods before its own, of the same kind.
func TestEarlierPeriodsAreBounded(t *testing.T) {
	terms := BatchTerms{Period: monthOf(2029, 1)}
	for _, from := range []relief.Period{{}, monthOf(2026, 1), monthOf(2028, 12)} {
		terms.EarlierFrom = from
		require.NoError(t, terms.checkEarlier(), from)
	}
	for _, from := range []relief.Period{monthOf(2025, 12), monthOf(2029, 1), monthOf(2029, 2), relief.QuarterOf(2028 * 12)} {
		terms.EarlierFrom = from
		require.ErrorIs(t, terms.checkEarlier(), &relief.Error{Code: relief.CodeInvalid}, from)
	}
}

// With several sources by weights, a sum that they cannot divide without a negative share is not listed.
func TestWhatSourcesCannotDivide(t *testing.T) {
	y := newYear(t, monthOf(2026, 1), roll.Input{Persons: 1, Class: 'B', Amount: 48000})
	y.open("b", "", monthOf(2026, 1), relief.Period{}, 1, 48000)
	y.b.Tranche = ""
	y.b.Sources = []BatchSource{{Source: Source{Tranche: "a", Weight: 60}}, {Source: Source{Tranche: "b", Weight: 25}}, {Source: Source{Tranche: "c", Weight: 15}}}
	result := y.due(map[int]relief.Fen{0: 47997})
	require.Equal(t, []NotListed{{0, monthOf(2026, 1), relief.LineUndivided, "0.04"}}, result.Refused)
	require.Equal(t, 1, y.due(map[int]relief.Fen{0: 47996}).Listed)
}
