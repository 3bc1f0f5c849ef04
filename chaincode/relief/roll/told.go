package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Told is what was paid to an entry before this record began; the zero Told for nothing.
func (s Segment) Told(position int) (t Told) {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classTold {
			t = Told{PaidThrough: sp.to, PaidSum: sp.amount} // the last one is that of the present range
		}
	}
	return t
}

// PaidAsTold reports whether a period was paid to an entry before this record began.
func (s Segment) PaidAsTold(position int, p relief.Period) bool {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classTold && !p.Before(sp.from) && !sp.to.Before(p) {
			return true
		}
	}
	return false
}

// tell gives an entry, whose range begins with from, what was paid before this record began.
func (e *editor) tell(position int, from relief.Period, t Told) error {
	if t == (Told{}) {
		return nil
	}
	if t.PaidThrough.Before(from) {
		from = t.PaidThrough
	}
	return e.keep(position, append(slices.Clip(e.spans[position]), span{
		position: uint16(position), from: from, to: t.PaidThrough, amount: t.PaidSum, class: classTold, //nolint:gosec // below 1000
	}))
}
