package roll

import (
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// goldenSpans is a segment with spans of every class: changes of terms, a suspension, what was paid before this record, a death,
// a range before the present one, a predecessor.
func goldenSpans(t testing.TB) Segment {
	told := line(3, ref(2), "530181019201", 3, 'A', 186000, payeeOf(2))
	told.Told = Told{monthOf(2026, 6), 1116000}
	before := line(4, ref(3), "530181", 2, 'C', 66000, payeeOf(3))
	before.Told = Told{PaidThrough: monthOf(2025, 12)}
	parts, enrolled, _, err := Import([]Part{{At: testPlace}}, fromJanuary, []Input{one(), told, before}, nobody)
	require.NoError(t, err)
	seg, err := SetTerms(parts[0].Segment, 1, Terms{Class: "B", Persons: 2, Amount: 100000}, monthOf(2026, 8))
	require.NoError(t, err)
	seg, err = Suspend(seg, 1, monthOf(2026, 10))
	require.NoError(t, err)
	seg, _, _, err = Exit(seg, testPlace, 1002, Leaving{Reason: ExitDeath, DiedOn: "2026-09-14", Last: monthOf(2026, 9)})
	require.NoError(t, err)
	seg, index, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: "moved", Last: monthOf(2026, 3)})
	require.NoError(t, err)
	index.Page = enrolled[0].Record.Page
	parts[0].Segment = seg
	later := ImportRule{From: monthOf(2026, 6), Month: fromJanuary.Month}
	back := one()
	back.Class, back.Amount = 'A', 124000
	parts, _, result, err := Import(parts, later, []Input{back}, func(*Input) (Known, error) { return Known{Index: &index}, nil })
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "%v", result.Refused)
	seg, err = parts[0].Segment.WithPredecessor(1, Predecessor{"530129", 17, monthOf(2024, 1), monthOf(2025, 12)})
	require.NoError(t, err)
	return seg
}

// readGolden reads a segment whose packed value is that of a file, and so is each of its entries.
func readGolden(t *testing.T, file string, seg Segment) Segment {
	t.Helper()
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), hex.EncodeToString(seg.Bytes()))
	read, err := ParseSegment(seg.Bytes())
	require.NoError(t, err)
	for i := range read.Len() {
		e := read.Entry(i, testPlace)
		again, err := UnpackEntry(read.Packed(i), "dibao", "530181", e.Number)
		require.NoError(t, err)
		require.Equal(t, e, again)
	}
	return read
}

// The packed value must never change under its version.
func TestGoldenSpans(t *testing.T) {
	seg := goldenSpans(t)
	read := readGolden(t, "testdata/roll-v6.hex", seg)
	died := read.Entry(2, testPlace)
	require.Equal(t, relief.Day("2026-09-14"), died.DiedOn)
	require.Equal(t, &Predecessor{"530129", 17, monthOf(2024, 1), monthOf(2025, 12)}, read.Entry(1, testPlace).Predecessor)
	for n := rollHeader + 3*rollSlotWidth; n < len(seg.Bytes()); n++ {
		_, err := ParseSegment(seg.Bytes()[:n])
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, "%d", n)
	}
}

// withSpan is the golden segment of version 3 with one span, as bytes.
func withSpan(sp span) []byte {
	b := append([]byte{}, goldenRoll().Bytes()...)
	b[1] = rollVersionSpans
	return sp.appendTo(binary.BigEndian.AppendUint32(b, 1))
}

// There is one way to write a span. Any other is CORRUPT.
func TestBadSpans(t *testing.T) {
	terms := span{position: 1, from: monthOf(2026, 1), to: monthOf(2026, 3), amount: 48000, persons: 1, class: 'B'}
	died := span{position: 1, from: monthOf(2026, 7), to: monthOf(2026, 7), amount: relief.Fen(relief.Day("2026-07-14").Number()), class: classDied}
	before := span{
		position: 1, from: monthOf(2025, 1), to: monthOf(2025, 12), amount: relief.Fen(530129<<numberBits | 17), class: classPredecessor,
	}
	suspended := span{position: 1, from: monthOf(2026, 4), class: classSuspended}
	told := span{position: 1, from: monthOf(2026, 1), to: monthOf(2026, 2), amount: 5, class: classTold}
	for name, good := range map[string]span{"terms": terms, "died": died, "before": before, "suspended": suspended, "told": told} {
		_, err := ParseSegment(withSpan(good))
		require.NoError(t, err, name)
	}
	edit := func(sp span, edit func(*span)) span {
		edit(&sp)
		return sp
	}
	for name, bad := range map[string]span{
		"no class":                         edit(terms, func(p *span) { p.class = 'b' }),
		"terms without an end":             edit(terms, func(p *span) { p.to = relief.Period{} }),
		"terms that end too early":         edit(terms, func(p *span) { p.to = monthOf(2025, 12) }),
		"terms of nothing":                 edit(terms, func(p *span) { p.amount = 0 }),
		"terms of too much":                edit(terms, func(p *span) { p.amount = relief.MaxFen + 1 }),
		"terms of nobody":                  edit(terms, func(p *span) { p.persons = 0 }),
		"terms across two ranges":          edit(terms, func(p *span) { p.from = monthOf(2025, 11) }),
		"a quarter":                        edit(terms, func(p *span) { p.from = relief.QuarterOf(2026 * 12) }),
		"until a quarter":                  edit(terms, func(p *span) { p.to = relief.QuarterOf(2026 * 12) }),
		"no first month":                   edit(terms, func(p *span) { p.from = relief.Period{} }),
		"nobody's":                         edit(terms, func(p *span) { p.position = 3 }),
		"a suspension with an amount":      edit(suspended, func(p *span) { p.amount = 1 }),
		"a suspension of persons":          edit(suspended, func(p *span) { p.persons = 1 }),
		"a suspension that ends too early": edit(suspended, func(p *span) { p.to = monthOf(2026, 3) }),
		"told without an end":              edit(told, func(p *span) { p.to = relief.Period{} }),
		"a death of another month":         edit(died, func(p *span) { p.from, p.to = monthOf(2026, 8), monthOf(2026, 8) }),
		"a death of two months":            edit(died, func(p *span) { p.to = monthOf(2026, 8) }),
		"a number of no county":            edit(before, func(p *span) { p.amount = 17 }),
		"a number beyond the last":         edit(before, func(p *span) { p.amount = 530129<<numberBits | (relief.MaxRollNumber + 1) }),
		"a number of a township":           edit(before, func(p *span) { p.amount = 530129001 << numberBits }),
		"a number without a range":         edit(before, func(p *span) { p.to = relief.Period{} }),
	} {
		_, err := ParseSegment(withSpan(bad))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
	two := func(a, b span) []byte {
		out := b.appendTo(withSpan(a))
		binary.BigEndian.PutUint32(out[rollHeader+3*rollSlotWidth:], 2)
		return out
	}
	next := edit(terms, func(p *span) { p.from, p.to = monthOf(2026, 4), monthOf(2026, 5) })
	_, err := ParseSegment(two(terms, next))
	require.NoError(t, err)
	for name, bad := range map[string][]byte{
		"in another order": two(next, terms),
		"twice":            two(terms, terms),
		"overlapping":      two(terms, edit(next, func(p *span) { p.from = monthOf(2026, 3) })),
		"none":             append(withSpan(terms)[:rollHeader+3*rollSlotWidth], 0, 0, 0, 0),
		"too many":         append(withSpan(terms)[:rollHeader+3*rollSlotWidth], 0xff, 0xff, 0xff, 0xff),
	} {
		_, err := ParseSegment(bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
}

// Nobody has more spans than the segment's format allows, and a full segment is read in time that grows with its length.
func TestFullSegments(t *testing.T) {
	seg := fullSegment(t, 1000)
	require.Len(t, seg.Bytes(), rollHeader+1000*rollSlotWidth+spanCountWidth+1000*maxSpans*spanWidth)
	read, err := ParseSegment(seg.Bytes())
	require.NoError(t, err)
	require.EqualValues(t, 48000+79, read.Owed(999, monthOf(2019, 8)))
	require.EqualValues(t, 48000+80, read.Owed(999, monthOf(2026, 1)))
	_, err = SetTerms(read, 999, Terms{Class: "A", Persons: 1, Amount: 1}, monthOf(2026, 1))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	after, err := SetTerms(read, 999, Terms{Class: "A", Persons: 1, Amount: 1}, monthOf(2014, 1))
	require.NoError(t, err, "what it replaces makes room")
	require.EqualValues(t, 1, after.Owed(999, monthOf(2026, 1)))
}

// fullSegment is a segment of some entries, each with as many spans as one can have.
func fullSegment(t testing.TB, entries int) Segment {
	e := Segment{}.edit(entries)
	for i := range entries {
		in := line(0, relief.SubjectRef{1, byte(i >> 8), byte(i)}, "530181", 1, 'B', 48000, payeeOf(1))
		e.add(packRoll(&in, monthOf(2013, 1), relief.Period{}))
		for n := range maxSpans {
			require.NoError(t, e.changeTerms(i, packedTerms{'B', 1, relief.Fen(48001 + n)}, monthOf(2013, 2+n)))
		}
	}
	return e.segment()
}

// What an act on a whole segment costs grows with its entries: ns/entry is the same for 100 and for 1,000.
func BenchmarkWholeSegment(b *testing.B) {
	for _, entries := range []int{100, 1000} {
		seg := fullSegment(b, entries)
		b.Run("parse-"+relief.Fen(entries*100).String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := ParseSegment(seg.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
			perEntry(b, entries)
		})
		b.Run("terms-"+relief.Fen(entries*100).String(), func(b *testing.B) {
			for b.Loop() {
				e := seg.edit(0)
				for i := range entries {
					if err := e.changeTerms(i, packedTerms{'A', 1, 5}, monthOf(2015, 1)); err != nil {
						b.Fatal(err)
					}
				}
				_ = e.segment()
			}
			perEntry(b, entries)
		})
		b.Run("owed-"+relief.Fen(entries*100).String(), func(b *testing.B) {
			for b.Loop() {
				for i := range entries {
					_ = seg.Owed(i, monthOf(2016, 5))
				}
			}
			perEntry(b, entries)
		})
	}
}

func perEntry(b *testing.B, entries int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(entries), "ns/entry")
}
