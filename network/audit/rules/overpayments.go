package rules

import (
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// overpayment checks an overpayment: its acts are in the name of the transaction's signer, no measure is decided by who proposed it
// and none that was decided changes, and no more is settled by a confirmation than was credited above what is owed.
func (e *txChanges) overpayment(r Record) {
	o, ok := unpack[overpayment.Overpayment](e, r)
	if !ok {
		return
	}
	name := "overpayment " + string(o.ID)
	before := e.Overpayments[o.ID]
	if before == nil {
		before = &overpayment.Overpayment{}
	}
	if relief.OverpaymentKey(o.ID).String() != r.Name || len(before.Measures) > len(o.Measures) {
		e.report(BadRecord, "%s is not what its key says, or has lost a measure", KeyName(r.Name))
		return
	}
	e.newActs(name, before.Acts, o.Acts)
	confirmed := false
	for i := range o.Measures {
		var was overpayment.Measure
		if i < len(before.Measures) {
			was = before.Measures[i]
		}
		confirmed = e.measure(name, o, &was, &o.Measures[i]) || confirmed
	}
	e.Overpayments[o.ID] = o
	if !confirmed {
		return
	}
	e.settled(name, o)
}

// settled checks that no more of an overpayment is recovered, deducted and written off than was credited above what is owed.
func (e *txChanges) settled(name string, o *overpayment.Overpayment) {
	excess, deducted, ok := e.excess(o)
	settled := o.Standing(nil, 0)
	if sum := settled.Recovered + settled.WrittenOff + deducted; ok && sum > excess {
		e.report(Money, "%s: %s was recovered, deducted or written off, but only %s was credited above what is owed", name, sum, excess)
	}
}

// deductions checks payments that were listed with a deduction: somebody was paid so much too much.
func (e *txChanges) deductions() {
	for i := range e.deducts {
		t := &e.deducts[i]
		id := relief.NewOverpaymentID(t.at.Programme, t.at.County, t.at.First()+uint32(t.position)) //nolint:gosec // < 1000
		o := e.Overpayments[id]
		if o == nil {
			e.report(Money, "of a payment to %s for %s something is deducted, and there is no such overpayment", id, t.Period)
			continue
		}
		e.settled("overpayment "+string(id), o)
	}
}

// measure checks one measure against the version before, and books what it recovered. It reports whether it was confirmed just
// now.
func (e *txChanges) measure(name string, o *overpayment.Overpayment, was, m *overpayment.Measure) (confirmed bool) {
	confirmed = m.State == overpayment.Confirmed
	if sum := partsOf(m); m.Kind == overpayment.Recovery && confirmed && sum != m.Amount {
		e.report(Money, "%s: the parts of measure %d are %s, not %s", name, m.Number, sum, m.Amount)
	}
	if was.Number != 0 && (was.Terms != m.Terms || was.SHA256 != m.SHA256 || was.State != overpayment.Proposed && len(was.Parts) != len(m.Parts)) {
		e.report(BadRecord, "%s: measure %d has other terms than when it was proposed", name, m.Number)
	}
	if was.State == m.State {
		return false
	}
	decided := confirmed || m.State == overpayment.Refused
	if proposer := o.Acts[min(m.Act, len(o.Acts)-1)].By; decided && relief.SameOfficial(proposer, o.Acts[len(o.Acts)-1].By) {
		e.report(BadRecord, "%s: measure %d is decided by the official who proposed it", name, m.Number)
	}
	if !confirmed || m.Kind == overpayment.Deduction { // what is deducted is in the payments
		return false
	}
	for i := range m.Parts {
		id := m.Parts[i].Receiver()
		e.Recovered[id] += m.Parts[i].Amount
		e.tranches[id] = true
	}
	return true
}

func partsOf(m *overpayment.Measure) (sum relief.Fen) {
	for i := range m.Parts {
		sum += m.Parts[i].Amount
	}
	return sum
}

// monthsDeducted is for how long after the first overpaid period something may be deducted.
const monthsDeducted = 120

// excess is what was credited above what is owed for the periods of an overpayment, by the segments as they are now, and what was
// deducted of the number's payments and stands.
func (e *txChanges) excess(o *overpayment.Overpayment) (excess, deducted relief.Fen, ok bool) {
	size := e.Sizes[o.Programme]
	if size == 0 || len(o.Periods) == 0 {
		return 0, 0, false
	}
	at := roll.SegmentAddr{Programme: o.Programme, County: o.County, Segment: o.Number / size, Size: size}
	position, _ := at.Slot(o.Number)
	people, err := roll.ParseSegment(e.Segments[relief.RollKey(o.Programme, o.County, at.Segment).String()])
	if err != nil || position >= people.Len() {
		return 0, 0, false // reported when it was written
	}
	first := slices.MinFunc(o.Periods, func(a, b relief.Period) int { return a.FirstMonth() - b.FirstMonth() }).FirstMonth()
	for month := first; month <= first+monthsDeducted; month++ {
		p := relief.MonthPeriod(month)
		if o.Periods[0].Quarterly() {
			if p = quarterOf(p); p.FirstMonth() != month {
				continue
			}
		}
		of, err := e.ofPeriod(place{at, payment.ValueAddr{Period: p, Segment: at.Segment}})
		if err != nil {
			return 0, 0, false // reported when it was written
		}
		credited, taken := e.creditedTo(&of, position)
		deducted += taken
		if slices.Contains(o.Periods, p) {
			excess += max(credited-owedOf(people, position, p), 0)
		}
	}
	return excess, deducted, true
}

// creditedTo is what was credited to a position for a period, and what was deducted of its payments and stands: not of those that a
// cancelled batch lists.
func (b *State) creditedTo(of *payment.OfPeriod, position int) (credited, deducted relief.Fen) {
	for _, l := range of.OfEntry(position) {
		if l.State == payment.LineCredited {
			credited += l.Amount
		}
		if state, _ := b.batchState(l.Batch); l.State != payment.LineListed || state != payment.BatchCancelled {
			deducted += l.Deducted
		}
	}
	return credited, deducted
}

// recoveredEntry checks that the entry of a statement is recovered by for no more than its amount.
func (e *txChanges) recoveredEntry(r Record) {
	entry, ok := unpack[overpayment.RecoveredEntry](e, r)
	if !ok {
		return
	}
	var before overpayment.RecoveredEntry
	if b := e.Segments[r.Name]; b != nil && json.Unmarshal(b, &before) == nil && before.Entry != entry.Entry {
		e.report(BadRecord, "%s has another amount or day than before", KeyName(r.Name))
	}
	var sum relief.Fen
	for _, of := range entry.Recoveries {
		sum += of.Amount
	}
	if sum > entry.Amount {
		e.report(Money, "%s: %s was recovered by an entry of %s", KeyName(r.Name), sum, entry.Amount)
	}
	e.Segments[r.Name] = r.Value
}
