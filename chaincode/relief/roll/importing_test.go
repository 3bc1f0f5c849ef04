package roll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// inForceAs says that a line's person is in force on the roll of the tests under a number.
func inForceAs(number uint32) func(*Input) (Known, error) {
	return func(*Input) (Known, error) { return Known{Index: &IndexEntry{County: "530181", Number: number}}, nil }
}

// rollOfOne is a roll with one person, who is in force from 2026-01.
func rollOfOne(t testing.TB, in Input, rule ImportRule) ([]Part, IndexEntry) {
	t.Helper()
	parts, enrolled, result, err := Import([]Part{{At: testPlace}}, rule, []Input{in}, nobody)
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "%v", result.Refused)
	return parts, enrolled[0].Record
}

func one() Input { return line(2, ref(1), "530181003214", 2, 'B', 96000, payeeOf(1)) }

var fromJanuary = ImportRule{From: monthOf(2026, 1), Month: monthOf(2026, 10).FirstMonth()}

// A second import changes what its proposer saw, and nothing else.
func TestImportChanges(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary)
	was := parts[0].WasAt(0, &Input{})
	rule := ImportRule{From: monthOf(2026, 7), Month: monthOf(2026, 10).FirstMonth()}
	changed := func(change func(*Input)) Input {
		in := one()
		in.Seen, in.Was = SeenChanged, was
		change(&in)
		return in
	}
	terms := func(in *Input) { in.Persons, in.Class, in.Amount = 1, 'C', 33000 }
	for name, c := range map[string]struct {
		in   Input
		k    Known
		want wire.Refusal
	}{
		"terms":             {in: changed(terms)},
		"card":              {in: changed(func(in *Input) { in.Account = payeeOf(9).Account })},
		"members":           {in: changed(func(in *Input) { in.Members = []relief.SubjectRef{ref(7)} })},
		"the same":          {in: changed(func(*Input) {}), want: wire.Refusal{Code: relief.LineNotAsProposed, Note: "same"}},
		"seen as new":       {in: changed(func(in *Input) { terms(in); in.Seen = SeenNew }), want: wire.Refusal{Code: relief.LineNotAsProposed, Note: "changed"}},
		"seen as the same":  {in: changed(func(in *Input) { terms(in); in.Seen = SeenSame }), want: wire.Refusal{Code: relief.LineNotAsProposed, Note: "changed"}},
		"other terms seen":  {in: changed(func(in *Input) { terms(in); in.Was.Amount++ }), want: wire.Refusal{Code: relief.LineNotAsProposed, Note: "changed"}},
		"another card seen": {in: changed(func(in *Input) { terms(in); in.Was.Version++ }), want: wire.Refusal{Code: relief.LineNotAsProposed, Note: "changed"}},
		"another region": {
			in: changed(func(in *Input) { in.Region = "530181003" }), want: wire.Refusal{Code: relief.LineRegionDiffers, Note: "530181003214"},
		},
		"told afterwards": {in: changed(func(in *Input) { in.Told = Told{monthOf(2026, 2), 100} }), want: wire.Refusal{Code: relief.LineToldDiffers}},
		"by a decision": {
			in: changed(terms), k: Known{Index: &IndexEntry{County: "530181", Number: 1000, Case: "c1"}},
			want: wire.Refusal{Code: relief.LineAlreadyOnRoll, Note: "c1"},
		},
		"on its way": {
			in: changed(func(in *Input) { in.Name = payeeOf(9).Name }), k: Known{Index: &IndexEntry{County: "530181", Number: 1000, Paying: true}},
			want: wire.Refusal{Code: relief.LineUnanswered},
		},
		"excluded": {
			in: changed(terms), k: Known{Index: &IndexEntry{County: "530181", Number: 1000}, Excluded: wire.Refusal{Code: "duplicate", Note: "tekun 530129"}},
			want: wire.Refusal{Code: "duplicate", Note: "tekun 530129"},
		},
		"in another county": {
			in: changed(terms), k: Known{Index: &IndexEntry{County: "530129", Number: 1000}}, want: wire.Refusal{Code: relief.LineAlreadyOnRoll, Note: "530129"},
		},
		"twenty-one members": {in: changed(func(in *Input) { in.Members = make([]relief.SubjectRef, 21) }), want: wire.Refusal{Code: relief.LineMembers}},
		"the head as member": {in: changed(func(in *Input) { in.Members = []relief.SubjectRef{ref(1)} }), want: wire.Refusal{Code: relief.LineMembers}},
	} {
		t.Run(name, func(t *testing.T) {
			known := c.k
			if known.Index == nil {
				known.Index = &IndexEntry{County: "530181", Number: 1000}
			}
			after, enrolled, result, err := Import(parts, rule, []Input{c.in}, func(*Input) (Known, error) { return known, nil })
			require.NoError(t, err)
			if c.want.Code != "" {
				c.want.Seq = 2
				require.Equal(t, []wire.Refusal{c.want}, result.Refused)
				require.Equal(t, parts[0].Segment.Bytes(), after[0].Segment.Bytes())
				return
			}
			require.Equal(t, 1, result.Accepted, "%v", result.Refused)
			require.Equal(t, c.in.Payee, after[0].Payees.Payee(0))
			require.Equal(t, c.in.Payee != payeeOf(1), enrolled[0].Details)
			require.Equal(t, c.in.Amount, after[0].Segment.Owed(0, monthOf(2026, 7)))
			require.EqualValues(t, 96000, after[0].Segment.Owed(0, monthOf(2026, 6)), "earlier months keep their terms")
		})
	}
}

// Changed terms hold from the import's first month, which may lie in the past, but never before the entry.
func TestImportChangesNothingBeforeTheEntry(t *testing.T) {
	parts, _ := rollOfOne(t, one(), ImportRule{From: monthOf(2026, 3)})
	in := one()
	in.Seen, in.Was, in.Amount = SeenChanged, parts[0].WasAt(0, &in), 100000
	_, _, result, err := Import(parts, fromJanuary, []Input{in}, inForceAs(1000))
	require.NoError(t, err)
	require.Equal(t, []wire.Refusal{{Seq: 2, Code: relief.LineBeforeEntry, Note: "2026-03"}}, result.Refused)
}

// What was paid before this record began comes with the import, and is never due again.
func TestImportTellsWhatWasPaid(t *testing.T) {
	in := one()
	in.Told = Told{monthOf(2026, 6), 576000}
	parts, _ := rollOfOne(t, in, fromJanuary)
	seg, err := ParseSegment(parts[0].Segment.Bytes())
	require.NoError(t, err)
	e := seg.Entry(0, testPlace)
	require.Equal(t, in.Told, e.Told)
	require.True(t, seg.PaidAsTold(0, monthOf(2026, 6)))
	require.False(t, seg.PaidAsTold(0, monthOf(2026, 7)))
	require.EqualValues(t, 96000, seg.Owed(0, monthOf(2026, 6)), "what is told changes no terms")

	unpacked, err := UnpackEntry(seg.Packed(0), "dibao", "530181", 1000)
	require.NoError(t, err)
	require.Equal(t, e, unpacked)

	changed, err := SetTerms(seg, 0, Terms{Class: "C", Persons: 1, Amount: 33000}, monthOf(2026, 8))
	require.NoError(t, err)
	require.EqualValues(t, 96000, changed.Owed(0, monthOf(2026, 7)))
	require.EqualValues(t, 33000, changed.Owed(0, monthOf(2026, 8)))
	require.Equal(t, in.Told, changed.Told(0))
	suspended, err := Suspend(seg, 0, monthOf(2026, 9))
	require.NoError(t, err)
	suspended, err = Resume(suspended, 0, monthOf(2026, 11))
	require.NoError(t, err)
	require.Equal(t, in.Told, suspended.Told(0))

	_, index, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: "income", Last: monthOf(2026, 3)})
	require.NoError(t, err)
	require.Equal(t, monthOf(2026, 6), index.PaidTill, "nobody comes back for a month that was paid")

	in.Told.PaidThrough = monthOf(2026, 11)
	_, _, result, err := Import([]Part{{At: testPlace}}, fromJanuary, []Input{in}, nobody)
	require.NoError(t, err)
	require.Equal(t, relief.LinePeriod, result.Refused[0].Code, "a month that is not over yet")
}

// Relief that is paid once ends with its period, also where it comes by an import.
func TestImportOnce(t *testing.T) {
	rule := fromJanuary
	rule.Once = true
	parts, index := rollOfOne(t, one(), rule)
	require.True(t, parts[0].Segment.Ended(0, monthOf(2026, 2)))
	require.Equal(t, monthOf(2026, 1), index.Until)

	in := one()
	in.Seen = SeenSame
	known := func(*Input) (Known, error) { return Known{Index: &index}, nil }
	_, _, result, err := Import(parts, rule, []Input{in}, known)
	require.NoError(t, err)
	require.Equal(t, 1, result.Unchanged)
	in.Seen, in.Amount = SeenChanged, 1
	_, _, result, err = Import(parts, rule, []Input{in}, known)
	require.NoError(t, err)
	require.Equal(t, relief.LineOverlap, result.Refused[0].Code)
	later := rule
	later.From, in.Seen = monthOf(2026, 2), SeenNew
	_, _, result, err = Import(parts, later, []Input{in}, known)
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "in need again")

	paid := one()
	paid.Told = Told{monthOf(2026, 3), 96000}
	parts, index = rollOfOne(t, paid, rule)
	e := parts[0].Segment.Entry(0, testPlace)
	require.Equal(t, []relief.Period{monthOf(2026, 3), monthOf(2026, 3), monthOf(2026, 3)}, []relief.Period{e.From, e.Until, index.Until})
	require.True(t, parts[0].Segment.PaidAsTold(0, monthOf(2026, 3)))
}
