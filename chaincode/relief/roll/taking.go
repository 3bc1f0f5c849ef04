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
		t.Differs(e.Payee) == "" && e.Told == (Told{}) && len(e.Members) == 0
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
	case own.Segment.From(position) == month: // two officials have ended it before
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
	if own.Segment.From(position).Before(month) {
		err = own.edit.comeBack(position, packRoll(e, month, current.PaidTill))
		own.edit.setUntil(position, month)
		entry.Until = month
	} else {
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
