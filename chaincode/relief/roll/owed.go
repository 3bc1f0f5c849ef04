package roll

import (
	"relieftrail/chaincode/relief"
)

// granted is what is known of an entry in one month; the zero value outside its ranges.
type granted struct {
	packedTerms
	suspended bool
}

// owed is what is owed for the month.
func (g *granted) owed() relief.Fen {
	if g.suspended {
		return 0
	}
	return g.amount
}

// grantedIn gives what was in force for an entry in a month. A month of the range that is entered now has the terms of the span
// that covers it, or else the slot's; an earlier month has a span's, or none.
func (s Segment) grantedIn(position, month int) (g granted) {
	from, until := s.monthAt(position, rollFrom), s.monthAt(position, rollUntil)
	if month > from && until > 0 && month > until {
		return g
	}
	if month >= from && (until == 0 || month <= until) {
		g.packedTerms = s.slotTerms(position)
	}
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		sp := readSpan(tail)
		switch {
		case !sp.covers(month):
		case sp.isTerms() && (month < from || g.amount > 0):
			g.packedTerms = sp.terms()
		case sp.class == classSuspended:
			g.suspended = true
		}
	}
	if g.amount == 0 {
		return granted{}
	}
	return g
}

// slotTerms are the terms in an entry's slot.
func (s Segment) slotTerms(position int) packedTerms {
	b := s.slot(position)
	return packedTerms{b[rollClass], b[rollPersons], relief.Fen(uint48(b[rollAmount:]))} //nolint:gosec // 48 bits
}

// Owed is what the terms in force say is owed to an entry for a month, or for the months of a quarter, whatever the entry's
// state: 0 outside its ranges and while it is suspended.
func (s Segment) Owed(position int, p relief.Period) (owed relief.Fen) {
	for month := p.FirstMonth(); month <= p.LastMonth(); month++ {
		g := s.grantedIn(position, month)
		owed += g.owed()
	}
	return owed
}

// PersonsIn is the number of persons of an entry's household for whom something is owed for a period; of a quarter, in the last
// such month. It is 0 when nothing is owed.
func (s Segment) PersonsIn(position int, p relief.Period) (persons uint8) {
	for month := p.FirstMonth(); month <= p.LastMonth(); month++ {
		if g := s.grantedIn(position, month); g.owed() > 0 {
			persons = g.persons
		}
	}
	return persons
}

// TermsIn are the terms in force for an entry in a month, and whether it is suspended then; no terms outside its ranges.
func (s Segment) TermsIn(position int, month relief.Period) (t Terms, suspended bool) {
	g := s.grantedIn(position, month.FirstMonth())
	if g.amount == 0 {
		return Terms{}, false
	}
	return g.unpacked(), g.suspended
}

// HouseholdIn is the class and the number of persons of an entry's household in a period: by the terms of its last month that has
// any, and where none of its months has, by those that the entry has now.
func (s Segment) HouseholdIn(position int, p relief.Period) (class byte, persons uint8) {
	for month := p.LastMonth(); month >= p.FirstMonth(); month-- {
		if g := s.grantedIn(position, month); g.amount > 0 {
			return g.class, g.persons
		}
	}
	now := s.slotTerms(position)
	return now.class, now.persons
}

// ListedIn reports whether terms were in force for an entry in a month of a period, and whether it was suspended in one.
func (s Segment) ListedIn(position int, p relief.Period) (listed, suspended bool) {
	for month := p.FirstMonth(); month <= p.LastMonth(); month++ {
		g := s.grantedIn(position, month)
		listed, suspended = listed || g.amount > 0, suspended || g.suspended
	}
	return listed, suspended
}

// Begins is the first month of an entry's first range: nothing was ever owed before it.
func (s Segment) Begins(position int) relief.Period {
	begins := s.From(position)
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.isTerms() && sp.from.Before(begins) {
			begins = sp.from
		}
	}
	return begins
}

// LoweredFrom is the first month, up to a last one, for which an entry is owed less after an act than before it; none when there is
// no such month.
func (s Segment) LoweredFrom(after Segment, position int, last relief.Period) relief.Period {
	if position >= s.Len() || s.SameEntry(after, position) {
		return relief.Period{}
	}
	for month := s.Begins(position); !month.IsZero() && month.FirstMonth() <= last.FirstMonth(); month = month.Next() {
		if after.Owed(position, month) < s.Owed(position, month) {
			return month
		}
	}
	return relief.Period{}
}

// NothingOwed says why nothing is payable to an entry for a period; "" when something is.
func (s Segment) NothingOwed(position int, p relief.Period) relief.LineCode {
	return s.DueFor(position, p).Nothing
}

// Due is what is owed to an entry for a period: Owed, PersonsIn and NothingOwed at once.
type Due struct {
	Amount  relief.Fen
	Persons uint8
	Nothing relief.LineCode // why nothing is payable; "" when something is
}

// DueFor works out what is owed to an entry for a period.
func (s Segment) DueFor(position int, p relief.Period) (d Due) {
	suspended := false
	for month := p.FirstMonth(); month <= p.LastMonth(); month++ {
		g := s.grantedIn(position, month)
		suspended = suspended || g.suspended
		if owed := g.owed(); owed > 0 {
			d.Amount, d.Persons = d.Amount+owed, g.persons
		}
	}
	if d.Amount > 0 && len(s.tailOf(position)) == 0 {
		return d // nearly everybody: no month is told of, and the only range has one that is owed
	}
	switch {
	case p.Before(s.Begins(position)):
		d.Nothing = relief.LineBeforeEntry
	case s.PaidAsTold(position, p):
		d.Nothing = relief.LinePaidAsTold
	case d.Amount > 0:
	case suspended:
		d.Nothing = relief.LineSuspended
	case p.Before(s.From(position)):
		d.Nothing = relief.LineBeforeEntry
	default:
		d.Nothing = relief.LineExited
	}
	return d
}

// Ended reports whether the entitlement of entry i ended before a period, by an exit or because the relief was one-off.
func (s Segment) Ended(i int, p relief.Period) bool {
	until := s.periodAt(i, rollUntil)
	return !until.IsZero() && until.Before(p)
}

// DiedOn is the day on which the person of an entry died; "" when no exit says so.
func (s Segment) DiedOn(position int) relief.Day {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classDied {
			return relief.DayOfNumber(int(sp.amount))
		}
	}
	return ""
}

// Run is a run of months in which the same terms were in force, or in which nothing was owed because of a suspension.
type Run struct {
	From      relief.Period `json:"from"`
	Until     relief.Period `json:"until,omitzero"` // none while the end is not known
	Class     string        `json:"class,omitempty"`
	Persons   uint8         `json:"persons,omitempty"`
	Amount    relief.Fen    `json:"amount,omitempty"` // a month
	Suspended bool          `json:"suspended,omitempty"`
}

// Runs lists what was ever in force for an entry: the terms in the order of time, then the suspensions.
func (s Segment) Runs(position int) []Run {
	var terms, suspensions []Run
	from, until := s.From(position), s.periodAt(position, rollUntil)
	since := from
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		sp := readSpan(tail)
		switch {
		case sp.isTerms():
			if !sp.from.Before(since) {
				since = sp.to.Next()
			}
			if ends(until, &sp, from) {
				continue
			}
			t := sp.terms().unpacked()
			terms = append(terms, Run{From: sp.from, Until: sooner(sp.to, until, from), Class: t.Class, Persons: t.Persons, Amount: t.Amount})
		case sp.class == classSuspended:
			suspensions = append(suspensions, Run{From: sp.from, Until: sp.to, Suspended: true})
		}
	}
	if until.IsZero() || !until.Before(since) {
		t := s.slotTerms(position).unpacked()
		terms = append(terms, Run{From: since, Until: until, Class: t.Class, Persons: t.Persons, Amount: t.Amount})
	}
	return append(terms, suspensions...)
}

// ends reports whether a span of the range that begins with from lies after the range's end.
func ends(until relief.Period, p *span, from relief.Period) bool {
	return !until.IsZero() && !p.from.Before(from) && until.Before(p.from)
}

// sooner is the last month of a span: the range's, if that ends before the span.
func sooner(to, until, from relief.Period) relief.Period {
	if !until.IsZero() && !to.Before(from) && until.Before(to) {
		return until
	}
	return to
}
