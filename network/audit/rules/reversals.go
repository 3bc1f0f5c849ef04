package rules

import (
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/statement"
)

// reversedLine is a payment of which a transaction changed the bank's recorded answer.
type reversedLine struct {
	place
	line payment.Line
}

// reversal checks a reversal: it says what its digest says, and was confirmed by another official than the one who proposed it, by
// entries of statements that say so and were used for nothing else.
func (e *txChanges) reversal(r Record) {
	v, ok := unpack[reversal.Reversal](e, r)
	if !ok {
		return
	}
	name := "reversal " + string(v.ID)
	if relief.ReversalKey(v.ID).String() != r.Name || len(v.Acts) == 0 || !v.Digests() {
		e.report(BadRecord, "%s is not what its key or its digest says", KeyName(r.Name))
		return
	}
	before := reversal.Reversal{State: reversal.New}
	if b := e.Segments[r.Name]; b != nil && json.Unmarshal(b, &before) != nil {
		return // reported when it was written
	}
	e.newActs(name, before.Acts, v.Acts)
	e.Segments[r.Name] = r.Value
	if v.State != reversal.Confirmed || before.State == reversal.Confirmed {
		return
	}
	proposer, _ := relief.LastBy(before.Acts, relief.ActReversalPropose)
	if before.State != reversal.Proposed || relief.SameOfficial(proposer, v.Acts[len(v.Acts)-1].By) {
		e.report(BadRecord, "%s is confirmed, which no other official proposed", name)
	}
	e.reversals = append(e.reversals, v)
	for i := range v.Items {
		e.entryOf(name, v.ID, &v.Items[i])
	}
}

// entryOf checks the entry of a statement by which an answer was reversed.
func (e *txChanges) entryOf(name string, id relief.ReversalID, i *reversal.Item) {
	var use reversal.Use
	if b := e.Segments[relief.ReversedKey(i.Statement, i.Entry).String()]; b == nil || json.Unmarshal(b, &use) != nil || use.Reversal != id {
		e.report(Money, "%s: entry %s of statement %s is not kept as used by it", name, i.Entry, i.Statement)
	}
	var s statement.Statement
	if b := e.Segments[relief.StatementKey(i.Statement).String()]; b == nil || json.Unmarshal(b, &s) != nil {
		e.report(BadRecord, "%s names statement %s, which is not there", name, i.Statement)
		return
	}
	amount := relief.Balance(i.Amount)
	if i.As == reversal.Credited {
		amount = -amount
	}
	if entry, ok := s.Entry(i.Entry); !ok || entry.Amount != amount || entry.BookedOn != i.BookedOn || entry.Ref != i.Ref {
		e.report(Money, "%s: statement %s has no entry %s of %s", name, i.Statement, i.Entry, amount)
	}
}

// reversedEntry checks that an entry of a statement is used by one reversal.
func (e *txChanges) reversedEntry(r Record) {
	if e.Segments[r.Name] != nil {
		e.report(Money, "%s was used by another reversal before", KeyName(r.Name))
	}
	e.Segments[r.Name] = r.Value
}

// reversedLines checks payments whose recorded answer changed to the opposite: two officials confirmed a reversal that names their
// transfers. Where more is credited than is owed then, there is an overpayment.
func (e *txChanges) reversedLines() {
	for i := range e.reversed {
		l := &e.reversed[i]
		number := l.at.First() + uint32(l.line.Position) //nolint:gosec // < 1000
		if !slices.ContainsFunc(e.reversals, func(v *reversal.Reversal) bool { return names(v, number, &l.line) }) {
			e.report(PaidTwice, "batch %s: the payment of number %d for %s is %s now, against the recorded answer, and no two officials confirmed that",
				l.line.Batch, number, l.Period, l.line.State)
		}
		if l.line.State == payment.LineCredited && l.line.Kind != relief.PaymentGrant {
			e.excessNoted(l, number)
		}
	}
}

// names reports whether a reversal gives a payment its answer.
func names(v *reversal.Reversal, number uint32, l *payment.Line) bool {
	as := reversal.Returned
	if l.State == payment.LineCredited {
		as = reversal.Credited
	}
	return v.Batch == l.Batch && slices.ContainsFunc(v.Items, func(i reversal.Item) bool {
		return i.Payment.Number == number && i.As == as && i.BookedOn.Number() == l.Day
	})
}

// excessNoted checks that an overpayment has the period of a payment that a reversal credited above what is owed.
func (e *txChanges) excessNoted(l *reversedLine, number uint32) {
	entries, err := roll.ParseSegment(e.Segments[relief.RollKey(l.at.Programme, l.at.County, l.Segment).String()])
	if err != nil || l.line.Position >= entries.Len() {
		return // reported when it was written
	}
	p, err := e.ofPeriod(l.place)
	if err != nil {
		return // likewise
	}
	sums, err := p.Sums(l.line.Position, e.batchState)
	if err != nil || sums.Held() <= owedOf(entries, l.line.Position, l.Period) {
		return
	}
	id := relief.NewOverpaymentID(l.at.Programme, l.at.County, number)
	if o := e.Overpayments[id]; o == nil || !slices.Contains(o.Periods, l.Period) {
		e.report(Money, "%s is listed and credited to number %d for %s of %s, more than is owed, and no overpayment has it",
			sums.Held(), number, l.Period, l.at.Programme)
	}
}
