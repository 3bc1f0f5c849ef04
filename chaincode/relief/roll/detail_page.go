package roll

import (
	"encoding/binary"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// DetailPagePeople is the number of people of an import who share a detail page. A private key costs a peer as much as
// ten public ones, so people do not have one each. Erasing a person means writing their page again, so pages are small.
const DetailPagePeople = 50

// DetailPageRecord says which generation of a detail page is valid: the number of erasures from it. A page without a
// record is as its import wrote it.
type DetailPageRecord struct {
	Generation uint32 `json:"generation"`
}

const (
	pageKind    = 'p'
	pageVersion = 1
)

// DetailPageEntry is one person on a detail page.
type DetailPageEntry struct {
	Ref     relief.SubjectRef
	Details []byte // a sealed document
}

func appendPageEntry(b []byte, ref relief.SubjectRef, details []byte) []byte {
	if b == nil {
		b = append(b, pageKind, pageVersion)
	}
	b = append(b, ref[:]...)
	b = binary.AppendUvarint(b, uint64(len(details)))
	return append(b, details...)
}

// AppendDetailPage encodes a detail page. A page without people is nil.
func AppendDetailPage(b []byte, people []DetailPageEntry) []byte {
	for i := range people {
		b = appendPageEntry(b, people[i].Ref, people[i].Details)
	}
	return b
}

// ParseDetailPage decodes what AppendDetailPage wrote; the details share b's memory. CORRUPT for anything else: no
// people, more than DetailPagePeople, a person who is on the page twice, a person without details.
func ParseDetailPage(b []byte) ([]DetailPageEntry, error) {
	bad := relief.Errorf(relief.CodeCorrupt, "a page of private details cannot be read")
	if len(b) < 3 || b[0] != pageKind || b[1] != pageVersion {
		return nil, bad
	}
	r := &wire.Reader{Rest: b[2:]}
	people := make([]DetailPageEntry, 0, DetailPagePeople)
	seen := make(map[relief.SubjectRef]bool, DetailPagePeople)
	for r.Err == nil && len(r.Rest) > 0 {
		e := DetailPageEntry{Ref: r.Ref()}
		e.Details = r.Bytes(int(r.Uint32()))
		if len(people) == DetailPagePeople || len(e.Details) == 0 || seen[e.Ref] {
			return nil, bad
		}
		seen[e.Ref] = true
		people = append(people, e)
	}
	if r.Err != nil {
		return nil, bad
	}
	return people, nil
}

// WithoutPerson is a detail page with one person taken off, nil when nobody is left. CORRUPT when the person is not on
// it.
func WithoutPerson(page []byte, ref relief.SubjectRef) ([]byte, error) {
	people, err := ParseDetailPage(page)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(people, func(e DetailPageEntry) bool { return e.Ref == ref })
	if at < 0 {
		return nil, relief.Errorf(relief.CodeCorrupt, "a person is not on the detail page that their index entry names")
	}
	return AppendDetailPage(nil, slices.Delete(people, at, at+1)), nil
}

// DetailPage is a detail page as an import writes it.
type DetailPage struct {
	ID    relief.DetailPageID
	Value []byte
}

// DetailPages gives the detail pages of the people whom an import put on the roll for the first time. persons are the
// private details that came with the chunk.
func DetailPages(enrolled []Enrolled, persons [][]byte) (pages []DetailPage) {
	for i := range enrolled {
		e := &enrolled[i]
		if !e.Details || e.Record.Kept || !e.Record.OnPage() {
			continue
		}
		if n := len(pages); n == 0 || pages[n-1].ID != e.Record.Page {
			pages = append(pages, DetailPage{ID: e.Record.Page})
		}
		p := &pages[len(pages)-1]
		if p.Value == nil {
			p.Value = append(make([]byte, 0, DetailPagePeople*(len(e.Ref)+2+len(persons[e.Input]))), pageKind, pageVersion)
		}
		p.Value = appendPageEntry(p.Value, e.Ref, persons[e.Input])
	}
	return pages
}
