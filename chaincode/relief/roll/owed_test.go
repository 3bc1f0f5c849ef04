package roll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// owedIn are what is owed to an entry for the months of 2026, in yuan.
func owedIn(t *testing.T, seg Segment, position int) (yuan [12]int) {
	t.Helper()
	for i := range yuan {
		month := monthOf(2026, i+1)
		owed := seg.Owed(position, month)
		require.Equal(t, Due{owed, seg.PersonsIn(position, month), seg.NothingOwed(position, month)}, seg.DueFor(position, month))
		yuan[i] = int(owed) / 100
	}
	return yuan
}

// A quarter pays its months: one who enters in the second month of a quarter at 150.00 is owed 300.00.
func TestAQuarterIsTheSumOfItsMonths(t *testing.T) {
	in := line(2, ref(1), "530181003214", 1, 'A', 15000, payeeOf(1))
	parts, _ := rollOfOne(t, in, ImportRule{From: monthOf(2026, 5), Quarterly: true})
	seg := parts[0].Segment
	second, third := period(t, "2026-Q2"), period(t, "2026-Q3")
	require.EqualValues(t, 30000, seg.Owed(0, second))
	require.EqualValues(t, 45000, seg.Owed(0, third))
	require.Equal(t, relief.LineBeforeEntry, seg.NothingOwed(0, period(t, "2026-Q1")))

	seg, err := Suspend(seg, 0, monthOf(2026, 8))
	require.NoError(t, err)
	require.EqualValues(t, 15000, seg.Owed(0, third))
	require.Equal(t, relief.LineSuspended, seg.NothingOwed(0, period(t, "2026-Q4")))
	seg, err = Resume(seg, 0, monthOf(2026, 9))
	require.NoError(t, err)
	require.EqualValues(t, 30000, seg.Owed(0, third))
	seg, index, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: "moved", Last: monthOf(2026, 7)})
	require.NoError(t, err)
	require.EqualValues(t, 15000, seg.Owed(0, third))
	require.Equal(t, relief.LineExited, seg.NothingOwed(0, period(t, "2026-Q4")))
	require.Equal(t, monthOf(2026, 7), index.Until)

	for _, bad := range []relief.Period{{}, second} {
		_, err := SetTerms(seg, 0, Terms{"A", 1, 1}, bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
		_, err = Suspend(parts[0].Segment, 0, bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
		_, _, _, err = Exit(parts[0].Segment, testPlace, 1000, Leaving{Reason: "moved", Last: bad})
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	}
	told := in
	told.Told = Told{monthOf(2026, 5), 15000}
	_, _, result, err := Import([]Part{{At: testPlace}}, ImportRule{From: monthOf(2026, 4), Month: fromJanuary.Month, Quarterly: true}, []Input{told}, nobody)
	require.NoError(t, err)
	require.Equal(t, relief.LinePeriod, result.Refused[0].Code, "a part of a quarter was not paid")
}

// New terms may begin in the past. What was in force before stays, what comes later is replaced, suspensions stay.
func TestTermsOfThePast(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary) // 2 persons of class B, 960.00
	set := func(seg Segment, amount relief.Fen, from relief.Period) Segment {
		t.Helper()
		out, err := SetTerms(seg, 0, Terms{"B", 2, amount}, from)
		require.NoError(t, err)
		_, err = ParseSegment(out.Bytes())
		require.NoError(t, err)
		return out
	}
	seg := set(parts[0].Segment, 100000, monthOf(2026, 7))
	require.Equal(t, [12]int{960, 960, 960, 960, 960, 960, 1000, 1000, 1000, 1000, 1000, 1000}, owedIn(t, seg, 0))
	seg = set(seg, 110000, monthOf(2026, 10))
	suspended, err := Suspend(seg, 0, monthOf(2026, 11))
	require.NoError(t, err)
	require.Equal(t, [12]int{960, 960, 960, 960, 960, 960, 1000, 1000, 1000, 1100, 0, 0}, owedIn(t, suspended, 0))
	past := set(suspended, 98000, monthOf(2026, 3))
	require.Equal(t, [12]int{960, 960, 980, 980, 980, 980, 980, 980, 980, 980, 0, 0}, owedIn(t, past, 0))
	again := set(past, 96000, monthOf(2026, 3))
	require.Equal(t, [12]int{960, 960, 960, 960, 960, 960, 960, 960, 960, 960, 0, 0}, owedIn(t, again, 0))
	resumed, err := Resume(again, 0, monthOf(2026, 11))
	require.NoError(t, err)
	require.Equal(t, parts[0].Segment.Bytes(), resumed.Bytes(), "the same terms are one run")

	_, err = SetTerms(seg, 0, Terms{"B", 2, 1}, monthOf(2025, 12))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	gone, _, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: "income", Last: monthOf(2026, 8)})
	require.NoError(t, err)
	require.Equal(t, [12]int{960, 960, 960, 960, 960, 960, 1000, 1000, 0, 0, 0, 0}, owedIn(t, gone, 0))
	corrected := set(gone, 70000, monthOf(2026, 2))
	require.Equal(t, [12]int{960, 700, 700, 700, 700, 700, 700, 700, 0, 0, 0, 0}, owedIn(t, corrected, 0), "one who has left may have been granted the wrong sum")
	_, err = SetTerms(gone, 0, Terms{"B", 2, 1}, monthOf(2026, 9))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	back, err := Reinstate(gone, 0)
	require.NoError(t, err)
	require.Equal(t, owedIn(t, seg, 0), owedIn(t, back, 0))
}

// Somebody who comes back keeps what was owed before.
func TestRangesAreKept(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary)
	seg, err := SetTerms(parts[0].Segment, 0, Terms{"A", 2, 120000}, monthOf(2026, 4))
	require.NoError(t, err)
	seg, err = Suspend(seg, 0, monthOf(2026, 3))
	require.NoError(t, err)
	seg, err = Resume(seg, 0, monthOf(2026, 4))
	require.NoError(t, err)
	seg, index, _, err := Exit(seg, testPlace, 1000, Leaving{Reason: ExitDeath, DiedOn: "2026-05-20", Last: monthOf(2026, 5)})
	require.NoError(t, err)
	require.Equal(t, relief.Day("2026-05-20"), seg.DiedOn(0))
	in := line(2, ref(1), "530181003214", 1, 'C', 30000, payeeOf(1))
	in.Told = Told{monthOf(2026, 8), 30000}
	parts[0].Segment = seg
	known := func(*Input) (Known, error) { return Known{Index: &index}, nil }
	again, _, result, err := Import(parts, ImportRule{From: monthOf(2026, 8), Month: fromJanuary.Month}, []Input{in}, known)
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted, "%v", result.Refused)
	seg, err = ParseSegment(again[0].Segment.Bytes())
	require.NoError(t, err)
	require.Equal(t, [12]int{960, 960, 0, 1200, 1200, 0, 0, 300, 300, 300, 300, 300}, owedIn(t, seg, 0))
	require.Empty(t, seg.DiedOn(0), "one who comes back did not die")
	require.Equal(t, monthOf(2026, 1), seg.Begins(0))
	require.Equal(t, relief.LineBeforeEntry, seg.NothingOwed(0, monthOf(2026, 6)))
	require.Equal(t, relief.LineSuspended, seg.NothingOwed(0, monthOf(2026, 3)))
	require.Empty(t, seg.NothingOwed(0, monthOf(2026, 2)))
	require.Equal(t, relief.LinePaidAsTold, seg.NothingOwed(0, monthOf(2026, 8)))
	require.EqualValues(t, 2, seg.PersonsIn(0, monthOf(2026, 5)))
	terms, suspended := seg.TermsIn(0, monthOf(2026, 3))
	require.Equal(t, Terms{"B", 2, 96000}, terms)
	require.True(t, suspended)
	require.Equal(t, []Run{
		{From: monthOf(2026, 1), Until: monthOf(2026, 3), Class: "B", Persons: 2, Amount: 96000},
		{From: monthOf(2026, 4), Until: monthOf(2026, 5), Class: "A", Persons: 2, Amount: 120000},
		{From: monthOf(2026, 8), Class: "C", Persons: 1, Amount: 30000},
		{From: monthOf(2026, 3), Until: monthOf(2026, 3), Suspended: true},
	}, seg.Runs(0))
	in.Told.PaidThrough = monthOf(2026, 5)
	_, _, result, err = Import(parts, ImportRule{From: monthOf(2026, 8), Month: fromJanuary.Month}, []Input{in}, known)
	require.NoError(t, err)
	require.Equal(t, relief.LineToldDiffers, result.Refused[0].Code, "the range before is on this record")
}

func TestPredecessors(t *testing.T) {
	parts, _ := rollOfOne(t, one(), fromJanuary)
	before := Predecessor{"530129", relief.MaxRollNumber, monthOf(2025, 3), monthOf(2025, 12)}
	seg, err := parts[0].Segment.WithPredecessor(0, before)
	require.NoError(t, err)
	got, ok := seg.Predecessor(0)
	require.True(t, ok)
	require.Equal(t, before, got)
	_, ok = seg.PredecessorIn(0, period(t, "2025-Q1"))
	require.True(t, ok)
	for _, p := range []relief.Period{monthOf(2025, 2), monthOf(2026, 1)} {
		_, ok := seg.PredecessorIn(0, p)
		require.False(t, ok)
	}
	_, ok = parts[0].Segment.Predecessor(0)
	require.False(t, ok)
	for name, bad := range map[string]Predecessor{
		"no county":   {"5301", 1, monthOf(2025, 1), monthOf(2025, 2)},
		"no number":   {"530129", relief.MaxRollNumber + 1, monthOf(2025, 1), monthOf(2025, 2)},
		"no range":    {"530129", 1, monthOf(2025, 1), relief.Period{}},
		"a quarter":   {"530129", 1, relief.QuarterOf(2025 * 12), monthOf(2025, 12)},
		"ends before": {"530129", 1, monthOf(2025, 2), monthOf(2025, 1)},
	} {
		_, err := seg.WithPredecessor(0, bad)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, name)
	}
}
