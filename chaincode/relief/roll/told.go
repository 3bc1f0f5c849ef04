package roll

import "relieftrail/chaincode/relief"

// toldClass marks a span that says what was paid before this record began: until the span's last period, the span's
// amount in all. It changes no terms.
const toldClass = 't'

// Told is what was paid to an entry before this record began; the zero Told for nothing.
func (s Segment) Told(position int) Told {
	if !s.hasSpans() || s.b[1] != rollVersionTold {
		return Told{}
	}
	for _, span := range s.spansOf(position) {
		if span.class == toldClass {
			return Told{PaidThrough: span.to, PaidSum: span.amount}
		}
	}
	return Told{}
}

// PaidAsTold reports whether a period was paid to an entry before this record began.
func (s Segment) PaidAsTold(position int, p relief.Period) bool {
	told := s.Told(position).PaidThrough
	return !told.IsZero() && p.FirstMonth() <= told.LastMonth()
}

// setTold gives a new entry, which begins with from, what was paid before; s must be a clone.
func (s *Segment) setTold(position int, from relief.Period, t Told) {
	if t == (Told{}) {
		return
	}
	if t.PaidThrough.Before(from) {
		from = t.PaidThrough
	}
	s.setSpans(position, []rollSpan{{
		position: uint16(position), from: from, to: t.PaidThrough, amount: t.PaidSum, class: toldClass, //nolint:gosec // below 1000
	}})
}
