package roll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// raised are standards of 500.00 for class B from 2026-01 on, in place of 480.00.
func raised() *Standards {
	version := func(n int, b relief.Fen) *programme.Version {
		return &programme.Version{
			ID: "dibao", Version: n, MinAmount: 1, MaxAmount: 500000, Starts: monthOf(2026, 1),
			CaseRules: programme.CaseRules{ClassAmounts: map[string]relief.Fen{"A": 62000, "B": b}},
		}
	}
	return &Standards{Version: version(2, 50000), Before: version(1, 48000), From: monthOf(2026, 1)}
}

// The standard is raised in July from January: everybody of the class gets it for their own persons, in every run of terms. Those
// who cannot are named, with the reason.
func TestRerate(t *testing.T) {
	in := []Input{
		line(2, ref(1), "530181", 2, 'B', 96000, payeeOf(1)),  // the standard of 2
		line(3, ref(2), "530181", 1, 'B', 31234, payeeOf(2)),  // an amount of its own
		line(4, ref(3), "530181", 1, 'C', 33000, payeeOf(3)),  // a class without a standard
		line(5, ref(4), "530181", 1, 'A', 62000, payeeOf(4)),  // has it already
		line(6, ref(5), "530181", 3, 'B', 144000, payeeOf(5)), // was of 2 until March
		line(7, ref(6), "530181", 1, 'B', 48000, payeeOf(6)),  // left in April
	}
	parts, _, _, err := Import([]Part{{At: testPlace}}, ImportRule{From: monthOf(2025, 10)}, in, nobody)
	require.NoError(t, err)
	seg, err := SetTerms(parts[0].Segment, 4, Terms{"B", 2, 96000}, monthOf(2025, 10))
	require.NoError(t, err)
	seg, err = SetTerms(seg, 4, Terms{"B", 3, 144000}, monthOf(2026, 4))
	require.NoError(t, err)
	seg, err = Suspend(seg, 4, monthOf(2026, 6))
	require.NoError(t, err)
	seg, _, _, err = Exit(seg, testPlace, 1005, Leaving{Reason: "income", Last: monthOf(2026, 4)})
	require.NoError(t, err)

	after, changed, behind := Rerate(seg, raised())
	require.Equal(t, []Rerated{
		{Position: 0, Class: "B", Persons: 2, Was: 96000, Now: 100000},
		{Position: 4, Class: "B", Persons: 3, Was: 144000, Now: 150000},
		{Position: 5, Class: "B", Persons: 1, Was: 48000, Now: 50000},
	}, changed)
	require.Equal(t, []Rerated{
		{Position: 1, Class: "B", Persons: 1, Was: 31234, Now: 31234, Behind: BehindOwnAmount},
		{Position: 2, Class: "C", Persons: 1, Was: 33000, Now: 33000, Behind: BehindNoStandard},
	}, behind)
	after, err = ParseSegment(after.Bytes())
	require.NoError(t, err)
	require.EqualValues(t, 96000, after.Owed(0, monthOf(2025, 12)))
	require.EqualValues(t, 100000, after.Owed(0, monthOf(2026, 1)))
	require.Equal(t, [12]int{1000, 1000, 1000, 1500, 1500, 0, 0, 0, 0, 0, 0, 0}, owedIn(t, after, 4))
	require.EqualValues(t, 96000, after.Owed(4, monthOf(2025, 12)))
	require.Equal(t, [12]int{500, 500, 500, 500, 0, 0, 0, 0, 0, 0, 0, 0}, owedIn(t, after, 5), "those who have left are owed the rest")
	for _, i := range []int{1, 2, 3} {
		require.True(t, after.SameEntry(seg, i))
	}
	same, again, _ := Rerate(after, raised())
	require.Empty(t, again)
	require.Equal(t, after.Bytes(), same.Bytes())

	packed := AppendRerated(AppendRerated(nil, changed), behind)
	list, err := ReadRerated(packed)
	require.NoError(t, err)
	require.Equal(t, append(changed, behind...), list)
	_, err = ReadRerated(packed[1:])
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
}

// Of those who have left the list says what the last month of theirs was raised by, not terms of later months that never came.
func TestRerateNamesTermsThatHeld(t *testing.T) {
	parts, _, _, err := Import([]Part{{At: testPlace}}, fromJanuary, []Input{line(2, ref(1), "530181", 1, 'B', 48000, payeeOf(1))}, nobody)
	require.NoError(t, err)
	seg, err := SetTerms(parts[0].Segment, 0, Terms{"A", 1, 62000}, monthOf(2026, 6))
	require.NoError(t, err)
	seg, _, _, err = Exit(seg, testPlace, testPlace.First(), Leaving{Reason: "income", Last: monthOf(2026, 4)})
	require.NoError(t, err)
	_, changed, _ := Rerate(seg, raised())
	require.Equal(t, []Rerated{{Position: 0, Class: "B", Persons: 1, Was: 48000, Now: 50000}}, changed)
}

// Nobody gets less by a re-rate, and nothing beyond the programme's bounds.
func TestRerateNeverLowers(t *testing.T) {
	in := []Input{line(2, ref(1), "530181", 1, 'B', 60000, payeeOf(1)), line(3, ref(2), "530181", 99, 'B', 99*48000, payeeOf(2))}
	parts, _, _, err := Import([]Part{{At: testPlace}}, fromJanuary, in, nobody)
	require.NoError(t, err)
	s := raised()
	s.Before = nil
	after, changed, behind := Rerate(parts[0].Segment, s)
	require.Empty(t, changed)
	require.Equal(t, parts[0].Segment.Bytes(), after.Bytes())
	require.Equal(t, []Behind{BehindAbove, BehindBounds}, []Behind{behind[0].Behind, behind[1].Behind})
}

// A re-rate is proposed by one official, confirmed by another, and carried out as it was confirmed, each segment once.
func TestRerateByTwo(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary)
	seg, s := parts[0].Segment, raised()
	_, changed, behind := Rerate(seg, s)
	p := &programme.Programme{ID: "dibao", State: programme.VersionInForce, InForce: 2, Versions: []programme.VersionRecord{
		{Version: *s.Before, State: programme.VersionSuperseded}, {Version: *s.Version, State: programme.VersionInForce},
	}}
	terms := RerateTerms{
		ID: "raise", Programme: "dibao", County: "530181", Version: 2, From: monthOf(2026, 1), Document: "2026-12",
		Segments: []RerateCount{CountRerated(testPlace, s, changed, behind)},
	}
	propose := func(edit func(*RerateTerms), by relief.Actor) (RerateProposal, error) {
		t := terms
		t.Segments = append([]RerateCount{}, terms.Segments...)
		edit(&t)
		out, _, err := ProposeRerate(&t, p, nil, &relief.DefaultCalendar, by)
		return out, err
	}
	for name, c := range map[string]struct {
		edit func(*RerateTerms)
		code relief.Code
	}{
		"another version":  {func(t *RerateTerms) { t.Version = 1 }, relief.CodeInvalid},
		"before it starts": {func(t *RerateTerms) { t.From = monthOf(2025, 12) }, relief.CodeInvalid},
		"a quarter":        {func(t *RerateTerms) { t.From = relief.QuarterOf(2026 * 12) }, relief.CodeInvalid},
		"without a paper":  {func(t *RerateTerms) { t.Document = "" }, relief.CodeInvalid},
		"nobody":           {func(t *RerateTerms) { t.Segments = nil }, relief.CodeInvalid},
		"nobody changes":   {func(t *RerateTerms) { t.Segments[0].Changed, t.Segments[0].Behind = 0, 1 }, relief.CodeInvalid},
		"a township":       {func(t *RerateTerms) { t.County = "530181001" }, relief.CodeInvalid},
		"another county":   {func(t *RerateTerms) { t.County = "530129" }, relief.CodeRegion},
		"no digest":        {func(t *RerateTerms) { t.Segments[0].SHA256 = "" }, relief.CodeInvalid},
	} {
		_, err := propose(c.edit, changeProposer)
		require.ErrorIs(t, err, &relief.Error{Code: c.code}, name)
	}
	proposal, err := propose(func(*RerateTerms) {}, changeProposer)
	require.NoError(t, err)
	require.EqualValues(t, 4000, proposal.More)
	again, repeated, err := ProposeRerate(&terms, p, &proposal, &relief.DefaultCalendar, changeProposer)
	require.NoError(t, err)
	require.False(t, repeated)
	require.Equal(t, proposal, again)

	agree := RerateDecision{Digest: proposal.Digest, Agree: true}
	_, _, err = ConfirmRerate(proposal, agree, changeProposer)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson})
	_, _, err = ConfirmRerate(proposal, RerateDecision{Digest: zeroHash, Agree: true}, changeApprover)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict})
	record := RerateSegmentRecord{RerateCount: terms.Segments[0]}
	_, _, _, err = CarryRerate(&proposal, record, seg, testPlace, s, changeApprover)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	confirmed, _, err := ConfirmRerate(proposal, agree, changeApprover)
	require.NoError(t, err)
	_, repeated, err = ConfirmRerate(confirmed, agree, changeApprover)
	require.NoError(t, err)
	require.False(t, repeated)

	other, err := SetTerms(seg, 0, Terms{"B", 1, 48000}, monthOf(2026, 6))
	require.NoError(t, err)
	_, _, _, err = CarryRerate(&confirmed, record, other, testPlace, s, changeApprover)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict})
	after, record, done, err := CarryRerate(&confirmed, record, seg, testPlace, s, changeApprover)
	require.NoError(t, err)
	require.True(t, done)
	require.EqualValues(t, 100000, after.Owed(0, monthOf(2026, 3)))
	_, _, done, err = CarryRerate(&confirmed, record, after, testPlace, s, changeApprover)
	require.NoError(t, err)
	require.False(t, done, "a segment counts once")
	withdrawn, _, err := WithdrawRerate(confirmed, actorOf("lin", "530181", 2*time.Hour))
	require.NoError(t, err)
	_, _, _, err = CarryRerate(&withdrawn, record, seg, testPlace, s, changeApprover)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
}

// A whole roll of 26,600 is re-rated in 27 segments.
func BenchmarkRerate(b *testing.B) {
	e := Segment{}.edit(1000)
	for i := range 1000 {
		in := line(0, relief.SubjectRef{1, byte(i >> 8), byte(i)}, "530181", 2, 'B', 96000, payeeOf(1))
		e.add(packRoll(&in, monthOf(2025, 1), relief.Period{}))
	}
	seg, s := e.segment(), raised()
	for b.Loop() {
		if _, changed, _ := Rerate(seg, s); len(changed) != 1000 {
			b.Fatal(len(changed))
		}
	}
	perEntry(b, 1000)
}
