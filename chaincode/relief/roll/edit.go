package roll

import (
	"encoding/binary"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// editor changes entries of a segment. It unpacks the spans once and packs them once, however many entries change: an act on a
// whole segment costs time in proportion to its entries and spans.
type editor struct {
	slots Segment  // in memory of its own, without spans
	spans [][]span // by position; a position's slice has no room, so that an append copies it
}

// edit begins to change a segment, with room in memory for more entries.
func (s Segment) edit(room int) *editor {
	room = max(0, min(room, programme.DefaultSegmentSize-s.Len()))
	e := &editor{spans: make([][]span, s.Len(), s.Len()+room)}
	b := make([]byte, 0, rollHeader+(s.Len()+room)*rollSlotWidth)
	if len(s.b) == 0 {
		e.slots.b = append(b, emptyRoll...)
		return e
	}
	e.slots.b = append(b, s.b[:rollHeader+s.Len()*rollSlotWidth]...)
	e.slots.b[1] = rollVersion
	tail := s.tail()
	all := make([]span, len(tail)/spanWidth)
	for i := range all {
		all[i] = readSpan(tail[i*spanWidth:])
	}
	for len(all) > 0 {
		position, n := all[0].position, 1
		for n < len(all) && all[n].position == position {
			n++
		}
		e.spans[position] = all[:n:n]
		all = all[n:]
	}
	return e
}

// segment packs the segment as it is now.
func (e *editor) segment() Segment {
	count := 0
	for _, spans := range e.spans {
		count += len(spans)
	}
	if count == 0 {
		return Segment{slices.Clone(e.slots.b)}
	}
	b := make([]byte, 0, len(e.slots.b)+spanCountWidth+count*spanWidth)
	b = append(b, e.slots.b...)
	b[1] = rollVersionSpans
	b = binary.BigEndian.AppendUint32(b, uint32(count))
	for _, spans := range e.spans {
		for i := range spans {
			b = spans[i].appendTo(b)
		}
	}
	return Segment{b}
}

// add adds a slot after the last one and gives its position.
func (e *editor) add(slot []byte) int {
	position := e.slots.Len()
	e.slots.b = append(e.slots.b, slot...)
	binary.BigEndian.PutUint16(e.slots.b[2:], uint16(position+1)) //nolint:gosec // at most 1000
	e.spans = append(e.spans, nil)
	return position
}

var errTooManySpans = relief.Errorf(relief.CodeInvalid, "an entry of the roll keeps at most %d changes and suspensions", maxSpans)

// keep replaces the spans of an entry. The caller gives a slice of its own.
func (e *editor) keep(position int, spans []span) error {
	if len(spans) > maxSpans {
		return errTooManySpans
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.compare(&b) })
	e.spans[position] = spans
	return nil
}

func (e *editor) setUntil(position int, until relief.Period) {
	binary.BigEndian.PutUint16(e.slots.slot(position)[rollUntil:], until.Code())
}

// setTerms replaces the terms of an entry's slot.
func (e *editor) setTerms(position int, t packedTerms) {
	b := e.slots.slot(position)
	b[rollPersons], b[rollClass] = t.persons, t.class
	putUint48(b[rollAmount:], uint64(t.amount)) //nolint:gosec // never negative: Terms.Fit, checkRollInput
}

// terms are those of an entry's slot.
func (e *editor) terms(position int) packedTerms { return e.slots.slotTerms(position) }

// since is the first month of the terms in the slot: earlier terms of the range end where the next begin.
func (e *editor) since(position int) relief.Period {
	since := e.slots.From(position)
	for i := range e.spans[position] {
		if sp := &e.spans[position][i]; sp.isTerms() && !sp.from.Before(since) {
			since = sp.to.Next()
		}
	}
	return since
}
