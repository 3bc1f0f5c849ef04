package relief

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A roll entry's slot says what is granted now. What was granted before a change, and when nothing is paid because
// the case is suspended, is kept behind the slots: spans of periods, in the order of position and time. A segment
// without any is version 1; with spans it is version 2.
const (
	rollVersionSpans = 2
	rollSpanWidth    = 14
)

// rollSpan is a stretch of periods for which other terms hold than the slot's.
type rollSpan struct {
	position uint16
	from, to Period // to is zero while the end is not known
	amount   Fen    // 0: suspended
	persons  uint8
	class    byte
}

func (s RollSegment) tail() []byte {
	if s.b[1] != rollVersionSpans {
		return nil
	}
	return s.b[rollHeader+s.Len()*rollSlotWidth+2:]
}

func readSpan(b []byte) rollSpan {
	from, _ := PeriodFromCode(binary.BigEndian.Uint16(b[2:])) // checked by ParseRollSegment
	to, _ := PeriodFromCode(binary.BigEndian.Uint16(b[4:]))
	return rollSpan{binary.BigEndian.Uint16(b), from, to, Fen(uint48(b[6:])), b[12], b[13]} //nolint:gosec // 48 bits
}

func (p *rollSpan) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, p.position)
	b = binary.BigEndian.AppendUint16(b, p.from.Code())
	b = binary.BigEndian.AppendUint16(b, p.to.Code())
	b = append(b, 0, 0, 0, 0, 0, 0, p.persons, p.class)
	putUint48(b[len(b)-8:], uint64(p.amount)) //nolint:gosec // never negative
	return b
}

// spansOf are the spans of one entry.
func (s RollSegment) spansOf(position int) []rollSpan {
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

// maxSpans bounds what is kept of one entry: 20 years of quarterly changes.
const maxSpans = 80

// setSpans replaces the spans of one entry; s must be a clone.
func (s *RollSegment) setSpans(position int, spans []rollSpan) {
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

func (s *RollSegment) setTail(tail []byte) {
	s.b = s.b[:rollHeader+s.Len()*rollSlotWidth]
	s.b[1] = rollVersion
	if len(tail) > 0 {
		s.b[1] = rollVersionSpans
		s.b = binary.BigEndian.AppendUint16(s.b, uint16(len(tail)/rollSpanWidth)) //nolint:gosec // bounded by maxSpans and the value's size
		s.b = append(s.b, tail...)
	}
}

// withRoom is a copy of the segment, with room in memory for that many more slots.
func (s RollSegment) withRoom(slots int) RollSegment {
	slots = max(0, min(slots, DefaultSegmentSize-s.Len()))
	b := append(make([]byte, 0, max(len(s.b), rollHeader)+slots*rollSlotWidth), s.b...)
	if len(b) == 0 {
		b = append(b, emptyRoll...)
	}
	return RollSegment{b}
}

// grow adds a slot behind the last one.
func (s *RollSegment) grow(slot []byte) {
	tail := append([]byte(nil), s.tail()...)
	n := s.Len()
	s.b = append(s.b[:rollHeader+n*rollSlotWidth], slot...)
	binary.BigEndian.PutUint16(s.b[2:], uint16(n+1)) //nolint:gosec // at most 1000
	s.setTail(tail)
}

var errRollSpan = Errorf(CodeCorrupt, "a roll segment with a span that cannot be")

func (s RollSegment) checkTail() error {
	last := rollSpan{}
	for tail := s.tail(); len(tail) > 0; tail = tail[rollSpanWidth:] {
		for _, at := range []int{2, 4} {
			if _, err := PeriodFromCode(binary.BigEndian.Uint16(tail[at:])); err != nil {
				return errRollSpan
			}
		}
		span := readSpan(tail)
		order := cmp.Or(cmp.Compare(last.position, span.position), cmp.Compare(last.from.Code(), span.from.Code()))
		if int(span.position) >= s.Len() || span.from.IsZero() || span.amount > MaxFen || order > 0 {
			return errRollSpan
		}
		last = span
	}
	return nil
}

// due is what is payable to an entry for a period, whatever its state; 0 while it is suspended. Amounts are granted
// by the month, so a quarter is three of them.
func (s RollSegment) due(position int, p Period) Fen {
	monthly := Fen(uint48(s.slot(position)[rollAmount:])) //nolint:gosec // 48 bits
	if s.b[1] == rollVersionSpans {
		for _, span := range s.spansOf(position) {
			if !p.Before(span.from) && (span.to.IsZero() || !span.to.Before(p)) {
				if monthly = span.amount; monthly == 0 {
					break // suspended, whatever else was granted
				}
			}
		}
	}
	return monthly * Fen(p.LastMonth()-p.FirstMonth()+1)
}

// before is the period before p, of its kind.
func (p Period) before() Period {
	if !p.Quarterly() {
		return MonthPeriod(p.FirstMonth() - 1)
	}
	return quarterOf(p.FirstMonth() - 1)
}

// quarterOf is the quarter of a month.
func quarterOf(month int) Period {
	return Period{uint16(month / 12), uint8(101 + month%12/3)} //nolint:gosec // callers pass FirstMonth ± a few years
}

func (s *RollSegment) setUntil(position int, until Period) {
	binary.BigEndian.PutUint16(s.slot(position)[rollUntil:], until.Code())
}

// ChangeRoll gives an entry other terms from a period on; for the periods before it the old ones are kept.
func ChangeRoll(seg RollSegment, position int, t Terms, from Period) (RollSegment, error) {
	seg = RollSegment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	b := seg.slot(position)
	since, spans := seg.period(position, rollFrom), seg.spansOf(position)
	for _, span := range spans {
		if span.amount > 0 { // earlier terms end where the next begin
			since = span.to.after()
		}
	}
	if since.FirstMonth() < from.FirstMonth() {
		spans = append(spans, rollSpan{uint16(position), since, from.before(), Fen(uint48(b[rollAmount:])), b[rollPersons], b[rollClass]}) //nolint:gosec // a position is below 1000, an amount 48 bits
	}
	b[rollPersons], b[rollClass] = t.Persons, t.Class[0]
	putUint48(b[rollAmount:], uint64(t.Amount)) //nolint:gosec // never negative: Terms.fit
	return seg, seg.keepSpans(position, spans)
}

// SuspendRoll has nothing paid to an entry from a period on.
func SuspendRoll(seg RollSegment, position int, from Period) (RollSegment, error) {
	seg = RollSegment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	spans := append(seg.spansOf(position), rollSpan{position: uint16(position), from: from}) //nolint:gosec // below 1000
	return seg, seg.keepSpans(position, spans)
}

// ResumeRoll ends an entry's suspension before a period.
func ResumeRoll(seg RollSegment, position int, from Period) (RollSegment, error) {
	seg = RollSegment{slices.Clone(seg.b)}
	if err := seg.inForce(position, from); err != nil {
		return seg, err
	}
	var kept []rollSpan
	for _, span := range seg.spansOf(position) {
		if span.amount == 0 && span.to.IsZero() {
			if !span.from.Before(from) {
				continue // it never took effect
			}
			span.to = from.before()
		}
		kept = append(kept, span)
	}
	return seg, seg.keepSpans(position, kept)
}

// ReinstateRoll undoes an exit: the entitlement goes on where it ended.
func ReinstateRoll(seg RollSegment, position int) (RollSegment, error) {
	seg = RollSegment{slices.Clone(seg.b)}
	if position >= seg.Len() || !seg.exited(position) {
		return seg, Errorf(CodeWrongState, "the roll entry has not exited")
	}
	until := seg.period(position, rollUntil)
	var kept []rollSpan
	for _, span := range seg.spansOf(position) { // a suspension that the exit ended does not begin anew
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
	seg.setUntil(position, Period{})
	return seg, seg.keepSpans(position, kept)
}

func (s RollSegment) inForce(position int, from Period) error {
	switch {
	case position < 0 || position >= s.Len():
		return Errorf(CodeCorrupt, "the roll has no such entry")
	case s.exited(position):
		return Errorf(CodeWrongState, "the roll entry has exited")
	case from.IsZero() || from.Quarterly() != s.period(position, rollFrom).Quarterly():
		return FieldErrorf("from", "the period is written like the entry's first one, %s", s.period(position, rollFrom))
	}
	return nil
}

func (s *RollSegment) keepSpans(position int, spans []rollSpan) error {
	if len(spans) > maxSpans {
		return Errorf(CodeInvalid, "an entry of the roll keeps at most %d changes and suspensions", maxSpans)
	}
	slices.SortStableFunc(spans, func(a, b rollSpan) int { return cmp.Compare(a.from.Code(), b.from.Code()) })
	s.setSpans(position, spans)
	return nil
}

// after is the period after p, of its kind.
func (p Period) after() Period {
	if !p.Quarterly() {
		return MonthPeriod(p.FirstMonth() + 1)
	}
	return quarterOf(p.LastMonth() + 1)
}
