package roll

import (
	"bytes"
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

func TestCorruptDetailPagesAreRefused(t *testing.T) {
	one := AppendDetailPage(nil, []DetailPageEntry{{relief.SubjectRef{1}, []byte("{}")}})
	many := make([]DetailPageEntry, DetailPagePeople+1)
	for i := range many {
		many[i] = DetailPageEntry{relief.SubjectRef{byte(i + 1)}, []byte("{}")}
	}
	for name, b := range map[string][]byte{
		"nothing":         nil,
		"a header alone":  {pageKind, pageVersion},
		"another kind":    append([]byte{'q'}, one[1:]...),
		"another version": append([]byte{pageKind, 2}, one[2:]...),
		"cut short":       one[:len(one)-1],
		"too long":        append(bytes.Clone(one), 7),
		"no details":      AppendDetailPage(nil, []DetailPageEntry{{relief.SubjectRef{1}, nil}}),
		"one twice":       AppendDetailPage(nil, []DetailPageEntry{{relief.SubjectRef{1}, []byte("a")}, {relief.SubjectRef{1}, []byte("b")}}),
		"too many":        AppendDetailPage(nil, many),
		"a long length":   append(bytes.Clone(one[:19]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseDetailPage(b)
			require.Equal(t, relief.CodeCorrupt, relief.ParseError(err.Error()).Code)
			_, err = WithoutPerson(b, relief.SubjectRef{1})
			require.Error(t, err)
		})
	}
	full, err := ParseDetailPage(AppendDetailPage(nil, many[:DetailPagePeople]))
	require.NoError(t, err)
	require.Len(t, full, DetailPagePeople)
	_, err = WithoutPerson(one, relief.SubjectRef{2})
	require.Equal(t, relief.CodeCorrupt, relief.ParseError(err.Error()).Code)
}

// TestPages: people with new details fill pages in the order of their roll numbers, with no gaps for refused lines. People
// who were on the roll before, here or in another county, keep their earlier page, too.
func TestPages(t *testing.T) {
	var entries []Input
	var persons [][]byte
	for i := range DetailPagePeople + 6 {
		entries = append(entries, line(uint32(i), relief.SubjectRef{1, byte(i)}, "530181", 1, 'A', 100, payeeOf(byte(i))))
		persons = append(persons, []byte{byte(i + 1)})
	}
	entries[3].Persons = 0 // refused
	gone := &IndexEntry{County: "530129", Number: 5, Exited: true, Until: monthOf(2025, 12), Page: relief.DetailPageID{County: "530129", First: 0}}
	_, enrolled, result, err := Import([]Part{{At: SegmentAddr{"dibao", "530181", 2, 1000}}}, ImportRule{From: monthOf(2026, 1)}, entries,
		func(e *Input) (Known, error) {
			if e == &entries[4] {
				return Known{Index: gone}, nil
			}
			return Known{}, nil
		})
	require.NoError(t, err)
	require.Equal(t, DetailPagePeople+5, result.Accepted)
	back := enrolled[3].Record
	require.Equal(t, IndexEntry{
		County: "530181", Number: 2003, Page: relief.DetailPageID{County: "530181", First: 2000},
		EarlierPages: []relief.DetailPageID{{County: "530129", First: 0}},
	}, back)
	require.True(t, back.OnPage())
	require.Equal(t, IndexEntry{County: "530181", Number: 2003}, back.Erased())
	pages := DetailPages(enrolled, persons)
	require.Len(t, pages, 2)
	require.Equal(t, relief.DetailPageID{County: "530181", First: 2000}, pages[0].ID)
	require.Equal(t, relief.DetailPageID{County: "530181", First: 2050}, pages[1].ID)
	var people []DetailPageEntry
	for _, p := range pages {
		on, err := ParseDetailPage(p.Value)
		require.NoError(t, err)
		people = append(people, on...)
	}
	require.Len(t, people, DetailPagePeople+5)
	for _, p := range people {
		require.Equal(t, []byte{p.Ref[1] + 1}, p.Details)
	}
}

// TestPagesOfLaterImports: every import that replaces somebody's details puts them on another page, until an entry has as many as
// it can name. Then they have a key of their own.
func TestPagesOfLaterImports(t *testing.T) {
	ref := relief.SubjectRef{1, 7}
	part := Part{At: SegmentAddr{"dibao", "530181", 0, 1000}}
	var entry *IndexEntry
	names := make(map[string]bool)
	for n := range maxDetailPages + 2 {
		in := line(0, ref, "530181", 1, 'A', 100, payeeOf(byte(n+1)))
		if entry != nil {
			in.Seen, in.Was = SeenChanged, part.WasAt(0, &in)
		}
		after, enrolled, result, err := Import([]Part{part}, ImportRule{From: monthOf(2026, 1)}, []Input{in},
			func(*Input) (Known, error) { return Known{Index: entry}, nil })
		require.NoError(t, err)
		require.Equal(t, 1, result.Accepted, "%v", result.Refused)
		part, entry = after[0], &enrolled[0].Record
		if n >= maxDetailPages {
			require.False(t, entry.OnPage())
			require.True(t, entry.Own)
			require.Empty(t, DetailPages(enrolled, [][]byte{{1}}))
			require.Len(t, entry.Pages(), maxDetailPages)
			continue
		}
		pages := DetailPages(enrolled, [][]byte{{1}})
		require.Len(t, pages, 1)
		require.Equal(t, entry.Page, pages[0].ID)
		require.Len(t, entry.Pages(), n+1)
		require.False(t, names[pages[0].ID.String()], "a name once")
		names[pages[0].ID.String()] = true
		b, err := entry.MarshalBinary()
		require.NoError(t, err)
		var back IndexEntry
		require.NoError(t, back.UnmarshalBinary(b))
		require.Equal(t, *entry, back)
	}
}

func FuzzPage(f *testing.F) {
	f.Add(AppendDetailPage(nil, []DetailPageEntry{{relief.SubjectRef{1}, []byte("{}")}, {relief.SubjectRef{2}, []byte("{}")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		people, err := ParseDetailPage(b)
		if err != nil {
			return
		}
		page := AppendDetailPage(nil, people)
		again, err := ParseDetailPage(page)
		require.NoError(t, err)
		require.Equal(t, people, again)
		for i := range people {
			rest, err := WithoutPerson(b, people[i].Ref)
			require.NoError(t, err)
			if rest == nil {
				require.Len(t, people, 1)
				continue
			}
			left, err := ParseDetailPage(rest)
			require.NoError(t, err)
			require.Len(t, left, len(people)-1)
			_, err = WithoutPerson(rest, people[i].Ref)
			require.Error(t, err)
		}
	})
}
