package rules

import (
	"bytes"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// payees checks that the payee of a roll number only changes with new details, which have the next version, or goes with
// an erasure.
func (e *txChanges) payees(r Record) {
	after, err := roll.ParsePayees(r.Value)
	if err != nil {
		e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
		return
	}
	before, err := roll.ParsePayees(e.Segments[r.Name])
	if err != nil || before.Len() > after.Len() {
		e.report(BadRecord, "%s has lost entries", KeyName(r.Name))
	}
	for i := range after.Len() {
		was, is := before.Version(i), after.Version(i)
		given := is == was+1 && after.Payee(i).Valid()
		erased := is == was && after.Payee(i) == roll.Payee{}
		if !given && !erased && !bytes.Equal(before.Packed(i), after.Packed(i)) {
			e.report(BadRecord, "%s changes the payee in slot %d without new details", KeyName(r.Name), i)
		}
	}
	e.Segments[r.Name] = r.Value
}

// wholeSegments checks that each roll segment that a transaction wrote has a payee for each entry.
func (e *txChanges) wholeSegments(records []Record) {
	for _, r := range records {
		if r.Key.Kind != relief.KindRoll && r.Key.Kind != relief.KindPayees || len(r.Key.Attrs) != 3 {
			continue
		}
		people, payees := r.Key, r.Key
		people.Kind, payees.Kind = relief.KindRoll, relief.KindPayees
		_, err := roll.ParsePart(roll.SegmentAddr{}, e.Segments[people.String()], e.Segments[payees.String()])
		if err != nil {
			e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
		}
	}
}

// sealed checks that the lines and payees of a batch are those of its list's hash whenever an act rests on it.
func (e *txChanges) sealed(name string, b *payment.Batch, act relief.Act) {
	if act != relief.ActPaymentSeal && act != relief.ActPaymentAuthorise && act != relief.ActPaymentInstruct {
		return
	}
	count := &payment.BatchCount{}
	values, ok := e.heldBy(b)
	if !ok {
		return
	}
	for i := range values {
		v := &values[i]
		payees, err := roll.ParsePayees(e.Segments[relief.PayeesKey(b.Programme, b.Region.County(), v.Segment).String()])
		if err != nil {
			return // reported when it was written
		}
		if err := count.Add(b, v.ValueAddr, v.Payments, payees); err != nil {
			e.report(Money, "%s: %v", name, err)
			return
		}
	}
	if err := b.RequireSealed(count); err != nil {
		e.report(BadRecord, "%s, act %s: its lines or payees are not those of the list's hash", name, act)
	}
}
