package indicator

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

func span(t *testing.T, text string) Span {
	t.Helper()
	s, err := ParseSpan(text)
	require.NoError(t, err)
	return s
}

func value1(t *testing.T, r *Report, code Code) *Value {
	t.Helper()
	for i := range r.Indicators {
		if r.Indicators[i].Code == code {
			return &r.Indicators[i]
		}
	}
	t.Fatalf("no %s", code)
	return nil
}

var ref, _ = relief.ParseSubjectRef("1-" + strings.Repeat("a", 26))

var world = World{Calendar: &relief.DefaultCalendar}

func entry(act relief.Act, day relief.Day) relief.HistoryEntry {
	at, _ := time.Parse(time.DateOnly, string(day))
	by := relief.Official{Agency: "CivilAffairsMSP", ID: "no-1", Name: "preparer", Role: "preparer", Region: "530181"}
	return relief.HistoryEntry{Act: act, By: by, At: at.Add(4 * time.Hour), Tx: strings.Repeat("0f", 32)}
}

func factsOf(t *testing.T, kind string, record any, before []Fact) []Fact {
	t.Helper()
	value, err := stored.Format(record)
	require.NoError(t, err)
	facts, err := Facts(kind, value, before, &world)
	require.NoError(t, err)
	return facts
}

// What is shown as 98.00 may still miss 98.00: the products are compared in full.
func TestNoRoundedFigureIsCompared(t *testing.T) {
	r := Ratio{979_950, 1_000_000}
	require.Equal(t, "98.00", r.Shown(Percent))
	require.False(t, r.Meets(9800, false))
	require.True(t, Ratio{980_000, 1_000_000}.Meets(9800, false))
	require.Equal(t, "89.11", Ratio{90, 101}.Shown(Percent))
	require.Equal(t, "93.75", Ratio{90, 96}.Shown(Percent), "as whoever leaves the forgotten ones out reckons")
	require.Equal(t, "–", Ratio{}.Shown(Percent))
	require.False(t, Ratio{}.Meets(0, false))
	require.True(t, Ratio{5, 100}.Meets(500, true))
	require.False(t, Ratio{501, 10_000}.Meets(500, true))
	huge := Ratio{math.MaxInt64 - 1, math.MaxInt64}
	require.False(t, huge.Meets(10_000, false), "no product overflows")
	require.Equal(t, "100.00", huge.Shown(Percent))
	require.Equal(t, "-0.50", hundredths(big.NewRat(-50, 1)))
}

func TestGradesBeginAtTheirBounds(t *testing.T) {
	for _, c := range []struct {
		total *big.Rat
		grade Grade
	}{
		{big.NewRat(90, 1), Excellent}, {big.NewRat(89_999, 1000), Good}, {big.NewRat(80, 1), Good}, {big.NewRat(79_999, 1000), Pass},
		{big.NewRat(60, 1), Pass}, {big.NewRat(59_999, 1000), Fail},
	} {
		require.Equal(t, c.grade, GradeOf(c.total), c.total)
	}
}

func TestSpans(t *testing.T) {
	for text, final := range map[string]relief.Day{"2026-11": "2027-01-14", "2026-Q4": "2027-02-14", "2026": "2027-02-14", "2026-12": "2027-02-14"} {
		require.Equal(t, final, span(t, text).FinalOn(), text)
	}
	for _, text := range []string{"", "26", "1999", "2200", "2026-13", "2026-Q5", "2026-11-10", "+026"} {
		_, err := ParseSpan(text)
		require.Error(t, err, text)
	}
}

// planted is a closed month of 101 people: 90 in time, 4 three days late, 2 returned and paid on the 25th, 1 returned, 4 not paid, one of
// them forgotten.
func planted() oversight.Month {
	return oversight.Month{
		Programme: "dibao", County: "530181", Period: relief.MonthPeriod(2026*12 + 10), Version: 1, ProgrammeVersion: 1, PayBy: "2026-11-10",
		Facts: oversight.Facts{
			Due: 101, DueSum: 62_620_00, OnTime: 90, OnTimeSum: 55_800_00, Late5: 4, Late30: 2, Unpaid: 5, Returned: 1, PaidAgain: 2, PaidSum: 59_520_00,
			Rows: 96, Sum: 59_520_00, Households: 96, Persons: 180,
		},
		Classes:  []oversight.ClassFacts{{Class: "A", Households: 96, Persons: 180, Sum: 59_520_00}},
		Villages: []oversight.Village{{Code: "530181001001", Rows: 96, Households: 96, Persons: 180, Sum: 59_520_00, Root: strings.Repeat("01", 32)}},
		Acts:     []relief.HistoryEntry{entry(relief.ActOversightCloseMonth, "2026-11-30")},
	}
}

func TestThePlantedMonth(t *testing.T) {
	m := planted()
	facts := factsOf(t, relief.KindMonth, m, nil)
	target := fund.Percent(9800)
	tranche := fund.Tranche{
		TrancheTerms: fund.TrancheTerms{
			ID: "t1", Programme: "dibao", Region: "530181", FiscalYear: 2026,
			Targets: fund.Targets{Timeliness: &target, Others: map[string]fund.Percent{"unspent": 500}},
		},
		Balances: fund.Balances{Issued: 100_000_00, Reserved: 1_860_00, Paid: 59_520_00, InReturn: 620_00, Available: 38_000_00},
		Acts:     []relief.HistoryEntry{entry(relief.ActFundIssue, "2026-01-15"), entry(relief.ActPaymentSeal, "2026-02-14")},
	}
	lower := tranche
	easier := fund.Percent(5000)
	lower.ID, lower.Targets, lower.Balances = "t2", fund.Targets{Timeliness: &easier}, fund.Balances{}
	lower.Acts = []relief.HistoryEntry{entry(relief.ActFundIssue, "2026-01-15")}
	facts = append(facts, factsOf(t, relief.KindTranche, tranche, nil)...)
	facts = append(facts, factsOf(t, relief.KindTranche, lower, nil)...)
	q := Question{Programme: "dibao", Region: "530181", Period: span(t, "2026-11"), Block: 7}
	final := uint64(9)
	r := NewReport(q, Moment{"2026-12-01", &final}, q.Counted(facts, "2026-12-01"), nil)
	require.Equal(t, Provisional, r.Stand)
	for code, shown := range map[Code]string{
		Timeliness: "89.11", TimelinessAmount: "89.11", SocialPayment: "100.00", ReturnedAgain: "66.67", AccuracyKnown: "100.00", CoverageKnown: "100.00",
		LevelHousehold: "620.00", LevelPerson: "330.67", BudgetExecution: "59.52", BudgetExecutionFirst: "59.52", Unspent: "39.86", PassedDown: "50.00",
		Accuracy: "–", Coverage: "–", Satisfaction: "–", Decision: "–", Published: "–",
	} {
		require.Equal(t, shown, value1(t, &r, code).Shown, code)
	}
	require.Equal(t, Ratio{90, 101}, value1(t, &r, Timeliness).Ratio)
	require.Equal(t, "98.00", value1(t, &r, Timeliness).Target, "the highest of the year's tranches")
	require.False(t, *value1(t, &r, Timeliness).Met)
	require.Equal(t, []Closed{{"530181", m.Period, 1}}, r.Months)
	// execution 10 and output 50 take the weights of benefit and satisfaction: 16.67 and 83.33 points
	require.Equal(t, Weight{Execution, 10, true, "16.67", "6.01"}, r.Parts[0])
	require.Equal(t, Weight{Output, 50, true, "83.33", "75.77"}, r.Parts[1])
	require.Equal(t, Weight{Benefit, 30, false, "–", "–"}, r.Parts[2])
	require.Equal(t, "81.78", r.Score)
	require.Equal(t, Good, r.Grade)
	again := NewReport(q, Moment{"2026-12-01", &final}, q.Counted(facts, "2026-12-01"), nil)
	require.Equal(t, r.Digest(), again.Digest())
}

// The list of a month counts from the day after it was due on, or once it is published in time; a closed month does not forget it.
func TestPublishedLists(t *testing.T) {
	m := planted()
	w := world
	defer func() { world = w }()
	world.Programme = &programme.Programme{ID: "dibao", InForce: 1, Versions: []programme.VersionRecord{{
		State: programme.VersionInForce, Version: programme.Version{ID: "dibao", Version: 1, PayByDay: 10, Cycle: programme.CycleMonthly, Starts: relief.MonthPeriod(2026 * 12)},
	}}}
	facts := factsOf(t, relief.KindMonth, m, nil)
	q := Question{Programme: "dibao", Region: "53", Period: span(t, "2026-11")}
	published := func(facts []Fact, today relief.Day) Ratio {
		r := NewReport(q, Moment{Today: today}, q.Counted(facts, today), nil)
		return value1(t, &r, Published).Ratio
	}
	require.Equal(t, Ratio{}, published(facts, "2026-12-08"), "20 working days after the 10th")
	require.Equal(t, Ratio{0, 1}, published(facts, "2026-12-09"))
	list := oversight.NewPublication(&m, "2026-12-08")
	list.First = "2026-12-01"
	facts = factsOf(t, relief.KindPublication, list, facts)
	require.Equal(t, Ratio{1, 1}, published(facts, "2026-12-01"))
	require.Equal(t, Ratio{1, 1}, published(factsOf(t, relief.KindMonth, m, facts), "2026-12-09"))
	list.First = "2026-12-09"
	require.Equal(t, Ratio{0, 1}, published(factsOf(t, relief.KindPublication, list, facts), "2026-12-10"))
}

// A decision has 30 working days, 45 after an objection, 20 in a township; what waits lowers what is known of coverage.
func TestDecisions(t *testing.T) {
	applied := entry(relief.ActCaseApply, "2026-09-01") // 30 working days: 2026-10-13
	for name, c := range map[string]struct {
		acts  []relief.HistoryEntry
		state casework.CaseState
		today relief.Day
		want  Ratio
	}{
		"waits, in time":      {nil, casework.CaseApplied, "2026-10-13", Ratio{}},
		"waits too long":      {nil, casework.CaseApplied, "2026-10-14", Ratio{0, 1}},
		"decided in time":     {[]relief.HistoryEntry{entry(relief.ActCaseDecide, "2026-10-13")}, casework.CaseInForce, "2026-10-13", Ratio{1, 1}},
		"decided late":        {[]relief.HistoryEntry{entry(relief.ActCaseDecide, "2026-10-14")}, casework.CaseInForce, "2026-10-14", Ratio{0, 1}},
		"a township's, late":  {[]relief.HistoryEntry{entry(relief.ActCaseDecideTownship, "2026-10-13")}, casework.CaseInForce, "2026-10-14", Ratio{0, 1}},
		"after an objection":  {[]relief.HistoryEntry{entry(relief.ActCaseObject, "2026-09-20"), entry(relief.ActCaseDecide, "2026-11-03")}, casework.CaseInForce, "2026-11-03", Ratio{1, 1}},
		"withdrawn, not late": {[]relief.HistoryEntry{entry(relief.ActCaseWithdraw, "2026-10-01")}, casework.CaseWithdrawn, "2026-11-03", Ratio{}},
	} {
		record := casework.Case{
			ID: "c1", Programme: "dibao", Region: "530181001", State: c.state, Members: []relief.SubjectRef{ref},
			Acts: append([]relief.HistoryEntry{applied}, c.acts...),
		}
		facts := rechecksAndDecision(&record)
		q := Question{Programme: "dibao", Region: "530181", Period: span(t, "2026")}
		r := NewReport(q, Moment{Today: c.today}, q.Counted(facts, c.today), nil)
		require.Equal(t, c.want, value1(t, &r, Decision).Ratio, name)
	}
}

func rechecksAndDecision(c *casework.Case) []Fact {
	return append(rechecks(c, nil, &world), decision(c, &world)...)
}

// A re-check that was confirmed by its day counts at once, one that was missed from the day after; one that never fell due does not count.
func TestRechecks(t *testing.T) {
	c := casework.Case{ID: "c1", Programme: "dibao", Region: "530181001", RecheckOn: "2026-10-01", Acts: []relief.HistoryEntry{entry(relief.ActCaseDecide, "2025-10-01")}}
	first := rechecks(&c, nil, &world)
	require.Equal(t, []Fact{{"recheck 2026-10-01", Recheck, "dibao", "530181001", 2026*12 + 9, 2026*12 + 9, "2026-10-01", Ratio{0, 1}}}, first)
	kept := c
	kept.RecheckOn, kept.Acts = "2027-09-30", append(c.Acts, entry(relief.ActCaseConfirm, "2026-09-30"))
	second := rechecks(&kept, first, &world)
	require.Len(t, second, 2)
	require.Equal(t, Ratio{1, 1}, second[0].Ratio)
	late := kept
	late.Acts = append(c.Acts, entry(relief.ActCaseConfirm, "2026-10-02"))
	require.Equal(t, Ratio{0, 1}, rechecks(&late, first, &world)[0].Ratio)
	ended := kept
	ended.RecheckOn, ended.Acts = "", append(c.Acts, entry(relief.ActRollConfirmChange, "2026-09-30"))
	require.Empty(t, rechecks(&ended, first, &world))
}

func TestDeathsAndNeeds(t *testing.T) {
	change := roll.Change{ID: "dibao-530181-0000298-c1", Subject: ref, Programme: "dibao", County: "530181", Region: "530181001", State: roll.ChangeProposed, Acts: []relief.HistoryEntry{entry(relief.ActRollExit, "2026-11-03")}}
	change.DiedOn = "2026-07-14"
	facts := factsOf(t, relief.KindChange, change, nil)
	require.Equal(t, relief.Day("2026-10-14"), facts[0].Due)
	require.Equal(t, Ratio{0, 1}, facts[0].Ratio)
	change.State, change.Acts = roll.ChangeConfirmed, append(change.Acts, entry(relief.ActRollConfirmChange, "2026-10-14"))
	require.Equal(t, Ratio{1, 1}, factsOf(t, relief.KindChange, change, nil)[0].Ratio)
	change.State = roll.ChangeRefused
	require.Empty(t, factsOf(t, relief.KindChange, change, nil))

	need := casework.Need{ID: "n1", Source: "civil", SHA256: strings.Repeat("ab", 32), Subject: ref, Programme: "dibao", Region: "530181001", State: casework.NeedFound, Acts: []relief.HistoryEntry{entry(relief.ActNeedFind, "2026-11-02")}}
	facts = factsOf(t, relief.KindNeed, need, nil)
	require.False(t, facts[0].Counts("2026-11-16"), "the tenth working day")
	require.True(t, facts[0].Counts("2026-11-17"))
	need.State = casework.NeedDismissed
	require.Empty(t, factsOf(t, relief.KindNeed, need, facts))
}

// Every indicator has words, and what tranches may have targets of is in the table.
func TestTable(t *testing.T) {
	for i := range Table {
		d := &Table[i]
		require.NotEmpty(t, d.Zh)
		require.NotEmpty(t, d.En)
		require.Same(t, d, Of(d.Code))
		require.Equal(t, d.Known == Sampled || d.Known == Told, d.NumZh == "", d.Code)
	}
	for _, name := range fund.OtherTargets {
		require.NotNil(t, Of(Code(name)), name)
	}
}
