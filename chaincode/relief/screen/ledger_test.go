package screen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screenrule"
	"relieftrail/chaincode/relief/stored"
)

const county = relief.Region("530181")

var dibao = Roll{"dibao", county}

// told is a ledger of a test.
type told struct {
	t        *testing.T
	records  map[string][]any
	entries  map[Roll][]roll.Entry
	payments map[Roll][]Payment
	shuffle  *rand.Rand // nil for the order in which the test told
}

func newTold(t *testing.T) *told {
	t.Helper()
	l := &told{t: t, records: map[string][]any{}, entries: map[Roll][]roll.Entry{}, payments: map[Roll][]Payment{}}
	l.add(relief.KindProgramme, &programme.Programme{
		ID: "dibao", State: programme.VersionInForce, InForce: 1, Versions: []programme.VersionRecord{{State: programme.VersionInForce, Version: programme.Version{
			ID: "dibao", Version: 1, Region: county, Unit: programme.UnitHousehold, Cycle: programme.CycleMonthly, Starts: month("2020-01"), PayByDay: 10,
			CaseRules: programme.CaseRules{
				RequiredMatches: []relief.DepartmentID{"market"}, MatchValidDays: 365, ClassAmounts: map[string]relief.Fen{"A": 310_00},
			},
		}}},
	}, &programme.Programme{
		ID: "linshi", State: programme.VersionInForce, InForce: 1, Versions: []programme.VersionRecord{{State: programme.VersionInForce, Version: programme.Version{
			ID: "linshi", Version: 1, Region: county, Unit: programme.UnitHousehold, Cycle: programme.CycleGrant, Starts: month("2020-01"), PayByDay: 10,
			GrantRules: programme.GrantRules{Township: &programme.TownshipRule{MaxAmount: 2_000_00}},
		}}},
	})
	return l
}

func (l *told) add(kind string, records ...any) {
	l.records[kind] = append(l.records[kind], records...)
}

func (l *told) Each(kind string, visit func([]byte) error) error {
	list := slices.Clone(l.records[kind])
	l.mix(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	for _, r := range list {
		value, err := stored.Format(r)
		require.NoError(l.t, err)
		if err := visit(value); err != nil {
			return err
		}
	}
	return nil
}

func (l *told) mix(n int, swap func(i, k int)) {
	if l.shuffle != nil {
		l.shuffle.Shuffle(n, swap)
	}
}

func (l *told) Rolls() (rolls []Roll, err error) {
	for r := range l.entries {
		rolls = append(rolls, r)
	}
	return rolls, nil
}

func (l *told) Entries(r Roll, visit func(*roll.Entry) error) error {
	list := slices.Clone(l.entries[r])
	l.mix(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	for i := range list {
		if err := visit(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *told) Payments(r Roll, lastMonth int, visit func(*Payment) error) error {
	list := slices.Clone(l.payments[r])
	l.mix(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	for i := range list {
		if list[i].Period.LastMonth() < lastMonth {
			continue
		}
		if err := visit(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// entry puts somebody on the roll since 2026-01.
func (l *told) entry(number uint32, change func(*roll.Entry)) {
	e := roll.Entry{
		Programme: "dibao", County: county, Number: number, Subject: ref(int(number)), Region: "530181001001", Persons: 2, Class: "A", Amount: 620_00,
		From: month("2026-01"), State: roll.InForce,
	}
	if change != nil {
		change(&e)
	}
	at := Roll{e.Programme, e.County}
	l.entries[at] = append(l.entries[at], e)
}

// pay credits a payment, or returns it with a reason.
func (l *told) pay(number uint32, period string, day relief.Day, reason string) {
	p := Payment{Number: number, Period: month(period), Attempt: 1, Amount: 620_00, Batch: "b1", State: payment.LineCredited, Day: day, Reason: reason}
	switch {
	case reason != "":
		p.State = payment.LineReturned
	case day == "":
		p.State = payment.LineListed
	}
	l.payments[dibao] = append(l.payments[dibao], p)
}

func month(s string) relief.Period {
	p, err := relief.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func ref(n int) relief.SubjectRef {
	return relief.NewSubjectRef(1, []byte("a key of the tests"), relief.IDNumber(fmt.Sprintf("person %d", n)))
}

// done is an act at an hour of China's time.
func done(a relief.Act, at, official string) relief.HistoryEntry {
	t, err := time.Parse("2006-01-02 15:04", at)
	if err != nil {
		panic(err)
	}
	return relief.HistoryEntry{
		Act: a, By: relief.Official{Agency: "CivilAffairsMSP", ID: official, Name: "name " + official, Role: "approver", Region: county},
		At: t.Add(-8 * time.Hour), Tx: "tx " + at,
	}
}

func at(s string) time.Time { return done("", s, "").At }

// inForce is a case that was applied for and granted at the beginning of 2026.
func inForce(n int) *casework.Case {
	return &casework.Case{
		ID: relief.CaseID(fmt.Sprintf("c-%d", n)), Programme: "dibao", Version: 1, Region: "530181001001", Members: []relief.SubjectRef{ref(n)},
		State: casework.CaseInForce, Terms: roll.Terms{Class: "A", Persons: 2, Amount: 620_00}, Roll: &roll.Number{County: county, Number: uint32(n)},
		Decision: &casework.Decision{Outcome: casework.Granted, From: month("2026-01"), Act: 1},
		Acts:     []relief.HistoryEntry{done(relief.ActCaseApply, "2025-12-01 10:00", "p1"), done(relief.ActCaseDecide, "2025-12-15 10:00", "a1")},
	}
}

// found are the alerts of a rule as of a day; the same whatever order the ledger has.
func (l *told) found(rule screenrule.ID, today relief.Day) []Alert {
	l.t.Helper()
	report, err := Run(Question{county, 7}, today, l)
	require.NoError(l.t, err)
	for seed := range uint64(3) {
		l.shuffle = rand.New(rand.NewPCG(seed, 1))
		again, err := Run(Question{county, 7}, today, l)
		require.NoError(l.t, err)
		require.Equal(l.t, report.Digest(), again.Digest(), "the order of the ledger changes the report")
	}
	l.shuffle = nil
	return slices.DeleteFunc(report.Alerts, func(a Alert) bool { return a.Rule != rule })
}

// value is a number of an alert.
func (a *Alert) value(t *testing.T, name string) int64 {
	t.Helper()
	i := slices.IndexFunc(a.Values, func(v Value) bool { return v.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return a.Values[i].N
}
