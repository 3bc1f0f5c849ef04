package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// SetTerms gives an entry new terms from a month of its range on, which may lie in the past. For earlier months the old terms
// stay in force, later ones are replaced; suspensions stay.
func SetTerms(seg Segment, position int, t Terms, from relief.Period) (Segment, error) {
	e := seg.edit(0)
	if err := e.changeTerms(position, t.packed(), from); err != nil {
		return seg, err
	}
	return e.segment(), nil
}

func (e *editor) changeTerms(position int, t packedTerms, from relief.Period) error {
	if err := e.inRange(position, from); err != nil {
		return err
	}
	first, since := e.slots.From(position), e.since(position)
	spans := cutTerms(e.spans[position], first, from.Previous())
	if since.Before(from) {
		spans = append(spans, e.terms(position).span(position, since, from.Previous()))
	}
	if err := e.keep(position, mergeTerms(spans, first, from, t)); err != nil {
		return err
	}
	e.setTerms(position, t)
	return nil
}

// cutTerms is a copy of an entry's spans in which the terms of the range that begins with first end with a month.
func cutTerms(spans []span, first, last relief.Period) []span {
	kept := make([]span, 0, len(spans)+1)
	for _, sp := range spans {
		if sp.isTerms() && !sp.from.Before(first) && last.Before(sp.to) {
			if last.Before(sp.from) {
				continue
			}
			sp.to = last
		}
		kept = append(kept, sp)
	}
	return kept
}

// mergeTerms drops the spans of the range that begins with first and have the terms that follow them, from a month on: the same
// terms are one run.
func mergeTerms(spans []span, first, from relief.Period, t packedTerms) []span {
	for {
		i := slices.IndexFunc(spans, func(sp span) bool {
			return sp.isTerms() && !sp.from.Before(first) && sp.to == from.Previous() && sp.terms() == t
		})
		if i < 0 {
			return spans
		}
		from = spans[i].from
		spans = slices.Delete(spans, i, i+1)
	}
}

// Suspend stops payments to an entry from a month on.
func Suspend(seg Segment, position int, from relief.Period) (Segment, error) {
	e := seg.edit(0)
	if err := e.inForce(position, from); err != nil {
		return seg, err
	}
	if e.suspended(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry is suspended already")
	}
	sp := span{position: uint16(position), from: from, class: classSuspended} //nolint:gosec // below 1000
	if err := e.keep(position, append(e.spans[position], sp)); err != nil {
		return seg, err
	}
	return e.segment(), nil
}

// Resume ends an entry's suspension before a month.
func Resume(seg Segment, position int, from relief.Period) (Segment, error) {
	e := seg.edit(0)
	if err := e.inForce(position, from); err != nil {
		return seg, err
	}
	if !e.suspended(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry is not suspended")
	}
	if err := e.keep(position, endSuspension(e.spans[position], from.Previous())); err != nil {
		return seg, err
	}
	return e.segment(), nil
}

// suspended reports whether an entry is suspended and the end of that is not known.
func (e *editor) suspended(position int) bool { return slices.ContainsFunc(e.spans[position], isOpen) }

func isOpen(p span) bool { return p.class == classSuspended && p.to.IsZero() }

// endSuspension is a copy of an entry's spans in which the suspension whose end is not known ends with a month; one that would
// begin later is dropped, since it never took effect.
func endSuspension(spans []span, last relief.Period) []span {
	kept := make([]span, 0, len(spans))
	for _, sp := range spans {
		if isOpen(sp) {
			if last.Before(sp.from) {
				continue
			}
			sp.to = last
		}
		kept = append(kept, sp)
	}
	return kept
}

// Reinstate undoes an exit. The entitlement continues after the month in which it had ended, and a suspension that the exit
// ended does not begin again.
func Reinstate(seg Segment, position int) (Segment, error) {
	e := seg.edit(0)
	if position < 0 || position >= seg.Len() || !seg.exited(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry has not exited")
	}
	spans := endSuspension(withoutDeath(e.spans[position]), seg.periodAt(position, rollUntil))
	if err := e.keep(position, spans); err != nil {
		return seg, err
	}
	b := e.slots.slot(position)
	b[rollState], b[rollReason] = 0, 0
	e.setUntil(position, relief.Period{})
	return e.segment(), nil
}

// EndWith is a segment in which the range of an entry ends with a month.
func EndWith(seg Segment, position int, until relief.Period) Segment {
	e := seg.edit(0)
	e.setUntil(position, until)
	return e.segment()
}

func withoutDeath(spans []span) []span {
	return slices.DeleteFunc(slices.Clone(spans), func(p span) bool { return p.class == classDied })
}

// comeBack replaces the slot of an entry whose range has ended by one with a later range. What was in force in the range before
// is kept in spans.
func (e *editor) comeBack(position int, slot []byte) error {
	first, until, since := e.slots.From(position), e.slots.periodAt(position, rollUntil), e.since(position)
	spans := cutTerms(withoutDeath(e.spans[position]), first, until)
	spans = cutResidences(endSuspension(spans, until), first, until)
	if !until.Before(since) {
		spans = append(spans, e.terms(position).span(position, since, until))
	}
	if err := e.keep(position, spans); err != nil {
		return err
	}
	copy(e.slots.slot(position), slot)
	return nil
}

var errNoEntry = relief.Errorf(relief.CodeCorrupt, "the roll has no such entry")

// inForce refuses an entry that has exited, and a period that is no month.
func (e *editor) inForce(position int, from relief.Period) error {
	switch {
	case position < 0 || position >= e.slots.Len():
		return errNoEntry
	case e.slots.exited(position):
		return relief.Errorf(relief.CodeWrongState, "the roll entry has exited")
	}
	return checkMonth("from", from)
}

// inRange refuses a month that lies outside an entry's range. An entry that has exited keeps its range.
func (e *editor) inRange(position int, month relief.Period) error {
	if position < 0 || position >= e.slots.Len() {
		return errNoEntry
	}
	if err := checkMonth("from", month); err != nil {
		return err
	}
	switch from, until := e.slots.From(position), e.slots.periodAt(position, rollUntil); {
	case month.Before(from):
		return relief.FieldErrorf("from", "the entry begins with %s: it cannot change before", from)
	case !until.IsZero() && until.Before(month):
		return relief.FieldErrorf("from", "the entry ends with %s: it cannot change afterwards", until)
	}
	return nil
}

// checkMonth refuses a period that is no month: roll entries have months, also where a programme pays by the quarter.
func checkMonth(field string, p relief.Period) error {
	if p.IsZero() || p.Quarterly() {
		return relief.FieldErrorf(field, "a month is written 2026-11")
	}
	return nil
}
