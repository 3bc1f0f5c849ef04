package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// A household lives in an urban or rural place as its region does by the registry, unless spans of the entry say another. They are runs of
// months inside one range of the entry, none overlaps another, and neighbours with the same residence are one. Nothing is owed more or
// less by them: they say under which budget code money is booked.

// ResidenceRun is a run of months for which the roll says where a household lives.
type ResidenceRun struct {
	From      relief.Period    `json:"from"`
	Until     relief.Period    `json:"until,omitzero"` // none while the end is not known
	Residence relief.Residence `json:"residence"`
}

// residence is what a span of that class says.
func (p *span) residence() relief.Residence {
	r, _ := relief.ResidenceFromCode(p.persons) // "" for a code that none has
	return r
}

// ResidenceIn is what the roll says of where an entry's household lives in a month; "" where it says nothing, which is then the residence
// of the region.
func (s Segment) ResidenceIn(position int, month relief.Period) relief.Residence {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classResidence && sp.covers(month.LastMonth()) {
			return sp.residence()
		}
	}
	return ""
}

// Residence is what the roll says of where an entry's household lives from some month on, with no end; "" for nothing.
func (s Segment) Residence(position int) relief.Residence {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classResidence && sp.to.IsZero() {
			return sp.residence()
		}
	}
	return ""
}

// Residences lists what the roll says of where an entry's household lives, in the order of time.
func (s Segment) Residences(position int) (runs []ResidenceRun) {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classResidence {
			runs = append(runs, ResidenceRun{From: sp.from, Until: sp.to, Residence: sp.residence()})
		}
	}
	return runs
}

// livesAfter reports whether a span of a residence may follow the last one of its entry, which has no class when there is none.
func (s Segment) livesAfter(last, sp *span) bool {
	first := s.From(int(sp.position))
	if sp.from.Before(first) && (sp.to.IsZero() || !sp.to.Before(first)) {
		return false // in two ranges
	}
	if last.class == 0 {
		return true
	}
	if last.to.IsZero() || !last.to.Before(sp.from) {
		return false // they overlap
	}
	goesOn := last.to.Next() == sp.from && last.persons == sp.persons
	return !goesOn || last.from.Before(first) // runs of two ranges may meet
}

// SetResidence says where an entry's household lives from a month of its range on, which may lie in the past. What was said of earlier
// months stays, of later ones is replaced.
func SetResidence(seg Segment, position int, r relief.Residence, from relief.Period) (Segment, error) {
	e := seg.edit(0)
	if err := e.setResidence(position, r, from); err != nil {
		return seg, err
	}
	return e.segment(), nil
}

func (e *editor) setResidence(position int, r relief.Residence, from relief.Period) error {
	if !r.Said() {
		return errResidence
	}
	if err := e.inRange(position, from); err != nil {
		return err
	}
	first := e.slots.From(position)
	spans := cutResidences(e.spans[position], first, from.Previous())
	same := func(p span) bool {
		return p.class == classResidence && !p.from.Before(first) && p.to == from.Previous() && p.persons == r.Code()
	}
	if i := slices.IndexFunc(spans, same); i >= 0 {
		from = spans[i].from
		spans = slices.Delete(spans, i, i+1)
	}
	return e.keep(position, append(spans, span{
		position: uint16(position), from: from, persons: r.Code(), class: classResidence, //nolint:gosec // below 1000
	}))
}

var errResidence = relief.FieldErrorf("residence", "the residence is urban or rural")

// cutResidences is a copy of an entry's spans in which the residences of the range that begins with first end with a month.
func cutResidences(spans []span, first, last relief.Period) []span {
	kept := make([]span, 0, len(spans)+1)
	for _, sp := range spans {
		if sp.class == classResidence && !sp.from.Before(first) && (sp.to.IsZero() || last.Before(sp.to)) {
			if last.Before(sp.from) {
				continue
			}
			sp.to = last
		}
		kept = append(kept, sp)
	}
	return kept
}

// checkResidence refuses a residence that cannot take effect on the entry as it is, or that it has already.
func (t *ChangeTerms) checkResidence(part *Part, slot int, today relief.Day) error {
	if !t.Residence.Said() {
		return errResidence
	}
	if err := checkMonthsAway(t.From, today); err != nil {
		return err
	}
	if err := relief.CheckText("document", t.Document, 1, maxDocument); err != nil {
		return err
	}
	if err := relief.CheckText("reason", t.Reason, 0, maxChangeReason); err != nil {
		return err
	}
	after, err := SetResidence(part.Segment, slot, t.Residence, t.From)
	if err == nil && after.SameEntry(part.Segment, slot) {
		err = relief.FieldErrorf("residence", "the entry has this residence from %s on already", t.From)
	}
	return err
}
