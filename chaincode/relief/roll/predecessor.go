package roll

import (
	"relieftrail/chaincode/relief"
)

// Predecessor is the roll number that the same human being or household had before: nothing is paid twice under two numbers.
// From and Until are the first and the last month of the range that the number had.
type Predecessor struct {
	County relief.Region `json:"county"`
	Number uint32        `json:"number"`
	From   relief.Period `json:"from"`
	Until  relief.Period `json:"until"`
}

// numberBits are the bits of a span's amount that hold the predecessor's number; the county's code is above them.
const numberBits = 24

// predecessor is what a span says of the number before.
func (p *span) predecessor() (Predecessor, bool) {
	n := uint64(p.amount) //nolint:gosec // never negative
	county, err := relief.RegionFromCode(n >> numberBits)
	number := uint32(n & (1<<numberBits - 1))
	ok := err == nil && county.County() == county && number <= relief.MaxRollNumber
	return Predecessor{county, number, p.from, p.to}, ok
}

// WithPredecessor is the segment after an entry was given the number that it had before.
func (s Segment) WithPredecessor(position int, before Predecessor) (Segment, error) {
	if position < 0 || position >= s.Len() {
		return s, errNoEntry
	}
	sp := span{
		position: uint16(position), from: before.From, to: before.Until, class: classPredecessor, //nolint:gosec // below 1000
		amount: relief.Fen(before.County.Code()<<numberBits | uint64(before.Number)), //nolint:gosec // 20 and 24 bits
	}
	if read, ok := sp.predecessor(); !ok || read != before || before.From.Quarterly() || before.Until.Quarterly() || !sp.valid() {
		return s, relief.Errorf(relief.CodeInvalid, "a predecessor has a county, a number, and a first and a last month")
	}
	e := s.edit(0)
	if err := e.keep(position, append(e.spans[position], sp)); err != nil {
		return s, err
	}
	return e.segment(), nil
}

// Predecessor is the last number that an entry had before; false when it had none.
func (s Segment) Predecessor(position int) (before Predecessor, ok bool) {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		if sp := readSpan(tail); sp.class == classPredecessor {
			before, ok = sp.predecessor()
		}
	}
	return before, ok
}

// PredecessorIn is the number before whose range has a month of a period; false when there is none.
func (s Segment) PredecessorIn(position int, p relief.Period) (Predecessor, bool) {
	for tail := s.tailOf(position); len(tail) > 0; tail = tail[spanWidth:] {
		sp := readSpan(tail)
		if sp.class == classPredecessor && !p.Before(sp.from) && !sp.to.Before(p) {
			return sp.predecessor()
		}
	}
	return Predecessor{}, false
}
