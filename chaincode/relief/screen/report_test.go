package screen

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screenrule"
)

// overdue is a county of households of which some are to be checked again since months.
func overdue(t *testing.T, late, all int) *told {
	t.Helper()
	l := newTold(t)
	for i := range all {
		c := inForce(i)
		if i < late {
			c.RecheckOn = "2026-03-01"
		}
		l.add(relief.KindCase, c)
	}
	return l
}

// A rule that asks about more than its share of a county asks one question of the county.
func TestManyAlertsAreOne(t *testing.T) {
	require.Len(t, overdue(t, 19, 100).found("S08", "2026-11-10"), 19, "a few are asked one by one, whatever their share")
	require.Len(t, overdue(t, 20, 1000).found("S08", "2026-11-10"), 20, "2 % itself")
	alerts := overdue(t, 21, 1000).found("S08", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"region/530181"}, alerts[0].About)
	require.EqualValues(t, 21, alerts[0].value(t, "alerts"))
	require.EqualValues(t, 1000, alerts[0].value(t, "looked_at"))
	l := overdue(t, 21, 1000)
	l.add(relief.KindThresholds, map[string]int64{"screen.s08.1.max_share_bp": 0})
	require.Len(t, l.found("S08", "2026-11-10"), 21, "the agencies want each of them")
}

func TestTheAgenciesSwitchRules(t *testing.T) {
	l := overdue(t, 1, 10)
	l.add(relief.KindThresholds, map[string]int64{"screen.s08.1.on": 0})
	require.Empty(t, l.found("S08", "2026-11-10"))
	l.records[relief.KindThresholds] = nil
	l.add(relief.KindThresholds, map[string]int64{"screen.s08.1.days": 300, "screen.s08.1.severity": 1})
	require.Empty(t, l.found("S08", "2026-11-10"))
	alerts := l.found("S08", "2026-12-30")
	require.Len(t, alerts, 1)
	require.Equal(t, screenrule.A, alerts[0].Severity)
	require.Equal(t, relief.Day("2027-01-04"), alerts[0].AnswerBy)
	l.records[relief.KindThresholds] = nil
	l.add(relief.KindThresholds, map[string]int64{"screen.s08.1.severity": 9, "screen.s08.1.days": -5}) // agreed to before there were bounds
	require.Len(t, l.found("S08", "2026-12-30"), 1)
}

// A county in which everything was done as it is to be raises nothing in any month, and a report says what was looked at.
func TestACleanCounty(t *testing.T) {
	l := newTold(t)
	for i := range 300 {
		c := inForce(i)
		c.Region = relief.Region(fmt.Sprintf("530181%03d001", i%13+1))
		l.add(relief.KindCase, c)
		l.entry(uint32(i), func(e *roll.Entry) { e.Region = c.Region })
		for m := 1; m <= 11; m++ {
			p := fmt.Sprintf("2026-%02d", m)
			l.pay(uint32(i), p, relief.Day(p+"-09"), "")
		}
	}
	for m := 1; m <= 11; m++ {
		l.add(relief.KindMonth, closed(fmt.Sprintf("2026-%02d", m)))
	}
	for m := 1; m <= 11; m++ {
		clean := *l
		clean.records = map[string][]any{relief.KindProgramme: l.records[relief.KindProgramme], relief.KindCase: l.records[relief.KindCase], relief.KindMonth: l.records[relief.KindMonth][:m]}
		clean.payments = map[Roll][]Payment{}
		for _, p := range l.payments[dibao] {
			if p.Period.LastMonth() <= 2026*12+m-1 {
				clean.payments[dibao] = append(clean.payments[dibao], p)
			}
		}
		report, err := Run(Question{county, 7}, relief.Day(fmt.Sprintf("2026-%02d-28", m)), &clean)
		require.NoError(t, err)
		for _, a := range report.Alerts {
			require.Equal(t, screenrule.ID("S32"), a.Rule, "%v", a) // lists of earlier months, which this test does not publish
		}
		for _, o := range report.Rules {
			if o.Rule == "S08" || o.Rule == "S17" {
				require.Equal(t, 300, o.Looked)
			}
		}
	}
}

func TestAlertsAreFoundByTheirIDs(t *testing.T) {
	l := overdue(t, 3, 10)
	report, err := Run(Question{county, 7}, "2026-11-10", l)
	require.NoError(t, err)
	require.Len(t, report.Alerts, 3)
	a := &report.Alerts[1]
	require.Equal(t, a, report.Alert(a.ID))
	require.Equal(t, a, report.Alert(a.ID[:16]))
	require.Nil(t, report.Alert(""))
	require.Nil(t, report.Alert("zz"))
	b, err := json.Marshal(a)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{
		"id": %q, "rule": "S08", "version": 1, "severity": "B", "programme": "dibao", "region": "530181001001", "about": ["case/c-1"], "period": "2026-03-01",
		"step": {"record": "case/c-1", "act": "case.review"}, "answers": {"agency_kind": "civil_affairs", "role": "approver"}, "answer_by": "2026-11-24",
		"values": [{"name": "days", "n": 254}]
	}`, a.ID), string(b))
}
