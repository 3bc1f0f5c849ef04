package roll

import (
	"bytes"
	"encoding/binary"
	"math"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// IndexEntry says where a person stands on a programme's roll, whichever county it is in (R9).
type IndexEntry struct {
	County relief.Region
	Number uint32
	Exited bool
	Until  relief.Period
	// PaidTill is the last period that was paid or listed when the person left, if later than Until.
	PaidTill relief.Period
	Case     relief.CaseID // whose decision put the person there; empty for an import
	// Page holds the details that the person's first import brought, until they are erased. Own tells that there are later ones,
	// under the person's own key; without a page that is where they are.
	Page relief.DetailPageID
	Own  bool
}

// OnPage reports whether the details that hold now are those on the page.
func (r *IndexEntry) OnPage() bool { return !r.Page.IsZero() && !r.Own }

// Erased is the record when the person's details are kept nowhere any more.
func (r IndexEntry) Erased() IndexEntry {
	r.Page, r.Own = relief.DetailPageID{}, false
	return r
}

// placed is the record of somebody who gets a number on the roll: for the first time, or again with details of their own.
func placed(standing *IndexEntry, county relief.Region, number uint32) *IndexEntry {
	r := &IndexEntry{County: county, Number: number}
	if standing != nil {
		r.Page, r.Own = standing.Page, !standing.Page.IsZero()
	}
	return r
}

// freeFrom reports whether an entitlement from a period on overlaps nothing earlier.
func (r *IndexEntry) freeFrom(from relief.Period) bool {
	return r.Exited && r.Until.FirstMonth() < from.FirstMonth() && (r.PaidTill.IsZero() || r.PaidTill.Before(from))
}

// An admission is one small value for each person on a roll, and an import writes a thousand of them at a time: it is packed.
// docs/ledger-layout.md gives it byte by byte.
const (
	admissionKind    = 'a'
	admissionVersion = 1
)

// What an index entry has.
const (
	admissionExited   = 1 << iota
	admissionOwn      // later details, under the person's own key
	admissionUntil    // a period follows
	admissionPaidTill // a period follows
	admissionCase     // a case's id follows
	admissionPage     // the page's county and first number follow
	admissionPageHere // one byte follows: how far before the person's number the page of the same county begins
)

// MarshalBinary packs the record.
func (r IndexEntry) MarshalBinary() ([]byte, error) {
	var has byte
	set := func(bit byte, is bool) {
		if is {
			has |= bit
		}
	}
	set(admissionExited, r.Exited)
	set(admissionOwn, r.Own)
	set(admissionUntil, !r.Until.IsZero())
	set(admissionPaidTill, !r.PaidTill.IsZero())
	set(admissionCase, r.Case != "")
	here := r.Page.County == r.County && r.Page.First <= r.Number && r.Number-r.Page.First <= math.MaxUint8
	set(admissionPageHere, here)
	set(admissionPage, !here && !r.Page.IsZero())
	b := append(make([]byte, 0, 16), admissionKind, admissionVersion, has)
	b = binary.AppendUvarint(b, r.County.Code())
	b = binary.AppendUvarint(b, uint64(r.Number))
	if has&admissionUntil != 0 {
		b = binary.BigEndian.AppendUint16(b, r.Until.Code())
	}
	if has&admissionPaidTill != 0 {
		b = binary.BigEndian.AppendUint16(b, r.PaidTill.Code())
	}
	if has&admissionCase != 0 {
		b = append(append(b, byte(len(r.Case))), r.Case...) //nolint:gosec // at most 40
	}
	switch {
	case has&admissionPage != 0:
		b = binary.AppendUvarint(binary.AppendUvarint(b, r.Page.County.Code()), uint64(r.Page.First))
	case has&admissionPageHere != 0:
		b = append(b, byte(r.Number-r.Page.First)) //nolint:gosec // at most 255
	}
	return b, nil
}

var errAdmission = relief.Errorf(relief.CodeCorrupt, "a stored admission cannot be read")

// UnmarshalBinary reads what MarshalBinary wrote, in that spelling only; CORRUPT for anything else.
func (r *IndexEntry) UnmarshalBinary(b []byte) error {
	if len(b) < 5 || b[0] != admissionKind || b[1] != admissionVersion {
		return errAdmission
	}
	has := b[2]
	w := &wire.Reader{Rest: b[3:]}
	read := IndexEntry{County: w.Region(), Number: w.Uint32(), Exited: has&admissionExited != 0, Own: has&admissionOwn != 0}
	if has&admissionUntil != 0 {
		read.Until = w.Period()
	}
	if has&admissionPaidTill != 0 {
		read.PaidTill = w.Period()
	}
	if has&admissionCase != 0 {
		read.Case = relief.CaseID(w.Bytes(int(w.Byte())))
	}
	if has&admissionPage != 0 {
		read.Page = relief.DetailPageID{County: w.Region(), First: w.Uint32()}
	}
	if has&admissionPageHere != 0 {
		read.Page = relief.DetailPageID{County: read.County, First: read.Number - uint32(w.Byte())}
	}
	if w.Err != nil || len(w.Rest) > 0 {
		return errAdmission
	}
	if again, err := read.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
		return errAdmission
	}
	*r = read
	return nil
}
