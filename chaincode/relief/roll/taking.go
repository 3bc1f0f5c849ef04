package roll

import (
	"math"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// Taken is a person of a roll from which another programme takes its people for a month: what the person gets, or why nothing.
type Taken struct {
	Number  uint32            `json:"number"`  // on the roll that the person is taken from
	Subject relief.SubjectRef `json:"subject"` // the reference of now, where an identity number was corrected
	Region  relief.Region     `json:"region"`
	Class   string            `json:"class,omitempty"`
	Persons uint8             `json:"persons"` // of the household, without those who are taken from another roll
	Amount  relief.Fen        `json:"amount"`
	Payee
	Code relief.LineCode `json:"code,omitempty"` // why the person is left out
	Note string          `json:"note,omitempty"` // the number on the other roll
}

// Is reports whether a line of an import says the same.
func (t *Taken) Is(e *Input) bool {
	return t.Subject == e.Ref && t.Region == e.Region && t.Class == string(rune(e.Class)) && t.Persons == e.Persons && t.Amount == e.Amount &&
		t.Differs(e.Payee) == "" && e.Told == (Told{}) && len(e.Members) == 0 && e.Residence == ""
}

// SeenIn says what a taking for a month finds of the person in a position: the same who has terms for it, suspended or not, else new.
func (p *Part) SeenIn(position int, month relief.Period) Seen {
	if t, _ := p.Segment.TermsIn(position, month); !t.IsZero() {
		return SeenSame
	}
	return SeenNew
}

// enterMonth gives a person one more month under the old number, after those that the person has or before them. Details stay as they
// are while name and account do, so that a month can be entered while the bank has not answered for the one before.
func (im *importer) enterMonth(e *Input, month relief.Period, current *IndexEntry) (*IndexEntry, wire.Refusal) {
	own, position := im.draftOf(current)
	if own == nil {
		return nil, wire.Refusal{Code: relief.LineWrongSegment}
	}
	same := own.Payees.Payee(position).Differs(e.Payee) == ""
	switch {
	case own.Segment.From(position) == month && own.Segment.exited(position): // two officials have ended it before
		return nil, wire.Refusal{Code: relief.LineExited}
	case !current.PaidTill.IsZero() && !current.PaidTill.Before(month):
		return nil, wire.Refusal{Code: relief.LineOverlap, Note: string(current.County)}
	case !same && current.Paying:
		return nil, wire.Refusal{Code: relief.LineUnanswered, Note: string(current.County)}
	case !same && own.Payees.Version(position) == math.MaxUint16:
		return nil, wire.Refusal{Code: relief.LineSegmentFull}
	}
	entry := *current
	entry.Kept, entry.Case, entry.PaidTill = true, "", relief.Period{}
	if !same {
		entry = *newIndexEntry(current, current.County, current.Number)
	}
	entry.Exited, entry.Until = true, current.Until
	var err error
	switch first := own.Segment.From(position); {
	case first.Before(month):
		err = own.edit.comeBack(position, packRoll(e, month, current.PaidTill))
		own.edit.setUntil(position, month)
		entry.Until = month
	case first == month: // which LowerMonth has emptied
		own.edit.setTerms(position, packedTerms{e.Class, e.Persons, e.Amount})
		own.edit.setUntil(position, month)
	default:
		err = own.edit.addMonth(position, packedTerms{e.Class, e.Persons, e.Amount}, month)
	}
	if err != nil {
		return nil, wire.Refusal{Code: relief.LineSegmentFull}
	}
	if same {
		own.edit.slots.setPayeeCheck(position, e.Payee)
	} else {
		own.setPayee(position, e.Payee)
	}
	return &entry, wire.Refusal{}
}

// addMonth gives an entry terms for a month before its range, for which it has none.
func (e *editor) addMonth(position int, t packedTerms, month relief.Period) error {
	spans := append(e.spans[position][:len(e.spans[position]):len(e.spans[position])], t.span(position, month, month))
	return e.keep(position, spans)
}

// LowerMonth gives an entry other terms for one of the months that it was taken for, or none: the rolls that it comes from now say
// less. Such an entry has a range of one month and spans for its other months. A month without terms can be taken again.
func LowerMonth(seg Segment, position int, month relief.Period, t Terms) (Segment, error) {
	if position < 0 || position >= seg.Len() {
		return seg, errNoEntry
	}
	e := seg.edit(0)
	switch first := seg.From(position); {
	case month.Before(first):
		if err := e.keep(position, replaceMonth(e.spans[position], position, month, t)); err != nil {
			return seg, err
		}
	case t.IsZero():
		e.setUntil(position, first.Previous())
	default:
		e.setTerms(position, t.packed())
	}
	return e.segment(), e.slots.checkSlot(position)
}

// replaceMonth is a copy of an entry's spans in which a month has other terms, or none.
func replaceMonth(spans []span, position int, month relief.Period, t Terms) []span {
	kept := make([]span, 0, len(spans)+2)
	for _, sp := range spans {
		if !sp.isTerms() || !sp.covers(month.FirstMonth()) {
			kept = append(kept, sp)
			continue
		}
		before, after := sp, sp
		before.to, after.from = month.Previous(), month.Next()
		for _, rest := range []span{before, after} {
			if !rest.to.Before(rest.from) {
				kept = append(kept, rest)
			}
		}
		if !t.IsZero() {
			kept = append(kept, t.packed().span(position, month, month))
		}
	}
	return kept
}

// TakesLessFrom is the first month for which an act may leave less of an entry to programmes that take their people from the roll: less
// is owed than before, to fewer persons or in another class. lowered is what LoweredFrom says. It is none when there is no such month.
func (s Segment) TakesLessFrom(after Segment, position int, lowered relief.Period) relief.Period {
	if position >= s.Len() || s.SameEntry(after, position) {
		return relief.Period{}
	}
	was, is := s.slotTerms(position), after.slotTerms(position)
	if is.class != was.class || is.persons < was.persons {
		return s.Begins(position)
	}
	return lowered
}
