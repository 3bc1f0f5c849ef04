package relief

import (
	"cmp"
	"encoding/binary"
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

// grow adds a slot behind the last one.
func (s *RollSegment) grow(slot []byte) {
	tail := append([]byte(nil), s.tail()...)
	n := s.Len()
	s.b = append(s.b[:rollHeader+n*rollSlotWidth], slot...)
	binary.BigEndian.PutUint16(s.b[2:], uint16(n+1)) //nolint:gosec // at most 1000
	s.setTail(tail)
}

func (s RollSegment) checkTail() error {
	bad := Errorf(CodeCorrupt, "a roll segment with a span that cannot be")
	last := rollSpan{}
	for tail := s.tail(); len(tail) > 0; tail = tail[rollSpanWidth:] {
		for _, at := range []int{2, 4} {
			if _, err := PeriodFromCode(binary.BigEndian.Uint16(tail[at:])); err != nil {
				return bad
			}
		}
		span := readSpan(tail)
		order := cmp.Or(cmp.Compare(last.position, span.position), cmp.Compare(last.from.Code(), span.from.Code()))
		if int(span.position) >= s.Len() || span.from.IsZero() || span.amount > MaxFen || order > 0 {
			return bad
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
