package rules

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// linesOf packs a segment of payments of batch b1, listed, of 480.00 each (docs/ledger-layout.md).
func linesOf(t testing.TB, n int) []byte {
	t.Helper()
	return linesIn(t, n, 1, "b1")
}

func linesIn(t testing.TB, n int, state byte, batch string) []byte {
	t.Helper()
	b := []byte{'l', 5, 1}
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, 0, 0, 0, 1, byte(len(batch)))
	b = append(b, batch...)
	b = append(b, state, 1, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(state-1)) // the value date of an answer
	if state > 2 {
		b = append(b, "AC04"...) // why the money came back
	} else {
		b = append(b, 0, 0, 0, 0)
	}
	for range n {
		b = append(b, 1)
		b = binary.AppendUvarint(b, 48000)
		b = append(b, 0)
		if state > 1 {
			b = append(b, make([]byte, len(relief.BankRefHash{}))...)
		}
	}
	_, err := payment.ParseLineSegment(b)
	require.NoError(t, err)
	return b
}

// payeesOf packs the payees of a segment: each entry's details have the version, and the tags of the account are made of
// one byte (docs/ledger-layout.md).
func payeesOf(t testing.TB, version byte, accounts ...byte) []byte {
	t.Helper()
	b := []byte{'y', 1, 0, byte(len(accounts))}
	for _, a := range accounts {
		payee := roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, a}}
		if a == 0 {
			payee = roll.Payee{} // erased
		}
		b = payee.AppendTo(append(b, 0, version))
	}
	_, err := roll.ParsePayees(b)
	require.NoError(t, err)
	return b
}

// ledger is a ledger state without a chain of blocks.
type ledger struct {
	*State
}

func newTestLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{NewState()}
	l.Sizes["dibao"] = 1000
	return l
}

// write applies one transaction and gives the kinds of what it finds.
func (l *ledger) write(t *testing.T, values map[string]string) (kinds []Kind) {
	t.Helper()
	var records []Record
	for name, value := range values {
		k, ok := relief.ParseKey(name)
		require.True(t, ok)
		r := Record{Key: k, Name: name}
		if value != "" {
			r.Value = []byte(value)
		}
		records = append(records, r)
	}
	for _, p := range l.Apply(By("t1", "CivilAffairsMSP", "official", "1"), records) {
		kinds = append(kinds, p.Kind)
	}
	return kinds
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// A payee changes with new details or goes with an erasure, and in no other way.
func TestChangedPayeesAreFound(t *testing.T) {
	key, people := relief.PayeesKey("dibao", "530181", 0).String(), relief.RollKey("dibao", "530181", 0).String()
	given := map[string]string{people: rollOf(t, 7, 8), key: string(payeesOf(t, 1, 7, 8))}
	for name, test := range map[string]struct {
		value []byte
		roll  string
		want  []Kind
	}{
		"the same again":               {payeesOf(t, 1, 7, 8), rollOf(t, 7, 8), nil},
		"new details of both":          {payeesOf(t, 2, 9, 8), rollOf(t, 9, 8), nil},
		"erased details":               {payeesOf(t, 1, 7, 0), rollOf(t, 7, 0), nil},
		"another card, no new details": {payeesOf(t, 1, 7, 9), rollOf(t, 7, 9), []Kind{BadRecord}},
		"a version left out":           {payeesOf(t, 3, 7, 8), rollOf(t, 7, 8), []Kind{BadRecord, BadRecord}},
		"another check in the roll":    {payeesOf(t, 2, 7, 9), rollOf(t, 7, 8), []Kind{BadRecord, BadRecord}},
		"a payee who is gone":          {payeesOf(t, 1, 7), rollOf(t, 7, 8), []Kind{BadRecord, BadRecord, BadRecord}},
		"a payee of nobody":            {payeesOf(t, 1, 7, 8, 9), rollOf(t, 7, 8), []Kind{BadRecord, BadRecord}},
		"not to be read":               {[]byte("y?"), rollOf(t, 7, 8), []Kind{BadRecord}},
		"deleted":                      {nil, rollOf(t, 7, 8), []Kind{BadRecord}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLedger(t)
			for name, value := range given {
				l.Segments[name] = []byte(value)
			}
			require.Equal(t, test.want, l.write(t, map[string]string{key: string(test.value), people: test.roll}))
		})
	}
}

// rollOf is a packed segment of people with these accounts; 0 stands for erased details.
func rollOf(t *testing.T, accounts ...byte) string {
	t.Helper()
	inputs := make([]roll.Input, len(accounts))
	for i, account := range accounts {
		inputs[i] = roll.Input{
			Seq: uint32(i + 2), Ref: relief.SubjectRef{1, byte(i + 1)}, Region: "530181001", Persons: 1, Class: 'B', Amount: 48000,
			Payee: roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, account}},
		}
	}
	parts, _, _, err := roll.Import([]roll.Part{{At: roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 1000}}},
		roll.ImportRule{From: relief.MonthPeriod(2026 * 12)}, inputs, func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
	require.NoError(t, err)
	part := parts[0]
	for i, account := range accounts {
		if account == 0 {
			part = part.WithoutPayee(i)
		}
	}
	return string(part.Segment.Bytes())
}

// What is approved is what was sealed: an act on other lines or payees is found.
func TestActsOnOtherPayeesAreFound(t *testing.T) {
	l := newTestLedger(t)
	period := relief.MonthPeriod(2026*12 + 10)
	l.Segments[relief.LinesKey("dibao", "530181", period, 0).String()] = linesOf(t, 2)
	payees := relief.PayeesKey("dibao", "530181", 0).String()
	l.Segments[payees] = payeesOf(t, 1, 7, 8)
	b := &payment.Batch{ID: "b1", Programme: "dibao", Region: "530181", Period: period, SegmentSize: 1000, Segments: []uint32{0}}
	found := func(act relief.Act) []Problem {
		e := &txChanges{State: l.State}
		e.sealed("batch b1", b, act)
		return e.found
	}
	require.Len(t, found(relief.ActPaymentSeal), 1, "the hash of nothing")
	count := payment.BatchCount{}
	lines, err := payment.ParseLineSegment(linesOf(t, 2))
	require.NoError(t, err)
	whom, err := roll.ParsePayees(l.Segments[payees])
	require.NoError(t, err)
	require.NoError(t, count.Add(b, payment.ValueAddr{Period: b.Period}, &lines, whom))
	b.LinesSHA256 = count.Digest()
	require.Empty(t, found(relief.ActPaymentSeal))
	l.Segments[payees] = payeesOf(t, 2, 7, 9)
	require.Len(t, found(relief.ActPaymentAuthorise), 1)
	require.Len(t, found(relief.ActPaymentInstruct), 1)
	require.Empty(t, found(relief.ActPaymentSettle), "afterwards the payees may change")
}

// Changes that the chaincode would refuse are found from the values alone.
func TestForbiddenChangesAreFound(t *testing.T) {
	lines := relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0).String()
	open := func(l *ledger) {
		l.Batches["b1"] = &payment.Batch{ID: "b1", State: payment.BatchOpen, Period: relief.MonthPeriod(2026*12 + 10)}
	}
	for name, test := range map[string]struct {
		given func(l *ledger)
		write map[string]string
		want  Kind
	}{
		"a payment that begins as credited": {open, map[string]string{lines: string(linesIn(t, 3, 2, "b1"))}, PaidTwice},
		"a payment of an unknown batch":     {func(*ledger) {}, map[string]string{lines: string(linesOf(t, 3))}, BadRecord},
		"a payment that has disappeared": {func(l *ledger) {
			l.Batches["b1"], l.Segments[lines] = &payment.Batch{ID: "b1", State: payment.BatchSealed}, linesOf(t, 3)
		}, map[string]string{lines: string(linesOf(t, 2))}, BadRecord},
		"a slot that another batch takes":  {func(l *ledger) { open(l); l.Batches["b2"] = l.Batches["b1"]; l.Segments[lines] = linesOf(t, 1) }, map[string]string{lines: string(linesIn(t, 1, 1, "b2"))}, PaidTwice},
		"an answer before the instruction": {func(l *ledger) { open(l); l.Segments[lines] = linesOf(t, 1) }, map[string]string{lines: string(linesIn(t, 1, 2, "b1"))}, PaidTwice},
		"a segment that cannot be read":    {open, map[string]string{lines: "l?"}, BadRecord},
		"a value that is deleted":          {open, map[string]string{lines: ""}, BadRecord},
		"a tranche that does not add up": {func(*ledger) {}, map[string]string{relief.TrancheKey("t1").String(): text(t, fund.Tranche{
			TrancheTerms: fund.TrancheTerms{ID: "t1", Amount: 100, Programme: "dibao", Region: "530181"}, State: fund.TrancheIssued,
			Balances: fund.Balances{Issued: 100, Paid: 60, Available: 40}, Acts: []relief.HistoryEntry{{Act: relief.ActFundIssue}},
		})}, Money},
		"a batch in somebody else's name": {func(*ledger) {}, map[string]string{relief.BatchKey("b1").String(): text(t, payment.Batch{
			ID: "b1", Region: "530181", State: payment.BatchOpen, Acts: []relief.HistoryEntry{{Act: relief.ActPaymentOpen, By: relief.Official{Agency: "FinanceMSP", ID: "x", Name: "x"}}},
		})}, BadRecord},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLedger(t)
			test.given(l)
			require.Contains(t, l.write(t, test.write), test.want)
		})
	}
	l := newTestLedger(t)
	open(l)
	require.Empty(t, l.write(t, map[string]string{lines: string(linesOf(t, 3))}), "listed as it should be")
	require.Equal(t, 3, l.Counted["b1"].Listed)
	require.Empty(t, l.write(t, map[string]string{lines: string(linesOf(t, 2))}), "taken out of an open batch")
	require.Equal(t, payment.Totals{Listed: 2, ListedSum: 96000, Pending: 2, PendingSum: 96000}, *l.Counted["b1"])
}

// A batch is corrected by acts that say so, and who ever prepared it does not approve it.
func TestCorrectionsOfABatchAreChecked(t *testing.T) {
	before := payment.Batch{
		ID: "b1", State: payment.BatchOpen, Control: payment.Control{Count: 2, Sum: 96000},
		Preparers: []relief.Official{{Agency: "CivilAffairsMSP", Name: "li"}},
	}
	found := func(act relief.Act, change func(b *payment.Batch)) (texts []string) {
		b := before
		change(&b)
		e := &txChanges{State: NewState()}
		e.corrections("batch b1", &before, &b, []relief.Act{act})
		for _, p := range e.found {
			texts = append(texts, p.Detail)
		}
		return texts
	}
	control := func(b *payment.Batch) { b.Control.Count = 3 }
	require.Empty(t, found(relief.ActPaymentSetControl, control))
	require.Len(t, found(relief.ActPaymentSeal, control), 1)
	heir := func(b *payment.Batch) {
		b.Preparers = append(b.Preparers[:1:1], relief.Official{Agency: "CivilAffairsMSP", ID: "wang", Name: "wang"})
	}
	require.Empty(t, found(relief.ActPaymentHandOver, heir))
	require.Len(t, found(relief.ActPaymentSeal, heir), 1)
	require.Len(t, found(relief.ActPaymentHandOver, func(b *payment.Batch) { b.Preparers = nil }), 1)

	e := &txChanges{State: NewState()}
	approved := []relief.HistoryEntry{{Act: relief.ActPaymentApprove, By: before.Preparers[0]}}
	e.approvals("batch b1", approved, before.Preparers)
	require.Len(t, e.found, 1)
}
