package roll

import (
	"bytes"
	"encoding/binary"
	"math"

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
	// Page is the detail page from the person's first import, until the details are erased. Own says that there are
	// later details. DetailsKey names the place of those, and of all details of a person without a page.
	Page relief.DetailPageID
	Own  bool
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
	r.Page, r.Own, r.Change, r.Earlier = relief.DetailPageID{}, false, 0, EarlierDetails{}
	return r
}

// Continued is the entry of the same person under another number of the programme, who keeps the current details.
func (r *IndexEntry) Continued(programme relief.ProgrammeID, to Number) IndexEntry {
	out := IndexEntry{County: to.County, Number: to.Number, Case: r.Case, Page: r.Page, Own: r.Own, Earlier: r.Earlier}
	if r.Change != 0 {
		out.Earlier = EarlierDetails{Change: relief.NewChangeID(programme, r.County, r.Number, r.Change)}
	}
	return out
}

// newIndexEntry is the entry of a person who gets a number on the roll. current is the person's entry before that, nil
// for a new person. A person with a detail page gets later details under a key of their own.
func newIndexEntry(current *IndexEntry, county relief.Region, number uint32) *IndexEntry {
	r := &IndexEntry{County: county, Number: number}
	if current != nil {
		r.Page, r.Own = current.Page, !current.Page.IsZero()
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
)

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
	set(entryPageHere, here)
	set(entryPage, !here && !r.Page.IsZero())
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
	if has&entryPage != 0 {
		read.Page = relief.DetailPageID{County: w.Region(), First: w.Uint32()}
	}
	if has&entryPageHere != 0 {
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
