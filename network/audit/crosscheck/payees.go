package crosscheck

import (
	"bytes"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// payees checks that the payee of a roll number only changes with new details, which have the next version, or goes with
// an erasure.
func (e *txChanges) payees(r record) {
	after, err := roll.ParsePayees(r.value)
	if err != nil {
		e.report(BadRecord, "%s: %v", keyName(r.name), err)
		return
	}
	before, err := roll.ParsePayees(e.Segments[r.name])
	if err != nil || before.Len() > after.Len() {
		e.report(BadRecord, "%s has lost entries", keyName(r.name))
	}
	for i := range after.Len() {
		was, is := before.Version(i), after.Version(i)
		given := is == was+1 && after.Payee(i).Valid()
		erased := is == was && after.Payee(i) == roll.Payee{}
		if !given && !erased && !bytes.Equal(before.Packed(i), after.Packed(i)) {
			e.report(BadRecord, "%s changes the payee in slot %d without new details", keyName(r.name), i)
		}
	}
	e.Segments[r.name] = r.value
}

// wholeSegments checks that each roll segment that a transaction wrote has a payee for each entry.
func (e *txChanges) wholeSegments(records []record) {
	for _, r := range records {
		if r.key.Kind != relief.KindRoll && r.key.Kind != relief.KindPayees || len(r.key.Attrs) != 3 {
			continue
		}
		people, payees := r.key, r.key
		people.Kind, payees.Kind = relief.KindRoll, relief.KindPayees
		_, err := roll.ParsePart(roll.SegmentAddr{}, e.Segments[people.String()], e.Segments[payees.String()])
		if err != nil {
			e.report(BadRecord, "%s: %v", keyName(r.name), err)
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
