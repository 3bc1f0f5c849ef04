package roll

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// A roll entry's slot holds the terms that are valid now. Spans hold the terms before a change, and the periods for
// which nothing is paid because the case is suspended. They follow the slots, ordered by position and time. A span may also
// say what was paid before this record began. A segment without spans has version 3, one with spans version 4, and one with
// spans of the last kind version 5.
const (
	rollVersionSpans = 4
	rollVersionTold  = 5
	rollSpanWidth    = 14
)

// rollSpan is a run of periods in which other terms are valid than the slot's.
type rollSpan struct {
	position uint16
	from, to relief.Period // to is zero while the end is not known
	amount   relief.Fen    // 0: suspended
	persons  uint8
	class    byte // toldClass: what was paid before this record began
}

// hasSpans reports whether spans follow the slots.
func (s Segment) hasSpans() bool { return len(s.b) >= rollHeader && s.b[1] != rollVersion }

func (s Segment) tail() []byte {
	if !s.hasSpans() {
		return nil
	}
	return s.b[rollHeader+s.Len()*rollSlotWidth+2:]
}

func readSpan(b []byte) rollSpan {
	from, _ := relief.PeriodFromCode(binary.BigEndian.Uint16(b[2:])) // checked by ParseSegment
	to, _ := relief.PeriodFromCode(binary.BigEndian.Uint16(b[4:]))
	return rollSpan{binary.BigEndian.Uint16(b), from, to, relief.Fen(uint48(b[6:])), b[12], b[13]} //nolint:gosec // 48 bits
}

func (p *rollSpan) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, p.position)
	b = binary.BigEndian.AppendUint16(b, p.from.Code())
	b = binary.BigEndian.AppendUint16(b, p.to.Code())
	b = append(b, 0, 0, 0, 0, 0, 0, p.persons, p.class)
	putUint48(b[len(b)-8:], uint64(p.amount)) //nolint:gosec // never negative
	return b
}

// spansOf gives the spans of one entry.
func (s Segment) spansOf(position int) []rollSpan {
	tail := s.tail()
	lo, hi := 0, len(tail)/rollSpanWidth
	for lo < hi {
		if mid := (lo + hi) / 2; int(binary.BigEndian.Uint16(tail[mid*rollSpanWidth:])) < position {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	var spans []rollSpan
	for ; lo < len(tail)/rollSpanWidth; lo++ {
		span := readSpan(tail[lo*rollSpanWidth:])
		if int(span.position) != position {
			break
		}
		spans = append(spans, span)
	}
	return spans
}

// maxSpans is the largest number of spans of one entry: 20 years of quarterly changes.
const maxSpans = 80

// setSpans replaces the spans of one entry; s must be a clone.
func (s *Segment) setSpans(position int, spans []rollSpan) {
	tail := s.tail()
	var before, after []byte
	for ; len(tail) > 0; tail = tail[rollSpanWidth:] {
		switch at := int(binary.BigEndian.Uint16(tail)); {
		case at < position:
			before = append(before, tail[:rollSpanWidth]...)
		case at > position:
			after = append(after, tail[:rollSpanWidth]...)
		}
	}
	for i := range spans {
		before = spans[i].appendTo(before)
	}
	s.setTail(append(before, after...))
}

func (s *Segment) setTail(tail []byte) {
	s.b = s.b[:rollHeader+s.Len()*rollSlotWidth]
	s.b[1] = rollVersion
	if len(tail) > 0 {
		s.b[1] = versionOf(tail)
		s.b = binary.BigEndian.AppendUint16(s.b, uint16(len(tail)/rollSpanWidth)) //nolint:gosec // bounded by keepSpans
		s.b = append(s.b, tail...)
	}
}

// versionOf is the version of a segment with these spans.
func versionOf(tail []byte) byte {
	for ; len(tail) > 0; tail = tail[rollSpanWidth:] {
		if tail[rollSpanWidth-1] == toldClass {
			return rollVersionTold
		}
	}
	return rollVersionSpans
}

// withRoom is a copy of the segment, with room in memory for that many more slots.
func (s Segment) withRoom(slots int) Segment {
	slots = max(0, min(slots, programme.DefaultSegmentSize-s.Len()))
	b := append(make([]byte, 0, max(len(s.b), rollHeader)+slots*rollSlotWidth), s.b...)
	if len(b) == 0 {
		b = append(b, emptyRoll...)
	}
	return Segment{b}
}

// grow adds a slot after the last one.
func (s *Segment) grow(slot []byte) {
	tail := append([]byte(nil), s.tail()...)
	n := s.Len()
	s.b = append(s.b[:rollHeader+n*rollSlotWidth], slot...)
	binary.BigEndian.PutUint16(s.b[2:], uint16(n+1)) //nolint:gosec // at most 1000
	s.setTail(tail)
}

var errRollSpan = relief.Errorf(relief.CodeCorrupt, "a roll segment has a span that no act can write")

func (s Segment) checkTail() error {
	if tail := s.tail(); len(tail) > 0 && s.b[1] != versionOf(tail) {
		return errRollSpan
	}
	last := rollSpan{}
	for tail := s.tail(); len(tail) > 0; tail = tail[rollSpanWidth:] {
		for _, at := range []int{2, 4} {
			if _, err := relief.PeriodFromCode(binary.BigEndian.Uint16(tail[at:])); err != nil {
				return errRollSpan
			}
		}
		span := readSpan(tail)
		order := cmp.Or(cmp.Compare(last.position, span.position), cmp.Compare(last.from.Code(), span.from.Code()))
		if int(span.position) >= s.Len() || span.from.IsZero() || span.class == toldClass && span.to.IsZero() || span.amount > relief.MaxFen || order > 0 {
			return errRollSpan
		}
		last = span
	}
	return nil
}

// Due is the amount payable to an entry for a period, whatever the entry's state; 0 while it is suspended. Amounts are
// granted for a month, so a quarter pays three of them.
func (s Segment) Due(position int, p relief.Period) relief.Fen {
	monthly, _ := s.termsIn(position, p)
	return monthly * relief.Fen(p.LastMonth()-p.FirstMonth()+1)
}

// PersonsIn is the number of persons of an entry's household that the terms in force for a period name.
func (s Segment) PersonsIn(position int, p relief.Period) uint8 {
	_, persons := s.termsIn(position, p)
	return persons
}

// termsIn gives the monthly amount and the number of persons in force for a period.
func (s Segment) termsIn(position int, p relief.Period) (monthly relief.Fen, persons uint8) {
	slot := s.slot(position)
	monthly, persons = relief.Fen(uint48(slot[rollAmount:])), slot[rollPersons] //nolint:gosec // 48 bits
	if !s.hasSpans() {
		return monthly, persons
	}
	for _, span := range s.spansOf(position) {
		if span.class == toldClass || p.Before(span.from) || !span.to.IsZero() && span.to.Before(p) {
			continue
		}
		if monthly, persons = span.amount, span.persons; monthly == 0 {
			break // suspended, whatever else was granted
		}
	}
	return monthly, persons
}

func (s *Segment) setUntil(position int, until relief.Period) {
	binary.BigEndian.PutUint16(s.slot(position)[rollUntil:], until.Code())
}

// SetTerms gives an entry new terms from a period on. For earlier periods the old terms stay valid.
func SetTerms(seg Segment, position int, t Terms, from relief.Period) (Segment, error) {
	seg = Segment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	b := seg.slot(position)
	since, spans := seg.termsSince(position), seg.spansOf(position)
	if since.FirstMonth() < from.FirstMonth() {
		spans = append(spans, rollSpan{uint16(position), since, from.Previous(), relief.Fen(uint48(b[rollAmount:])), b[rollPersons], b[rollClass]}) //nolint:gosec // a position is below 1000, an amount 48 bits
	}
	b[rollPersons], b[rollClass] = t.Persons, t.Class[0]
	putUint48(b[rollAmount:], uint64(t.Amount)) //nolint:gosec // never negative: Terms.fit
	return seg, seg.keepSpans(position, spans)
}

// termsSince is the first period of the terms that hold now: earlier terms end where the next begin.
func (s Segment) termsSince(position int) relief.Period {
	since := s.From(position)
	for _, span := range s.spansOf(position) {
		if span.amount > 0 && span.class != toldClass {
			since = span.to.Next()
		}
	}
	return since
}

// Suspend stops payments to an entry from a period on.
func Suspend(seg Segment, position int, from relief.Period) (Segment, error) {
	seg = Segment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	if seg.suspended(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry is suspended already")
	}
	spans := append(seg.spansOf(position), rollSpan{position: uint16(position), from: from}) //nolint:gosec // below 1000
	return seg, seg.keepSpans(position, spans)
}

// Resume ends an entry's suspension before a period.
func Resume(seg Segment, position int, from relief.Period) (Segment, error) {
	seg = Segment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	if !seg.suspended(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry is not suspended")
	}
	var kept []rollSpan
	for _, span := range seg.spansOf(position) {
		if span.amount == 0 && span.to.IsZero() {
			if !span.from.Before(from) {
				continue // the suspension never took effect
			}
			span.to = from.Previous()
		}
		kept = append(kept, span)
	}
	return seg, seg.keepSpans(position, kept)
}

// suspended reports whether an entry is suspended and the end of that is not known.
func (s Segment) suspended(position int) bool {
	return slices.ContainsFunc(s.spansOf(position), func(span rollSpan) bool { return span.amount == 0 && span.to.IsZero() })
}

// Reinstate undoes an exit. The entitlement continues after the period in which it had ended.
func Reinstate(seg Segment, position int) (Segment, error) {
	seg = Segment{slices.Clone(seg.b)}
	if position >= seg.Len() || !seg.exited(position) {
		return seg, relief.Errorf(relief.CodeWrongState, "the roll entry has not exited")
	}
	until := seg.periodAt(position, rollUntil)
	var kept []rollSpan
	for _, span := range seg.spansOf(position) { // a suspension that the exit ended does not begin again
		if span.amount == 0 && span.to.IsZero() {
			if until.Before(span.from) {
				continue
			}
			span.to = until
		}
		kept = append(kept, span)
	}
	b := seg.slot(position)
	b[rollState], b[rollReason] = 0, 0
	seg.setUntil(position, relief.Period{})
	return seg, seg.keepSpans(position, kept)
}

func (s Segment) inForce(position int, from relief.Period) error {
	switch {
	case position < 0 || position >= s.Len():
		return relief.Errorf(relief.CodeCorrupt, "the roll has no such entry")
	case s.exited(position):
		return relief.Errorf(relief.CodeWrongState, "the roll entry has exited")
	case from.IsZero() || from.Quarterly() != s.From(position).Quarterly():
		return relief.FieldErrorf("from", "the period must be a month or a quarter like the entry's first one, %s", s.From(position))
	}
	return nil
}

func (s *Segment) keepSpans(position int, spans []rollSpan) error {
	if len(spans) > maxSpans {
		return relief.Errorf(relief.CodeInvalid, "an entry of the roll keeps at most %d changes and suspensions", maxSpans)
	}
	if others := len(s.tail())/rollSpanWidth - len(s.spansOf(position)); others+len(spans) > math.MaxUint16 {
		return relief.Errorf(relief.CodeInvalid, "a segment of the roll keeps at most %d changes and suspensions", math.MaxUint16)
	}
	slices.SortStableFunc(spans, func(a, b rollSpan) int { return cmp.Compare(a.from.Code(), b.from.Code()) })
	s.setSpans(position, spans)
	return nil
}
