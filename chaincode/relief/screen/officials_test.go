package screen

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

// decided is a case that an official decided.
func decided(n int, by, at string, outcome casework.DecisionOutcome) *casework.Case {
	c := inForce(n)
	c.Decision.Outcome = outcome
	c.Acts[1] = done(relief.ActCaseDecide, at, by)
	if outcome == casework.Refused {
		c.State, c.Roll, c.Decision.From = casework.CaseRefused, nil, relief.Period{}
	}
	return c
}

func TestNeverRefuses(t *testing.T) {
	build := func(n int) *told {
		l := newTold(t)
		for i := range n {
			l.add(relief.KindCase, decided(i, "a1", "2026-06-01 10:00", casework.Granted))
		}
		for i := range 9 * n / 100 { // the other official's refusals: 3 % of the county's decisions
			l.add(relief.KindCase, decided(1000+i, "a2", "2026-06-01 10:00", casework.Refused))
		}
		for i := range 2*n - 9*n/100 {
			l.add(relief.KindCase, decided(2000+i, "a2", "2026-06-01 10:00", casework.Granted))
		}
		return l
	}
	alerts := build(300).found("S10", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"official/CivilAffairsMSP/a1", "region/530181"}, alerts[0].About)
	require.EqualValues(t, 27, alerts[0].value(t, "county_refused"))
	require.Empty(t, build(200).found("S10", "2026-11-10"))
	alone := newTold(t) // nobody refuses anybody: one percent is taken
	for i := range 688 {
		alone.add(relief.KindCase, decided(i, "a1", "2026-06-01 10:00", casework.Granted))
	}
	require.Len(t, alone.found("S10", "2026-11-10"), 1)
	require.Empty(t, alone.found("S10", "2027-06-10"), "a year ago")
}

func TestDecidesAtNight(t *testing.T) {
	build := func(night int) *told {
		l := newTold(t)
		for i := range 24 {
			when := "2026-06-01 10:00"
			switch {
			case i >= night:
			case i%3 == 0:
				when = "2026-06-01 22:00"
			case i%3 == 1:
				when = "2026-06-02 05:59"
			default:
				when = "2026-06-06 10:00" // a Saturday
			}
			l.add(relief.KindCase, decided(i, "a1", when, casework.Granted))
		}
		return l
	}
	require.Len(t, build(9).found("S11", "2026-11-10"), 1)
	require.Empty(t, build(7).found("S11", "2026-11-10"))
	l := build(9)
	l.add(relief.KindCalendar, &relief.Calendar{UTCOffset: 480, Workdays: []relief.Day{"2026-06-06"}})
	require.Empty(t, l.found("S11", "2026-11-10"), "the Saturday was worked instead of another day")
}

// granted is a single grant of a township.
func granted(n int, head int, amount relief.Fen, on string) *casework.Case {
	c := inForce(n)
	c.Programme, c.Members, c.State, c.Terms.Amount = "linshi", []relief.SubjectRef{ref(head)}, casework.CaseGranted, amount
	c.Grant, c.Roll = &casework.SingleGrant{Township: true}, nil
	c.Acts = []relief.HistoryEntry{done(relief.ActCaseApply, on+" 09:00", "p1"), done(relief.ActCaseDecideTownship, on+" 10:00", "t1")}
	return c
}

func TestJustUnderTheLimit(t *testing.T) {
	build := func(k, m int) *told {
		l := newTold(t)
		for i := range k {
			l.add(relief.KindCase, granted(i, i, 1_800_00+relief.Fen(i), "2026-06-01"))
		}
		for i := range m {
			l.add(relief.KindCase, granted(100+i, 100+i, 1_799_99-relief.Fen(i), "2026-06-01"))
		}
		l.add(relief.KindCase, granted(200, 200, 1_599_99, "2026-06-01"))
		return l
	}
	alerts := build(18, 2).found("S27", "2026-11-10")
	require.Len(t, alerts, 1)
	require.EqualValues(t, 18, alerts[0].value(t, "just_under"))
	require.Empty(t, build(17, 3).found("S27", "2026-11-10"))
	require.Empty(t, build(12, 3).found("S27", "2026-11-10"))
	require.Empty(t, build(14, 0).found("S27", "2026-11-10"), "too few")
}

func TestInSlices(t *testing.T) {
	build := func(third int, amount relief.Fen) *told {
		l := newTold(t)
		l.add(relief.KindCase, granted(1, 1, amount, "2026-03-01"), granted(2, 1, amount, "2026-05-01"), granted(3, third, amount, "2026-09-01"))
		return l
	}
	alerts := build(1, 1_900_00).found("S29", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"case/c-1", "case/c-2", "case/c-3"}, alerts[0].About)
	require.EqualValues(t, 5_700_00, alerts[0].value(t, "sum_fen"))
	require.Empty(t, build(2, 1_900_00).found("S29", "2026-11-10"), "another household")
	require.Empty(t, build(1, 600_00).found("S29", "2026-11-10"), "together below the limit")
	l := build(1, 1_900_00)
	county := granted(4, 1, 1_900_00, "2026-09-01")
	county.Grant.Township, county.Acts[1].Act = false, relief.ActCaseDecide
	l.records[relief.KindCase][2] = county
	require.Empty(t, l.found("S29", "2026-11-10"), "the county decided the third (一事一议)")
}

func TestDecember(t *testing.T) {
	build := func(december relief.Fen) *told {
		l := newTold(t)
		for i := range 20 {
			l.add(relief.KindCase, granted(i, i, 375_00, fmt.Sprintf("2026-%02d-01", i%10+1)))
		}
		l.add(relief.KindCase, granted(30, 30, december, "2026-12-01"))
		return l
	}
	require.Empty(t, build(2_500_00).found("S30", "2027-01-05"), "25 % itself")
	require.Len(t, build(2_500_01).found("S30", "2027-01-05"), 1)
	require.Empty(t, build(2_500_01).found("S30", "2026-12-31"), "the year is not over")
}

func TestRoundSumsAndFirstDigits(t *testing.T) {
	build := func(round int) *told {
		l := newTold(t)
		for i := range 50 {
			amount := relief.Fen(500_00)
			if i >= round {
				amount += 37
			}
			l.add(relief.KindCase, granted(i, i, amount, "2026-06-01"))
		}
		for i := range 50 {
			c := granted(100+i, 100+i, 500_00+relief.Fen(i%10)*50_00, "2026-06-01")
			if i%10 >= 3 {
				c.Terms.Amount += 13
			}
			c.Acts[1].By.ID = "t2"
			l.add(relief.KindCase, c)
		}
		return l
	}
	alerts := build(46).found("S28", "2026-11-10")
	require.Len(t, alerts, 1)
	require.EqualValues(t, 46, alerts[0].value(t, "round"))
	require.Empty(t, build(40).found("S28", "2026-11-10"), "80 % itself")

	fives := newTold(t)
	for i := range 1000 {
		amount := relief.Fen(500_00 + i)
		if i%2 == 0 {
			amount = relief.Fen(i/2%9+1) * 1_00
		}
		if i == 999 {
			amount = 100_00_00
		}
		fives.add(relief.KindCase, granted(i, i, amount, "2026-06-01"))
	}
	require.Len(t, fives.found("S31", "2026-11-10"), 1)
	fives.records[relief.KindCase] = fives.records[relief.KindCase][:999]
	require.Empty(t, fives.found("S31", "2026-11-10"), "too few")
}

func TestSuddenJump(t *testing.T) {
	build := func(k int) *told {
		l := newTold(t)
		n := 0
		put := func(month string, count int) {
			for range count {
				n++
				c := inForce(n)
				c.Decision.From, c.Terms = periodOf(month), roll.Terms{Class: "A", Persons: 1, Amount: 310_00}
				l.add(relief.KindCase, c)
			}
		}
		put("2025-10", 2) // the record is older than twelve months
		for _, m := range []string{"2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"} {
			put(m, 4)
		}
		put("2026-10", 4)
		put("2026-11", k)
		return l
	}
	require.Empty(t, build(13).found("S34", "2026-11-30"))
	alerts := build(14).found("S34", "2026-11-30")
	require.Len(t, alerts, 1)
	require.EqualValues(t, 14, alerts[0].value(t, "entries"))
	require.Equal(t, "2026-11", alerts[0].Period)
}

func periodOf(s string) relief.Period { return month(s) }
