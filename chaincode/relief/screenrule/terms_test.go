package screenrule

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	require.Len(t, Catalogue, 42)
	require.True(t, slices.IsSortedFunc(Catalogue, func(a, b Rule) int { return int(a.ID[1]-b.ID[1])*10 + int(a.ID[2]) - int(b.ID[2]) }))
	for i := range Catalogue {
		r := &Catalogue[i]
		require.NotEmpty(t, r.Zh, r.ID)
		require.NotEmpty(t, r.En, r.ID)
		require.NotEmpty(t, r.Source, r.ID)
		require.NotEmpty(t, r.Step, r.ID)
		require.NotEqual(t, r.Asks == "", r.Missing == "", "%s is carried out, or says what is missing", r.ID)
		require.Positive(t, answerDays[r.Severity], r.ID)
		for _, l := range r.Limits {
			require.True(t, l.Least <= l.Default && l.Default <= l.Most, "%s %s", r.ID, l.Name)
		}
	}
	require.Nil(t, Find("S99"))
}

func termsOf(t *testing.T, thresholds map[string]int64, id ID) Terms {
	t.Helper()
	all := AllTerms(thresholds)
	i := slices.IndexFunc(all, func(t Terms) bool { return t.Rule == id })
	require.GreaterOrEqual(t, i, 0, id)
	return all[i]
}

func TestTheAgenciesSetTerms(t *testing.T) {
	require.Equal(t, Terms{
		Rule: "S08", Version: 1, On: true, Severity: B, AnswerWorkdays: 10, MaxShareBP: 200, Limits: map[string]int64{"days": 30},
	}, termsOf(t, nil, "S08"))
	set := map[string]int64{
		"screen.s08.1.days": 60, "screen.s08.1.severity": 1, "screen.s08.1.max_share_bp": 0, "screen.s08.1.on": 0, "over": 7,
		"screen.s07.1.on": 1, "screen.s07.1.assessed_on": 20261101, "screen.s01.1.answer_workdays": 2,
	}
	require.NoError(t, Check(set))
	require.Equal(t, Terms{
		Rule: "S08", Version: 1, Severity: A, AnswerWorkdays: 3, Limits: map[string]int64{"days": 60},
	}, termsOf(t, set, "S08"))
	require.Equal(t, 2, termsOf(t, set, "S01").AnswerWorkdays)
	require.False(t, termsOf(t, nil, "S07").On, "accounts are not compared before an assessment")
	require.True(t, termsOf(t, set, "S07").On)
	require.Equal(t, relief.Day("2026-11-01"), termsOf(t, set, "S07").AssessedOn)
}

func TestTermsThatNobodyCanSet(t *testing.T) {
	for name, value := range map[string]int64{
		"screen.":                      1,
		"screen.s08.days":              1,
		"screen.s08.1.days.more":       1,
		"screen.s99.1.days":            1,
		"screen.s08.2.days":            1,
		"screen.s08.0.days":            1,
		"screen.s08.01.days":           1,
		"screen.s08.-1.days":           1,
		"screen.s08.1.weeks":           1,
		"screen.s08.1.days":            0,
		"screen.s08.1.severity":        4,
		"screen.s08.1.on":              2,
		"screen.s08.1.answer_workdays": 21,
		"screen.s08.1.max_share_bp":    10_001,
		"screen.s08.1.assessed_on":     20261301,
		"screen.s33.1.min":             7, // in seven normal values chance alone finds an outlier too often
		"screen.s07.1.on":              1, // without an assessment
	} {
		require.ErrorIs(t, Check(map[string]int64{name: value}), &relief.Error{Code: relief.CodeInvalid}, name)
	}
	require.NoError(t, Check(nil))
	require.NoError(t, Check(map[string]int64{"x": -1}), "other thresholds are nobody's here")
}

func FuzzThresholds(f *testing.F) {
	f.Add("screen.s08.1.days", int64(30))
	f.Add("screen.s33.1.z", int64(-1))
	f.Add("screen.s07.1.assessed_on", int64(20260230))
	f.Fuzz(func(t *testing.T, name string, value int64) {
		set := map[string]int64{name: value}
		if Check(set) != nil {
			return
		}
		for _, terms := range AllTerms(set) {
			require.Positive(t, terms.AnswerWorkdays)
			require.LessOrEqual(t, terms.AnswerWorkdays, MaxAnswerDays)
			require.Len(t, slices.Collect(maps.Keys(terms.Limits)), len(Find(terms.Rule).Limits))
		}
	})
}
