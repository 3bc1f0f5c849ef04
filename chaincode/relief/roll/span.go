package roll

import (
	"cmp"
	"encoding/binary"

	"relieftrail/chaincode/relief"
)

// A roll entry's slot holds the range of months that is entered now, and the terms of its last months. Spans hold the rest of
// what was ever in force, and what else is known of months. They follow the slots, in the order of position, first month and
// class. A segment without spans has version 3, one with spans version 6. All periods of a segment are months, also where a
// programme pays by the quarter.
const (
	rollVersionSpans = 6
	spanCountWidth   = 4
	spanWidth        = 14
)

// The classes of spans that are no terms. A span of terms has the terms' own class, 'A' to 'Z'.
const (
	classDied        = 'd' // the day of death in place of the amount; from and to are its month
	classPredecessor = 'p' // the number that the household had before, and its range
	classSuspended   = 's' // nothing is owed; to is zero while the end is not known
	classTold        = 't' // paid before this record began: until to, the amount in all
	classResidence   = 'u' // where the household lives, as the code of relief.Residence in place of the persons; to is zero while the end is not known
)

// maxSpans is the largest number of spans of one entry: 20 years of quarterly changes.
const maxSpans = 80

// span is a run of months, and what it says of an entry.
type span struct {
	position uint16
	from, to relief.Period
	amount   relief.Fen
	persons  uint8
	class    byte
}

// isTerms reports whether the span says what was granted a month.
func (p *span) isTerms() bool { return p.class >= 'A' && p.class <= 'Z' }

// covers reports whether a month lies in the span.
func (p *span) covers(month int) bool {
	return p.from.FirstMonth() <= month && (p.to.IsZero() || month <= p.to.FirstMonth())
}

// terms are what a span of terms says was granted.
func (p *span) terms() packedTerms { return packedTerms{p.class, p.persons, p.amount} }

// packedTerms are Terms as a slot and a span hold them.
type packedTerms struct {
	class   byte
	persons uint8
	amount  relief.Fen
}

// packed are the terms as a slot holds them; they have a class.
func (t *Terms) packed() packedTerms { return packedTerms{t.Class[0], t.Persons, t.Amount} }

// unpacked are the terms in words.
func (t packedTerms) unpacked() Terms {
	return Terms{Class: string(rune(t.class)), Persons: t.persons, Amount: t.amount}
}

func (t packedTerms) span(position int, from, to relief.Period) span {
	return span{uint16(position), from, to, t.amount, t.persons, t.class} //nolint:gosec // a position is below 1000
}

func readSpan(b []byte) span {
	from, _ := relief.PeriodFromCode(binary.BigEndian.Uint16(b[2:])) // checked by ParseSegment
	to, _ := relief.PeriodFromCode(binary.BigEndian.Uint16(b[4:]))
	return span{binary.BigEndian.Uint16(b), from, to, relief.Fen(uint48(b[6:])), b[12], b[13]} //nolint:gosec // 48 bits
}

func (p *span) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, p.position)
	b = binary.BigEndian.AppendUint16(b, p.from.Code())
	b = binary.BigEndian.AppendUint16(b, p.to.Code())
	b = append(b, 0, 0, 0, 0, 0, 0, p.persons, p.class)
	putUint48(b[len(b)-8:], uint64(p.amount)) //nolint:gosec // never negative
	return b
}

// compare orders the spans of a segment.
func (p *span) compare(other *span) int {
	return cmp.Or(cmp.Compare(p.position, other.position), cmp.Compare(p.from.Code(), other.from.Code()), cmp.Compare(p.class, other.class))
}

var errRollSpan = relief.Errorf(relief.CodeCorrupt, "a roll segment has a span that no act can write")

// checkSpans refuses spans that no act can write: there is one way to write what is known of an entry.
func (s Segment) checkSpans() error {
	tail := s.tail()
	if s.hasSpans() && len(tail) == 0 {
		return errRollSpan
	}
	var last span
	var before lastSpans
	count := 0
	for first := true; len(tail) > 0; tail = tail[spanWidth:] {
		if !hasMonths(tail) {
			return errRollSpan
		}
		sp := readSpan(tail)
		if int(sp.position) >= s.Len() || !first && last.compare(&sp) >= 0 || !sp.valid() {
			return errRollSpan
		}
		if first || sp.position != last.position {
			count, before = 0, lastSpans{}
		}
		if count++; count > maxSpans {
			return errRollSpan
		}
		if !before.take(s, &sp) {
			return errRollSpan
		}
		first, last = false, sp
	}
	return nil
}

// lastSpans are the last spans of terms and of a residence of an entry; without a class where there was none.
type lastSpans struct{ terms, lives span }

// take reports whether a span may follow the last ones of its entry, and notes it.
func (l *lastSpans) take(s Segment, p *span) bool {
	switch {
	case p.isTerms():
		if !l.terms.to.IsZero() && !l.terms.to.Before(p.from) || !s.inOneRange(p) {
			return false
		}
		l.terms = *p
	case p.class == classResidence:
		if !s.livesAfter(&l.lives, p) {
			return false
		}
		l.lives = *p
	}
	return true
}

// inOneRange reports whether a span of terms lies before the range that is entered now, or begins in it.
func (s Segment) inOneRange(p *span) bool {
	from := s.From(int(p.position))
	return p.to.Before(from) || !p.from.Before(from)
}

// hasMonths reports whether the periods of a packed span are months, the second one perhaps none.
func hasMonths(b []byte) bool {
	return isMonth(b[2:]) && (binary.BigEndian.Uint16(b[4:]) == 0 || isMonth(b[4:]))
}

// isMonth reports whether two bytes are the code of a month.
func isMonth(b []byte) bool {
	p, err := relief.PeriodFromCode(binary.BigEndian.Uint16(b))
	return err == nil && !p.IsZero() && !p.Quarterly()
}

// diedInMonth reports whether the day of a death lies in the span's month.
func (p *span) diedInMonth() bool {
	day := relief.DayOfNumber(int(p.amount))
	return day != "" && day.Month() == p.from.FirstMonth()
}

// validTerms reports whether a span of terms grants something to somebody.
func (p *span) validTerms() bool { return p.persons > 0 && p.amount > 0 && p.amount <= relief.MaxFen }

// validState reports whether a span says how an entry is, from a month on or until another one, and nothing of money.
func (p *span) validState() bool { return p.amount == 0 && (p.to.IsZero() || !p.to.Before(p.from)) }

// valid reports whether an act can write the span. Its periods are months, or none.
func (p *span) valid() bool {
	closed := !p.to.IsZero() && !p.to.Before(p.from)
	switch {
	case p.isTerms():
		return closed && p.validTerms()
	case p.class == classResidence:
		return p.residence().Said() && p.validState()
	case p.persons != 0:
		return false
	case p.class == classSuspended:
		return p.validState()
	case p.class == classTold:
		return closed && p.amount <= relief.MaxFen
	case p.class == classDied:
		return p.from == p.to && p.diedInMonth()
	case p.class == classPredecessor:
		_, ok := p.predecessor()
		return closed && ok
	}
	return false
}
