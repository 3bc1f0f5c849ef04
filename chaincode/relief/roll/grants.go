package roll

import (
	"encoding/binary"

	"relieftrail/chaincode/relief"
)

// EnrolForGrant gives a person the number under which single grants are paid, or finds the one that they have. The number is for
// ever, as are its county and region: somebody who lives elsewhere now gets another. The entry's terms have no amount, because
// it is the grants that say what is owed. period is the grant's. current is the person's index entry, nil for a person who was
// never on this programme's roll; the new one has ended with period, so that the roll excludes no relief of later periods.
// Another payee than the person's takes effect, unless a payment has no answer of the bank: current.Paying then says so, and the
// grant waits (LineUnanswered).
func EnrolForGrant(part Part, in *Input, period relief.Period, current *IndexEntry) (Part, *IndexEntry, relief.LineCode) {
	e := *in
	e.Amount = 1 // passes the check of what is granted a month
	if code := checkRollInput(part.At.County, &e); code != "" {
		return part, nil, code
	}
	e.Amount = 0
	if current != nil && current.Paying {
		return part, nil, relief.LineUnanswered
	}
	im := newImporter([]Part{part}, ImportRule{}, 1)
	own, position := im.draftOf(current)
	if own == nil || own.Segment.Region(position) != in.Region {
		entry, refusal := im.enterNew(&e, period, current)
		if refusal.Code != "" {
			return part, nil, refusal.Code
		}
		own = &im.parts[0]
		position, _ = own.At.Slot(entry.Number)
		own.ended(position, period)
		entry.Exited, entry.Until = true, period
		return im.after()[0], entry, ""
	}
	entry := *current
	if own.Payees.Payee(position) != in.Payee {
		if !own.setPayee(position, in.Payee) {
			return part, nil, relief.LineSegmentFull
		}
		entry = *newIndexEntry(current, current.County, current.Number)
	}
	own.ended(position, period)
	entry.Exited, entry.Until = true, own.edit.slots.periodAt(position, rollUntil)
	return im.after()[0], &entry, ""
}

// ended has an entry last from its first grant to its last one.
func (d *draft) ended(position int, period relief.Period) {
	slots := d.edit.slots
	if slots.From(position).FirstMonth() > period.FirstMonth() {
		binary.BigEndian.PutUint16(slots.slot(position)[rollFrom:], period.Code())
	}
	if until := slots.periodAt(position, rollUntil); until.IsZero() || until.Before(period) {
		d.edit.setUntil(position, period)
	}
}

// SameDetails reports whether both entries lead to the same private details; no entry leads to any.
func (r *IndexEntry) SameDetails(other *IndexEntry) bool {
	return other != nil && r.Case == other.Case && r.Change == other.Change && r.Page == other.Page && r.Own == other.Own
}
