package roll

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// IndexEntry leads from a person to their roll number in a programme, in whichever county the roll is (R9).
type IndexEntry struct {
	County relief.Region
	Number uint32
	Exited bool
	Until  relief.Period
	// PaidTill is the last period that was paid or listed when the person exited, if it is later than Until.
	PaidTill relief.Period
	Case     relief.CaseID // the case of the household; empty for an import of which no act has made a case
	// Page is the detail page of the last import that brought details, and EarlierPages are those of the imports before it, until
	// the details are erased. Own says that there are later details. DetailsKey names the place of those, and of all details of
	// a person without a page.
	Page         relief.DetailPageID
	EarlierPages []relief.DetailPageID
	Own          bool
	// Change is the serial number of the change that brought the person's current details, 0 for none: these are under the
	// change's key.
	Change uint32
	// Earlier says where the current details are when an act on another number brought them.
	Earlier EarlierDetails
	// Paying is not stored. It says that a payment of the person has no answer of the bank yet: the details stay as they
	// are until it has.
	Paying bool
	// Moved is not stored. It says that the person has left and comes back to another region: their number, whose region never
	// changes, is not the one of the new entry.
	Moved bool
	// Kept is not stored. It says that an act on the entry leaves the person's details as they are.
	Kept bool
}

// EarlierDetails names private details that came with an act on another number of the person or household: a change, or the
// link of two references. One of them is set, or neither.
type EarlierDetails struct {
	Change relief.ChangeID
	Link   relief.SubjectRef // the reference that was linked to another
}

// OnPage reports whether the person's current details are the ones on the page.
func (r *IndexEntry) OnPage() bool { return !r.Page.IsZero() && !r.Own && !r.Changed() }

// Pages are all detail pages that have details of the person, in the order of their imports.
func (r *IndexEntry) Pages() []relief.DetailPageID {
	if r.Page.IsZero() {
		return nil
	}
	return append(slices.Clip(r.EarlierPages), r.Page)
}

// roomForPage reports whether another import's page can hold the person's details.
func (r *IndexEntry) roomForPage() bool { return len(r.EarlierPages) < maxDetailPages-1 }

// putOnPage says that the person's current details are on another page.
func (r *IndexEntry) putOnPage(page relief.DetailPageID) {
	r.EarlierPages, r.Page, r.Own, r.Change, r.Earlier = r.Pages(), page, false, 0, EarlierDetails{}
}

// Replaced names the details that new ones of the same person take the place of, where they have a key of their own. Those on a
// page stay until the person is erased, and those of an application belong to the case.
func (r *IndexEntry) Replaced(ref relief.SubjectRef, programme relief.ProgrammeID) (relief.Key, bool) {
	k := r.DetailsKey(ref, programme)
	return k, !r.OnPage() && k.Kind != relief.KindCaseDetails
}

// WithDetailsOf is the entry with the details of another entry of the same person.
func (r IndexEntry) WithDetailsOf(other *IndexEntry) IndexEntry {
	r.Page, r.EarlierPages, r.Own, r.Change, r.Earlier = other.Page, other.EarlierPages, other.Own, other.Change, other.Earlier
	return r
}

// Changed reports whether an act later than the person's entry brought the current details. They are under the key of that
// act.
func (r *IndexEntry) Changed() bool { return r.Change != 0 || r.Earlier != EarlierDetails{} }

// DetailsKey names the person's current details when they are not on a page: those of a confirmed change, or of the case
// whose decision put the person on the roll, or else those under the person's own key. An application alone never changes
// whom money goes to.
func (r *IndexEntry) DetailsKey(ref relief.SubjectRef, programme relief.ProgrammeID) relief.Key {
	switch {
	case r.Change != 0:
		return relief.ChangeKey(relief.NewChangeID(programme, r.County, r.Number, r.Change))
	case r.Earlier.Change != "":
		return relief.ChangeKey(r.Earlier.Change)
	case !r.Earlier.Link.IsZero():
		return relief.LinkDetailsKey(r.Earlier.Link, programme)
	}
	if r.Case != "" && !r.Case.OfRoll() {
		return relief.CaseDetailsKey(r.Case)
	}
	return relief.RollIndexKey(ref, programme)
}

// Erased is the entry after the person's details were erased.
func (r IndexEntry) Erased() IndexEntry {
	return r.WithDetailsOf(&IndexEntry{})
}

// Continued is the entry of the same person under another number of the programme, who keeps the current details.
func (r *IndexEntry) Continued(programme relief.ProgrammeID, to Number) IndexEntry {
	out := IndexEntry{County: to.County, Number: to.Number, Case: r.Case}.WithDetailsOf(r)
	if r.Change != 0 {
		out.Change, out.Earlier = 0, EarlierDetails{Change: relief.NewChangeID(programme, r.County, r.Number, r.Change)}
	}
	return out
}

// newIndexEntry is the entry of a person who gets a number on the roll. current is the person's entry before that, nil
// for a new person. A person with a detail page gets later details under a key of their own, unless an import puts them on
// another page.
func newIndexEntry(current *IndexEntry, county relief.Region, number uint32) *IndexEntry {
	r := &IndexEntry{County: county, Number: number}
	if current != nil {
		r.Page, r.EarlierPages, r.Own = current.Page, current.EarlierPages, !current.Page.IsZero()
	}
	return r
}

// FreeFrom reports whether an entitlement from a period on overlaps no earlier one.
func (r *IndexEntry) FreeFrom(from relief.Period) bool {
	return r.Exited && r.Until.FirstMonth() < from.FirstMonth() && (r.PaidTill.IsZero() || r.PaidTill.Before(from))
}

// An index entry is packed, because there is one for each person on a roll and an import writes a thousand at a time.
// docs/ledger-layout.md gives it byte by byte.
const (
	entryKind    = 'a'
	entryVersion = 2
)

// The bits that say which optional parts a packed index entry has.
const (
	entryExited   = 1 << iota
	entryOwn      // later details, under the person's own key
	entryUntil    // a period follows
	entryPaidTill // a period follows
	entryCase     // a case's id follows
	entryPage     // the page's county and first number follow
	entryPageHere // one byte follows: how far before the person's number the page of the same county begins
	entryChange   // what brought the current details follows: see appendChange

	// entryPages says in place of one page that a number of pages follows, and each with its county, first number and how often
	// the details were replaced; the last one is the current one.
	entryPages = entryPage | entryPageHere
)

// maxDetailPages is the number of pages that an index entry can name. Details that come later have a key of their own.
const maxDetailPages = 64

// MarshalBinary packs the entry.
func (r IndexEntry) MarshalBinary() ([]byte, error) {
	var has byte
	set := func(bit byte, is bool) {
		if is {
			has |= bit
		}
	}
	set(entryExited, r.Exited)
	set(entryOwn, r.Own)
	set(entryUntil, !r.Until.IsZero())
	set(entryPaidTill, !r.PaidTill.IsZero())
	set(entryCase, r.Case != "")
	here := r.Page.County == r.County && r.Page.First <= r.Number && r.Number-r.Page.First <= math.MaxUint8
	several := len(r.EarlierPages) > 0 || r.Page.Replaced != 0
	set(entryPageHere, here || several)
	set(entryPage, several || !here && !r.Page.IsZero())
	set(entryChange, r.Changed())
	b := append(make([]byte, 0, 16), entryKind, entryVersion, has)
	b = binary.AppendUvarint(b, r.County.Code())
	b = binary.AppendUvarint(b, uint64(r.Number))
	if has&entryUntil != 0 {
		b = binary.BigEndian.AppendUint16(b, r.Until.Code())
	}
	if has&entryPaidTill != 0 {
		b = binary.BigEndian.AppendUint16(b, r.PaidTill.Code())
	}
	if has&entryCase != 0 {
		b = append(append(b, byte(len(r.Case))), r.Case...) //nolint:gosec // at most 40
	}
	switch {
	case several:
		b = r.appendPages(b)
	case has&entryPage != 0:
		b = binary.AppendUvarint(binary.AppendUvarint(b, r.Page.County.Code()), uint64(r.Page.First))
	case has&entryPageHere != 0:
		b = append(b, byte(r.Number-r.Page.First)) //nolint:gosec // at most 255
	}
	if has&entryChange != 0 {
		b = r.appendChange(b)
	}
	return b, nil
}

func (r *IndexEntry) appendPages(b []byte) []byte {
	pages := r.Pages()
	b = append(b, byte(len(pages))) //nolint:gosec // at most maxDetailPages
	for _, p := range pages {
		b = binary.AppendUvarint(binary.AppendUvarint(b, p.County.Code()), uint64(p.First))
		b = binary.AppendUvarint(b, uint64(p.Replaced))
	}
	return b
}

// readPages reads what appendPages wrote. What has no page, or too many, reads as an error.
func (r *IndexEntry) readPages(w *wire.Reader) {
	n := int(w.Byte())
	if n < 1 || n > maxDetailPages {
		w.Err = errIndexEntry
		return
	}
	pages := make([]relief.DetailPageID, n)
	for i := range pages {
		pages[i] = relief.DetailPageID{County: w.Region(), First: w.Uint32()}
		replaced := w.Uint32()
		if replaced > math.MaxUint16 {
			w.Err = errIndexEntry
			return
		}
		pages[i].Replaced = uint16(replaced)
	}
	r.Page = pages[n-1]
	if n > 1 {
		r.EarlierPages = pages[:n-1]
	}
}

// The acts on another number that bring details.
const (
	earlierChange = 1 + iota // a change's id follows
	earlierLink              // a reference follows
)

// appendChange appends the serial number of the change of the entry's own number that brought the current details; or 0, and
// which act on another number did.
func (r *IndexEntry) appendChange(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.Change))
	switch {
	case r.Change != 0:
		return b
	case r.Earlier.Change != "":
		return append(append(b, earlierChange, byte(len(r.Earlier.Change))), r.Earlier.Change...) //nolint:gosec // at most 40
	}
	return append(append(b, earlierLink), r.Earlier.Link[:]...)
}

func (r *IndexEntry) readChange(w *wire.Reader) {
	if r.Change = w.Uint32(); r.Change != 0 {
		return
	}
	switch w.Byte() {
	case earlierChange:
		r.Earlier.Change = relief.ChangeID(w.Bytes(int(w.Byte())))
	case earlierLink:
		copy(r.Earlier.Link[:], w.Bytes(len(r.Earlier.Link)))
	}
}

var errIndexEntry = relief.Errorf(relief.CodeCorrupt, "a stored roll index entry cannot be read")

// UnmarshalBinary reads what MarshalBinary wrote; CORRUPT for any other bytes.
func (r *IndexEntry) UnmarshalBinary(b []byte) error {
	if len(b) < 5 || b[0] != entryKind || b[1] != entryVersion {
		return errIndexEntry
	}
	has := b[2]
	w := &wire.Reader{Rest: b[3:]}
	read := IndexEntry{County: w.Region(), Number: w.Uint32(), Exited: has&entryExited != 0, Own: has&entryOwn != 0}
	if has&entryUntil != 0 {
		read.Until = w.Period()
	}
	if has&entryPaidTill != 0 {
		read.PaidTill = w.Period()
	}
	if has&entryCase != 0 {
		read.Case = relief.CaseID(w.Bytes(int(w.Byte())))
	}
	switch has & entryPages {
	case entryPages:
		read.readPages(w)
	case entryPage:
		read.Page = relief.DetailPageID{County: w.Region(), First: w.Uint32()}
	case entryPageHere:
		read.Page = relief.DetailPageID{County: read.County, First: read.Number - uint32(w.Byte())}
	}
	if has&entryChange != 0 {
		read.readChange(w)
	}
	if w.Err != nil || len(w.Rest) > 0 {
		return errIndexEntry
	}
	if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
		return errIndexEntry
	}
	*r = read
	return nil
}
