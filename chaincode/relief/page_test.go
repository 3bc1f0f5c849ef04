package relief

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParsePageBad(t *testing.T) {
	one := AppendPage(nil, []PageEntry{{SubjectRef{1}, []byte("{}")}})
	many := make([]PageEntry, PagePeople+1)
	for i := range many {
		many[i] = PageEntry{SubjectRef{byte(i + 1)}, []byte("{}")}
	}
	for name, b := range map[string][]byte{
		"nothing":         nil,
		"a header alone":  {pageKind, pageVersion},
		"another kind":    append([]byte{'q'}, one[1:]...),
		"another version": append([]byte{pageKind, 2}, one[2:]...),
		"cut short":       one[:len(one)-1],
		"too long":        append(bytes.Clone(one), 7),
		"no details":      AppendPage(nil, []PageEntry{{SubjectRef{1}, nil}}),
		"one twice":       AppendPage(nil, []PageEntry{{SubjectRef{1}, []byte("a")}, {SubjectRef{1}, []byte("b")}}),
		"too many":        AppendPage(nil, many),
		"a long length":   append(bytes.Clone(one[:19]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParsePage(b)
			require.Equal(t, CodeCorrupt, ParseError(err.Error()).Code)
			_, err = WithoutPerson(b, SubjectRef{1})
			require.Error(t, err)
		})
	}
	full, err := ParsePage(AppendPage(nil, many[:PagePeople]))
	require.NoError(t, err)
	require.Len(t, full, PagePeople)
	_, err = WithoutPerson(one, SubjectRef{2})
	require.Equal(t, CodeCorrupt, ParseError(err.Error()).Code)
}

// TestPages: people who are on a roll for the first time fill pages in the order of their numbers, whatever was refused between
// them; who was on it before, here or elsewhere, has a key of their own and keeps what page they are on.
func TestPages(t *testing.T) {
	var entries []RollInput
	var persons [][]byte
	for i := range PagePeople + 6 {
		entries = append(entries, RollInput{uint32(i), SubjectRef{1, byte(i)}, "530181", 1, 'A', 100})
		persons = append(persons, []byte{byte(i + 1)})
	}
	entries[3].Persons = 0 // refused
	gone := &Admission{County: "530129", Number: 5, Exited: true, Until: Period{2025, 12}, Page: PageID{"530129", 0}}
	_, enrolled, result, err := ImportRoll([]RollPart{{At: RollPlace{"dibao", "530181", 2, 1000}}}, Period{2026, 1}, entries,
		func(ref SubjectRef) (*Admission, error) {
			if ref == entries[4].Ref {
				return gone, nil
			}
			return nil, nil
		})
	require.NoError(t, err)
	require.Equal(t, PagePeople+5, result.Accepted)
	back := enrolled[3].Record
	require.Equal(t, Admission{County: "530181", Number: 2003, Page: PageID{"530129", 0}, Own: true}, back)
	require.False(t, back.OnPage())
	require.Equal(t, Admission{County: "530181", Number: 2003}, back.Erased())
	pages := PagesOf(enrolled, persons)
	require.Len(t, pages, 2)
	require.Equal(t, PageID{"530181", 2000}, pages[0].ID)
	require.Equal(t, PageID{"530181", 2051}, pages[1].ID)
	var people []PageEntry
	for _, p := range pages {
		on, err := ParsePage(p.Value)
		require.NoError(t, err)
		people = append(people, on...)
	}
	require.Len(t, people, PagePeople+4)
	for _, p := range people {
		require.Equal(t, []byte{p.Ref[1] + 1}, p.Details)
	}
}
