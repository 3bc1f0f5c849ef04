package relief

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// PagePeople is how many people of an import share a page of private details. A private key costs a peer as much as ten public
// ones, so people are not given one each; whoever is erased makes their page be written anew, so pages are small.
const PagePeople = 50

// PageID names a page of a programme: the county and the roll number of the first person who was written on it.
type PageID struct {
	County Region
	First  uint32
}

// IsZero tells whether there is no page.
func (p PageID) IsZero() bool { return p == PageID{} }

func (p PageID) String() string { return fmt.Sprintf("%s-%07d", p.County, p.First) }

// PageRecord says which generation of a page holds: how often somebody was erased from it. A page without a record is as its
// import wrote it.
type PageRecord struct {
	Generation uint32 `json:"generation"`
}

const (
	pageKind    = 'p'
	pageVersion = 1
)

// PageEntry is one person on a page.
type PageEntry struct {
	Ref     SubjectRef
	Details []byte // a sealed document
}

func appendPageEntry(b []byte, ref SubjectRef, details []byte) []byte {
	if b == nil {
		b = append(b, pageKind, pageVersion)
	}
	b = append(b, ref[:]...)
	b = binary.AppendUvarint(b, uint64(len(details)))
	return append(b, details...)
}

// AppendPage encodes a page; a page of nobody is nil.
func AppendPage(b []byte, people []PageEntry) []byte {
	for i := range people {
		b = appendPageEntry(b, people[i].Ref, people[i].Details)
	}
	return b
}

// ParsePage decodes what AppendPage wrote; the details share b's memory. CORRUPT for anything else: nobody on it, more than
// PagePeople, one person twice, somebody without details.
func ParsePage(b []byte) ([]PageEntry, error) {
	bad := Errorf(CodeCorrupt, "a page of private details cannot be read")
	if len(b) < 3 || b[0] != pageKind || b[1] != pageVersion {
		return nil, bad
	}
	r := &wireReader{b: b[2:]}
	people := make([]PageEntry, 0, PagePeople)
	seen := make(map[SubjectRef]bool, PagePeople)
	for r.err == nil && len(r.b) > 0 {
		var e PageEntry
		copy(e.Ref[:], r.bytes(len(e.Ref)))
		e.Details = r.bytes(int(r.uint32()))
		if len(people) == PagePeople || len(e.Details) == 0 || seen[e.Ref] {
			return nil, bad
		}
		seen[e.Ref] = true
		people = append(people, e)
	}
	if r.err != nil {
		return nil, bad
	}
	return people, nil
}

// WithoutPerson is a page without one person, nil when nobody is left. CORRUPT when the person is not on it.
func WithoutPerson(page []byte, ref SubjectRef) ([]byte, error) {
	people, err := ParsePage(page)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(people, func(e PageEntry) bool { return e.Ref == ref })
	if at < 0 {
		return nil, Errorf(CodeCorrupt, "a person is not on the page that is to hold their details")
	}
	return AppendPage(nil, slices.Delete(people, at, at+1)), nil
}

// Page is a page as an import writes it.
type Page struct {
	ID    PageID
	Value []byte
}

// PagesOf are the pages of the people whom an import put on the roll for the first time; persons are the chunk's details.
func PagesOf(enrolled []Enrolled, persons [][]byte) (pages []Page) {
	for i := range enrolled {
		e := &enrolled[i]
		if !e.Record.OnPage() {
			continue
		}
		if n := len(pages); n == 0 || pages[n-1].ID != e.Record.Page {
			pages = append(pages, Page{ID: e.Record.Page})
		}
		p := &pages[len(pages)-1]
		if p.Value == nil {
			p.Value = append(make([]byte, 0, PagePeople*(len(e.Ref)+2+len(persons[e.Input]))), pageKind, pageVersion)
		}
		p.Value = appendPageEntry(p.Value, e.Ref, persons[e.Input])
	}
	return pages
}
