package screen

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

func TestPaidAfterDeath(t *testing.T) {
	l := newTold(t)
	l.entry(1, func(e *roll.Entry) { e.State, e.Until = roll.Exited, month("2026-07") })
	for _, p := range []string{"2026-07", "2026-08", "2026-09", "2026-10"} {
		l.pay(1, p, relief.Day(p+"-09"), "")
	}
	require.Empty(t, l.found("S01", "2026-11-04"), "nobody knows yet")
	l.add(relief.KindChange, &roll.Change{
		ID: "dibao-530181-0000001-c1", Programme: "dibao", County: county, Number: 1, Subject: ref(1), Region: "530181001001", State: roll.ChangeConfirmed,
		ChangeTerms: roll.ChangeTerms{Kind: roll.ChangeExit, DiedOn: "2026-07-14"},
		Acts:        []relief.HistoryEntry{done(relief.ActRollExit, "2026-11-03 10:00", "p1"), done(relief.ActRollConfirmChange, "2026-11-03 11:00", "a1")},
	})
	alerts := l.found("S01", "2026-11-04")
	require.Len(t, alerts, 1)
	a := &alerts[0]
	require.EqualValues(t, 3, a.value(t, "payments"))
	require.EqualValues(t, 1_860_00, a.value(t, "sum_fen"), "July itself is theirs")
	require.Equal(t, []string{"entry/dibao-530181-0000001"}, a.About)
	require.Equal(t, Step{"change/dibao-530181-0000001-c1", relief.ActRollExit, "CivilAffairsMSP", "p1", "tx 2026-11-03 10:00"}, a.Step)
	require.Equal(t, relief.Day("2026-11-09"), a.AnswerBy, "three working days")
	require.Equal(t, a.ID, l.found("S01", "2026-11-20")[0].ID, "the same question on another day")
}

func TestTheBankSaidDead(t *testing.T) {
	build := func(exit string) *told {
		l := newTold(t)
		l.entry(1, nil)
		l.pay(1, "2026-11", "2026-11-11", "MD07")
		l.entry(2, nil)
		l.pay(2, "2026-11", "2026-11-11", "AC04")
		if exit != "" {
			l.add(relief.KindChange, &roll.Change{
				ID: "dibao-530181-0000001-c1", Programme: "dibao", County: county, Number: 1, Subject: ref(1), Region: "530181001001", State: roll.ChangeConfirmed,
				ChangeTerms: roll.ChangeTerms{Kind: roll.ChangeExit},
				Acts:        []relief.HistoryEntry{done(relief.ActRollExit, exit+" 10:00", "p1"), done(relief.ActRollConfirmChange, exit+" 11:00", "a1")},
			})
		}
		return l
	}
	require.Len(t, build("").found("S02", "2026-11-19"), 1)
	require.Empty(t, build("").found("S02", "2026-11-18"))
	require.Empty(t, build("2026-11-18").found("S02", "2026-11-30"), "on the fifth working day")
	require.Len(t, build("2026-11-19").found("S02", "2026-11-30"), 1)
}

// matched is a case with an adverse statement of a day, answered or not.
func matched(n int, recorded, outcome, answered string) *casework.Case {
	c := inForce(n)
	m := casework.Match{MatchStatement: registry.MatchStatement{Source: "market", Subject: ref(n), QueriedAt: at(recorded), Adverse: true}, Act: len(c.Acts)}
	c.Acts = append(c.Acts, done(relief.ActCaseMatch, recorded, "p1"))
	if outcome != "" {
		m.Answer = &casework.MatchAnswer{Outcome: casework.MatchOutcome(outcome), Act: len(c.Acts)}
		c.Acts = append(c.Acts, done(relief.ActCaseAnswerMatch, answered, "p2"))
	}
	c.Matches = append(c.Matches, m)
	return c
}

func TestAdverseStatements(t *testing.T) {
	for name, tt := range map[string]struct {
		c        *casework.Case
		paid     relief.Day
		s03, s04 int
		today    relief.Day
	}{
		"unanswered, paid since":             {c: matched(1, "2026-10-20 10:00", "", ""), paid: "2026-11-09", s03: 1, today: "2026-11-10"},
		"unanswered, not paid since":         {c: matched(1, "2026-10-20 10:00", "", ""), paid: "2026-10-09", today: "2026-11-10"},
		"on the tenth working day":           {c: matched(1, "2026-10-27 10:00", "", ""), paid: "2026-11-09", today: "2026-11-10"},
		"cleared on the tenth day":           {c: matched(1, "2026-10-20 10:00", "cleared", "2026-11-03 10:00"), paid: "2026-11-09", today: "2026-11-10"},
		"confirmed, then paid":               {c: matched(1, "2026-10-20 10:00", "confirmed", "2026-10-25 10:00"), paid: "2026-11-09", s04: 1, today: "2026-11-10"},
		"confirmed and paid on the same day": {c: matched(1, "2026-10-20 10:00", "confirmed", "2026-11-09 10:00"), paid: "2026-11-09", today: "2026-11-10"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTold(t)
			l.entry(1, nil)
			l.add(relief.KindCase, tt.c)
			l.pay(1, "2026-11", tt.paid, "")
			require.Len(t, l.found("S03", tt.today), tt.s03)
			require.Len(t, l.found("S04", tt.today), tt.s04)
		})
	}
	c := matched(1, "2026-10-20 10:00", "confirmed", "2026-10-25 10:00")
	c.Matches = append(c.Matches, casework.Match{MatchStatement: registry.MatchStatement{Source: "market", Subject: ref(1), QueriedAt: at("2026-11-01 10:00")}, Act: 2})
	l := newTold(t)
	l.add(relief.KindCase, c)
	l.pay(1, "2026-11", "2026-11-09", "")
	l.entry(1, nil)
	require.Empty(t, l.found("S04", "2026-11-10"), "the department has said otherwise since")
}

func TestStatementsOutOfDate(t *testing.T) {
	c := inForce(1)
	c.Matches = []casework.Match{{MatchStatement: registry.MatchStatement{Source: "market", Subject: ref(1), QueriedAt: at("2025-11-10 10:00")}}}
	l := newTold(t)
	l.add(relief.KindCase, c, inForce(2)) // the second was never asked about
	require.Empty(t, l.found("S05", "2026-11-10"), "365 days")
	alerts := l.found("S05", "2026-11-11")
	require.Len(t, alerts, 1)
	require.EqualValues(t, 366, alerts[0].value(t, "days"))
}

func TestReceivedTwice(t *testing.T) {
	build := func(until, from string) *told {
		l := newTold(t)
		l.entry(1, func(e *roll.Entry) {
			e.From = month("2026-03")
			if until != "" {
				e.Until = month(until)
			}
		})
		l.entry(9, func(e *roll.Entry) {
			e.County, e.Region, e.Subject, e.From = "530129", "530129001001", ref(1), month(from)
		})
		l.entry(2, nil)
		return l
	}
	run := func(l *told) int {
		report, err := Run(Question{"53", 7}, "2026-11-10", l)
		require.NoError(t, err)
		n := 0
		for i := range report.Alerts {
			if report.Alerts[i].Rule == "S06" {
				require.Equal(t, relief.Region("530129"), report.Alerts[i].Region, "the later one")
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, run(build("", "2026-05")))
	require.Zero(t, run(build("2026-04", "2026-05")), "moved")
	require.Equal(t, 1, run(build("2026-05", "2026-05")))
	require.Zero(t, run(build("", "2027-01")), "not yet")
	again := build("", "2026-05")
	again.entries[Roll{"dibao", "530129"}][0].Runs = []roll.Run{
		{From: month("2026-05"), Until: month("2026-06"), Amount: 1}, {From: month("2026-07"), Amount: 2}, {From: month("2026-08"), Until: month("2026-08"), Suspended: true},
	}
	require.Equal(t, 1, run(again), "other terms of one entry are one alert")
	away := build("", "2026-05")
	away.entries[dibao][0].Runs = []roll.Run{{From: month("2026-03"), Until: month("2026-06"), Amount: 1}, {From: month("2026-09"), Amount: 1}}
	require.Equal(t, 1, run(away), "whichever of the two has the gap")
}

func TestSplitHouseholds(t *testing.T) {
	build := func(second string, account byte, switched bool) *told {
		l := newTold(t)
		if switched {
			l.add(relief.KindThresholds, map[string]int64{"screen.s07.1.on": 1, "screen.s07.1.assessed_on": 20260101})
		}
		a, b := inForce(1), inForce(2)
		a.Account, b.Account = relief.Tag{1, 7}, relief.Tag{1, account}
		b.Acts[0] = done(relief.ActCaseApply, second, "p2")
		l.add(relief.KindCase, a, b)
		return l
	}
	alerts := build("2025-12-13 10:00", 7, true).found("S07", "2026-01-10")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"case/c-2", "case/c-1"}, alerts[0].About)
	require.EqualValues(t, 12, alerts[0].value(t, "days_apart"))
	require.Empty(t, build("2025-12-13 10:00", 8, true).found("S07", "2026-01-10"), "two accounts")
	require.Empty(t, build("2026-06-01 10:00", 7, true).found("S07", "2026-06-10"), "182 days")
	other := build("2025-12-13 10:00", 7, true)
	third := inForce(3) // of another programme, in between
	third.Programme, third.Account, third.Acts[0] = "linshi", relief.Tag{1, 7}, done(relief.ActCaseApply, "2025-12-05 10:00", "p3")
	other.add(relief.KindCase, third)
	require.Len(t, other.found("S07", "2026-01-10"), 1)
	require.Empty(t, build("2025-12-13 10:00", 7, false).found("S07", "2026-01-10"), "no impact assessment")
}

func TestRechecksOverdue(t *testing.T) {
	c := inForce(1)
	c.RecheckOn = "2026-10-01"
	l := newTold(t)
	l.add(relief.KindCase, c)
	require.Empty(t, l.found("S08", "2026-10-31"))
	require.Len(t, l.found("S08", "2026-11-01"), 1)
	c.State = casework.CaseExited
	require.Empty(t, l.found("S08", "2026-11-01"))
}

func TestHelpedTooLate(t *testing.T) {
	build := func(from string) *told {
		c := inForce(1)
		c.State, c.Roll = casework.CaseApplied, nil
		c.Decision = &casework.Decision{Outcome: casework.Refused, Act: 1}
		c.Appeals = []casework.Appeal{{Act: 2, Answer: &casework.AppealAnswer{Act: 3}}}
		c.Acts = append(c.Acts, done(relief.ActCaseAppeal, "2026-08-20 10:00", "p1"), done(relief.ActCaseDecideAppeal, "2026-09-10 10:00", "a2"))
		if from != "" {
			c.State = casework.CaseInForce
			c.Decision = &casework.Decision{Outcome: casework.Granted, From: month(from), Act: 4}
			c.Acts = append(c.Acts, done(relief.ActCaseDecide, "2026-09-28 10:00", "a3"))
		}
		l := newTold(t)
		l.add(relief.KindCase, c)
		return l
	}
	require.Len(t, build("").found("S09", "2026-11-10"), 1)
	require.Empty(t, build("").found("S09", "2026-10-31"))
	require.Empty(t, build("2026-10").found("S09", "2026-11-10"))
	require.Len(t, build("2026-11").found("S09", "2026-11-10"), 1)
}

func TestNeedsUnanswered(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindNeed, &casework.Need{
		ID: "n1", Subject: ref(5), Region: "530181001", Programme: "dibao", Source: "market", State: casework.NeedFound, Acts: []relief.HistoryEntry{done(relief.ActNeedFind, "2026-11-02 10:00", "p1")},
	})
	require.Empty(t, l.found("S18", "2026-11-16"), "the tenth working day")
	require.Len(t, l.found("S18", "2026-11-17"), 1)
}

func TestObjectionsAnsweredAtOnce(t *testing.T) {
	build := func(answered string, looked, founded bool) *told {
		c := inForce(1)
		c.Acts = append(c.Acts, done(relief.ActCaseObject, "2026-11-03 10:00", "p1"))
		if looked {
			c.Acts = append(c.Acts, done(relief.ActCaseAttach, "2026-11-03 10:20", "p1"))
		}
		c.Objections = []casework.Objection{{Act: 2, Answer: &casework.ObjectionAnswer{Founded: founded, Act: len(c.Acts)}}}
		c.Acts = append(c.Acts, done(relief.ActCaseAnswer, answered, "p2"))
		l := newTold(t)
		l.add(relief.KindCase, c)
		return l
	}
	alerts := build("2026-11-03 10:40", false, false).found("S16", "2026-11-10")
	require.Len(t, alerts, 1)
	require.EqualValues(t, 40, alerts[0].value(t, "minutes"))
	require.Empty(t, build("2026-11-03 10:40", true, false).found("S16", "2026-11-10"), "a neighbour was asked in between")
	require.Empty(t, build("2026-11-03 10:40", false, true).found("S16", "2026-11-10"), "it was founded")
	require.Empty(t, build("2026-11-04 10:00", false, false).found("S16", "2026-11-10"), "a day later")
}

func TestDecisionsOverdue(t *testing.T) {
	waiting := func(due relief.Day) *told {
		c := inForce(1)
		c.State, c.Decision, c.Roll, c.Due = casework.CaseNoticed, nil, nil, due
		c.Acts = []relief.HistoryEntry{done(relief.ActCaseApply, "2026-09-01 10:00", "p1")}
		l := newTold(t)
		l.add(relief.KindCase, c)
		return l
	}
	require.Empty(t, waiting("2026-09-10").found("S17", "2026-09-10"))
	require.Len(t, waiting("2026-09-10").found("S17", "2026-09-11"), 1)
	// 30 working days after 2026-09-01 end on 2026-10-13; the calendar has no holidays here
	require.Empty(t, waiting("").found("S17", "2026-10-13"))
	require.Len(t, waiting("").found("S17", "2026-10-14"), 1)
	late := inForce(1)
	late.Acts[1] = done(relief.ActCaseDecide, "2026-02-01 10:00", "a1")
	l := newTold(t)
	l.add(relief.KindCase, late)
	alerts := l.found("S17", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, "a1", alerts[0].Step.Official)
}

func TestEvidenceAfterwards(t *testing.T) {
	build := func(taken string, notice, objected bool) *told {
		c := inForce(1)
		c.State, c.Decision, c.Roll = casework.CaseNoticed, nil, nil
		c.Acts = []relief.HistoryEntry{done(relief.ActCaseApply, "2026-10-01 10:00", "p1")}
		if notice {
			c.Notices = []casework.Notice{{Opened: at("2026-10-10 10:00"), Closes: at("2026-10-17 10:00"), Act: 1}}
			c.Acts = append(c.Acts, done(relief.ActCaseNotice, "2026-10-10 10:00", "p1"))
		}
		if objected {
			c.Acts = append(c.Acts, done(relief.ActCaseObject, "2026-10-11 10:00", "p1"))
		}
		c.Evidence = []casework.Evidence{{EvidenceTerms: casework.EvidenceTerms{Kind: programme.EvidenceHomeVisit, TakenAt: at(taken), Region: "530181001001"}, Act: len(c.Acts)}}
		c.Acts = append(c.Acts, done(relief.ActCaseAttach, "2026-10-15 10:00", "p1"))
		l := newTold(t)
		l.add(relief.KindCase, c)
		return l
	}
	require.Len(t, build("2026-09-01 10:00", false, false).found("S19", "2026-10-20"), 1)
	require.Empty(t, build("2026-10-01 10:00", false, false).found("S19", "2026-10-20"))
	require.Len(t, build("2026-10-12 10:00", true, false).found("S19", "2026-10-20"), 1)
	require.Empty(t, build("2026-10-12 10:00", true, true).found("S19", "2026-10-20"), "an objection is looked into")
	paper := build("2026-09-01 10:00", false, false)
	paper.records[relief.KindCase][0].(*casework.Case).Evidence[0].Kind = programme.EvidenceDocument
	require.Empty(t, paper.found("S19", "2026-10-20"), "a paper may be older than the application")
}

func TestTooManyVisits(t *testing.T) {
	build := func(visits int, second relief.Region, apart time.Duration) *told {
		l := newTold(t)
		for n := range visits {
			c := inForce(n)
			c.Evidence = []casework.Evidence{{EvidenceTerms: casework.EvidenceTerms{
				Kind: programme.EvidenceHomeVisit, TakenAt: at("2026-11-05 08:00").Add(time.Duration(n) * apart), Region: "530181001001",
			}, Act: 2}}
			if n == 1 {
				c.Evidence[0].Region = second
			}
			c.Acts = append(c.Acts, done(relief.ActCaseAttach, "2026-11-05 20:00", "v1"))
			l.add(relief.KindCase, c)
		}
		return l
	}
	alerts := build(13, "530181001002", 20*time.Minute).found("S13", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"official/CivilAffairsMSP/v1", "region/530181"}, alerts[0].About)
	require.Empty(t, build(12, "530181001002", 20*time.Minute).found("S13", "2026-11-10"))
	require.Len(t, build(2, "530181002001", 14*time.Minute).found("S13", "2026-11-10"), 1)
	require.Empty(t, build(2, "530181002001", 15*time.Minute).found("S13", "2026-11-10"))
	require.Empty(t, build(2, "530181001002", time.Minute).found("S13", "2026-11-10"), "one township")
}
