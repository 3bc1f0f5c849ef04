package roll

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// livingIn is a line that says where the household lives.
func livingIn(in Input, r relief.Residence) Input {
	in.Residence = r
	return in
}

// goldenResidences is a segment with what is said of residences: by an import, by acts, in a range before the present one.
func goldenResidences(t testing.TB) Segment {
	urban, rural := livingIn(one(), relief.Urban), livingIn(line(3, ref(2), "530181019201", 3, 'A', 186000, payeeOf(2)), relief.Rural)
	parts, enrolled, _, err := Import([]Part{{At: testPlace}}, fromJanuary, []Input{urban, rural, line(4, ref(3), "530181", 2, 'C', 66000, payeeOf(3))}, nobody)
	require.NoError(t, err)
	seg, err := SetResidence(parts[0].Segment, 1, relief.Urban, monthOf(2026, 8))
	require.NoError(t, err)
	seg, index, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: "moved", Last: monthOf(2026, 3)})
	require.NoError(t, err)
	index.Page = enrolled[0].Record.Page
	parts[0].Segment = seg
	later := ImportRule{From: monthOf(2026, 4), Month: fromJanuary.Month}
	parts, _, result, err := Import(parts, later, []Input{urban}, func(*Input) (Known, error) { return Known{Index: &index}, nil })
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "%v", result.Refused)
	return parts[0].Segment
}

// The packed value must never change under its version.
func TestGoldenResidences(t *testing.T) {
	read := readGolden(t, "testdata/roll-v6-residence.hex", goldenResidences(t))
	require.Equal(t, []ResidenceRun{
		{From: monthOf(2026, 1), Until: monthOf(2026, 3), Residence: relief.Urban}, {From: monthOf(2026, 4), Residence: relief.Urban},
	}, read.Residences(0), "runs of two ranges stay two")
	second := read.Entry(1, testPlace)
	require.Equal(t, relief.Urban, second.Residence)
	require.Equal(t, []ResidenceRun{
		{From: monthOf(2026, 1), Until: monthOf(2026, 7), Residence: relief.Rural}, {From: monthOf(2026, 8), Residence: relief.Urban},
	}, second.Residences)
	for month, want := range map[relief.Period]relief.Residence{
		monthOf(2025, 12): "", monthOf(2026, 7): relief.Rural, monthOf(2026, 8): relief.Urban, monthOf(2030, 1): relief.Urban,
		relief.QuarterOf(2026*12 + 6): relief.Urban, // of a quarter its last month
	} {
		require.Equal(t, want, read.ResidenceIn(1, month), "%s", month)
	}
	require.Empty(t, read.Entry(2, testPlace).Residences)
}

// There is one way to write where a household lives. Any other is CORRUPT.
func TestBadResidences(t *testing.T) {
	urban := span{position: 1, from: monthOf(2026, 1), persons: 1, class: classResidence}
	edit := func(sp span, edit func(*span)) span {
		edit(&sp)
		return sp
	}
	closed := edit(urban, func(p *span) { p.to = monthOf(2026, 3) })
	for name, good := range map[string]span{
		"open": urban, "closed": closed, "rural": edit(urban, func(p *span) { p.persons = 2 }),
		"before the range": edit(closed, func(p *span) { p.from, p.to = monthOf(2025, 1), monthOf(2025, 12) }),
	} {
		_, err := ParseSegment(withSpan(good))
		require.NoError(t, err, name)
	}
	for name, bad := range map[string]span{
		"of none":             edit(urban, func(p *span) { p.persons = 0 }),
		"of no residence":     edit(urban, func(p *span) { p.persons = 3 }),
		"with an amount":      edit(urban, func(p *span) { p.amount = 1 }),
		"ending too early":    edit(urban, func(p *span) { p.to = monthOf(2025, 12) }),
		"in two ranges":       edit(closed, func(p *span) { p.from = monthOf(2025, 12) }),
		"open before a range": edit(urban, func(p *span) { p.from = monthOf(2025, 12) }),
		"of a quarter":        edit(urban, func(p *span) { p.from = relief.QuarterOf(2026 * 12) }),
	} {
		_, err := ParseSegment(withSpan(bad))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
	two := func(a, b span) []byte {
		out := b.appendTo(withSpan(a))
		binary.BigEndian.PutUint32(out[rollHeader+3*rollSlotWidth:], 2)
		return out
	}
	next := edit(urban, func(p *span) { p.from, p.persons = monthOf(2026, 4), 2 })
	earlier := edit(closed, func(p *span) { p.from, p.to = monthOf(2025, 1), monthOf(2025, 12) })
	for name, good := range map[string][]byte{
		"another one": two(closed, next), "the same one later": two(closed, edit(next, func(p *span) { p.from, p.persons = monthOf(2026, 5), 1 })),
		"the same one in another range": two(earlier, urban),
	} {
		_, err := ParseSegment(good)
		require.NoError(t, err, name)
	}
	for name, bad := range map[string][]byte{
		"overlapping":            two(closed, edit(next, func(p *span) { p.from = monthOf(2026, 3) })),
		"after one with no end":  two(urban, next),
		"neighbours of one kind": two(closed, edit(next, func(p *span) { p.persons = 1 })),
		"in another order":       two(next, closed),
	} {
		_, err := ParseSegment(bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
}

// A line with a residence is longer by a byte, by two where the roll said something. Other lines keep their bytes.
func TestResidencesInChunks(t *testing.T) {
	plain, urban, changed := one(), livingIn(one(), relief.Urban), livingIn(one(), relief.Rural)
	changed.Seen, changed.Was = SeenChanged, Was{Version: 1, Persons: 2, Class: 'B', Amount: 96000, Residence: relief.Urban}
	length := len(AppendRoll(nil, []Input{plain}))
	require.Len(t, AppendRoll(nil, []Input{urban}), length+1)
	for _, in := range []Input{plain, urban, changed} {
		read, err := DecodeRoll(AppendRoll(nil, []Input{in}))
		require.NoError(t, err)
		require.Equal(t, []Input{in}, read)
	}
	bytesOf := func(in Input, edit func(b []byte) []byte) []byte { return edit(AppendRoll(nil, []Input{in})) }
	set := func(fromEnd int, to byte) func([]byte) []byte {
		return func(b []byte) []byte {
			b[len(b)-fromEnd] = to
			return b
		}
	}
	for name, bad := range map[string][]byte{
		"no residence":          bytesOf(urban, set(1, 0)),
		"an unknown residence":  bytesOf(urban, set(1, 3)),
		"an unknown one before": bytesOf(changed, set(1, 3)),
		"none for a change":     bytesOf(changed, set(2, 0)),
		"cut short":             bytesOf(urban, func(b []byte) []byte { return b[:len(b)-1] }),
		"an unknown flag":       bytesOf(plain, set(1, flagResidence<<1)),
	} {
		_, err := DecodeRoll(bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, name)
	}
}

// An import changes a residence alone, for those of whom it says one, and nothing that is owed.
func TestImportOfResidences(t *testing.T) {
	parts, _ := rollOfOne(t, livingIn(one(), relief.Rural), fromJanuary)
	rule := ImportRule{From: monthOf(2026, 7), Month: fromJanuary.Month}
	seen := func(r relief.Residence) Seen {
		in := livingIn(one(), r)
		seen, refusal := parts[0].Compare(0, &in, rule.From, nil)
		require.Empty(t, refusal)
		return seen
	}
	require.Equal(t, SeenSame, seen(""), "a file without the column leaves what is kept")
	require.Equal(t, SeenSame, seen(relief.Rural))
	require.Equal(t, SeenChanged, seen(relief.Urban))

	in := livingIn(one(), relief.Urban)
	in.Seen, in.Was = SeenChanged, parts[0].WasAt(0, &in)
	require.Equal(t, relief.Rural, in.Was.Residence)
	after, enrolled, result, err := Import(parts, rule, []Input{in}, inForceAs(1000))
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "%v", result.Refused)
	require.False(t, enrolled[0].Details)
	require.Equal(t, relief.Rural, after[0].Segment.ResidenceIn(0, monthOf(2026, 6)))
	require.Equal(t, relief.Urban, after[0].Segment.ResidenceIn(0, monthOf(2026, 7)))
	require.Equal(t, parts[0].Segment.Runs(0), after[0].Segment.Runs(0))
	_, err = ParseSegment(after[0].Segment.Bytes())
	require.NoError(t, err)

	in.Was.Residence = ""
	_, _, result, err = Import(parts, rule, []Input{in}, inForceAs(1000))
	require.NoError(t, err)
	require.Equal(t, []wire.Refusal{{Seq: 2, Code: relief.LineNotAsProposed, Note: "changed"}}, result.Refused)

	early := livingIn(one(), relief.Urban)
	early.Seen, early.Was = SeenChanged, parts[0].WasAt(0, &early)
	_, _, result, err = Import(parts, ImportRule{From: monthOf(2025, 12), Month: fromJanuary.Month}, []Input{early}, inForceAs(1000))
	require.NoError(t, err)
	require.Equal(t, []wire.Refusal{{Seq: 2, Code: relief.LineBeforeEntry, Note: "2026-01"}}, result.Refused)
}

// What is said from a month on replaces what was said of later ones, and the same residence is one run.
func TestSetResidence(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary)
	seg := parts[0].Segment
	for _, step := range []struct {
		r    relief.Residence
		from relief.Period
		want []ResidenceRun
	}{
		{relief.Urban, monthOf(2026, 6), []ResidenceRun{{From: monthOf(2026, 6), Residence: relief.Urban}}},
		{relief.Rural, monthOf(2026, 9), []ResidenceRun{
			{From: monthOf(2026, 6), Until: monthOf(2026, 8), Residence: relief.Urban}, {From: monthOf(2026, 9), Residence: relief.Rural},
		}},
		{relief.Rural, monthOf(2026, 7), []ResidenceRun{
			{From: monthOf(2026, 6), Until: monthOf(2026, 6), Residence: relief.Urban}, {From: monthOf(2026, 7), Residence: relief.Rural},
		}},
		{relief.Urban, monthOf(2026, 7), []ResidenceRun{{From: monthOf(2026, 6), Residence: relief.Urban}}},
		{relief.Rural, monthOf(2026, 1), []ResidenceRun{{From: monthOf(2026, 1), Residence: relief.Rural}}},
	} {
		var err error
		seg, err = SetResidence(seg, 0, step.r, step.from)
		require.NoError(t, err)
		require.Equal(t, step.want, seg.Residences(0))
		_, err = ParseSegment(seg.Bytes())
		require.NoError(t, err)
	}
	for name, bad := range map[string]struct {
		position int
		r        relief.Residence
		from     relief.Period
		want     relief.Code
	}{
		"before the entry": {0, relief.Urban, monthOf(2025, 12), relief.CodeInvalid},
		"a quarter":        {0, relief.Urban, relief.QuarterOf(2026 * 12), relief.CodeInvalid},
		"no month":         {0, relief.Urban, relief.Period{}, relief.CodeInvalid},
		"no residence":     {0, "", monthOf(2026, 6), relief.CodeInvalid},
		"another word":     {0, "suburban", monthOf(2026, 6), relief.CodeInvalid},
		"nobody":           {1, relief.Urban, monthOf(2026, 6), relief.CodeCorrupt},
	} {
		_, err := SetResidence(seg, bad.position, bad.r, bad.from)
		require.ErrorIs(t, err, &relief.Error{Code: bad.want}, name)
	}
}

// Another head in the same place keeps the residence. Another region has its own.
func TestResidencesOfAnotherNumber(t *testing.T) {
	parts, _ := rollOfOne(t, livingIn(one(), relief.Urban), fromJanuary)
	seg, err := SetResidence(parts[0].Segment, 0, relief.Rural, monthOf(2026, 6))
	require.NoError(t, err)
	seg, err = EndNumber(seg, 0, &Ended{From: monthOf(2026, 5), Last: monthOf(2026, 4)})
	require.NoError(t, err)
	part := Part{At: testPlace, Segment: seg, Payees: parts[0].Payees}
	for region, want := range map[relief.Region][]ResidenceRun{
		"530181003214": {
			{From: monthOf(2026, 5), Until: monthOf(2026, 5), Residence: relief.Urban}, {From: monthOf(2026, 6), Residence: relief.Rural},
		},
		"530181003215": nil,
	} {
		out, opened, err := OpenNumber(part, &Successor{
			Subject: ref(9), Region: region, Payee: payeeOf(9), From: monthOf(2026, 5), Terms: Terms{"B", 1, 48000}, Before: seg, At: testPlace, Slot: 0,
		})
		require.NoError(t, err)
		require.EqualValues(t, 1001, opened.Number)
		require.Equal(t, want, out.Segment.Residences(1), "%s", region)
		_, err = ParseSegment(out.Segment.Bytes())
		require.NoError(t, err)
	}
}
