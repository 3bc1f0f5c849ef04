package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/chaincode/relief/screenrule"
)

// found is a report with one alert.
func found() *screen.Report {
	terms := screenrule.AllTerms(nil)
	r := &screen.Report{Question: screen.Question{Region: "530181", Block: 4711}, Today: "2026-11-10", Alerts: []screen.Alert{{
		ID: strings.Repeat("7c1f", 16), Rule: "S08", Version: 1, Severity: screenrule.B, Region: "530181001001", About: []string{"case/c-17"}, Period: "2026-10-01",
		Step: screen.Step{Record: "case/c-17", Act: relief.ActCaseReview}, Answers: screenrule.Civil, AnswerBy: "2026-11-24", Values: []screen.Value{{Name: "days", N: 40}},
	}}}
	for _, t := range terms {
		r.Rules = append(r.Rules, screen.Outcome{Terms: t, Looked: 100, Found: 1})
	}
	return r
}

func TestAlertsInWords(t *testing.T) {
	var s Screening
	var out bytes.Buffer
	require.NoError(t, s.check(found(), &out))
	require.Contains(t, out.String(), "7c1f7c1f7c1f7c1f S08 未按期复核 · re-check overdue: case/c-17 (2026-10-01); civil_affairs approver by 2026-11-24 (B)\n")
	require.Contains(t, out.String(), "1 alerts in 530181 as of block 4711 (2026-11-10); digest "+found().Digest())
	out.Reset()
	s.Alert = "7c1f"
	require.NoError(t, s.explain(found(), &out))
	for _, words := range []string{"S08 v1 未按期复核 · re-check overdue", "days = 30 days", "days = 40", "case.review of case/c-17\n", "never who did the step", "4711; the rule looked at 100 and found 1"} {
		require.Contains(t, out.String(), words)
	}
	out.Reset()
	s.JSON = true
	require.NoError(t, s.explain(found(), &out))
	var a screen.Alert
	require.NoError(t, json.Unmarshal(out.Bytes(), &a))
	require.Equal(t, found().Alerts[0], a)
	s.Alert = "7d"
	require.ErrorContains(t, s.explain(found(), &out), "no alert of 530181 as of block 4711")
}

func TestWhatCannotBeScreened(t *testing.T) {
	for _, region := range []string{"", "530181001", "5", "昆明"} {
		require.ErrorContains(t, (&Screening{Region: region, Block: -1}).Check(), "--region")
	}
	region, block, err := (&Screening{Region: "530181", Block: 7}).question()
	require.NoError(t, err)
	require.Equal(t, relief.Region("530181"), region)
	require.EqualValues(t, 7, *block)
	_, block, err = (&Screening{Region: "53", Block: -1}).question()
	require.NoError(t, err)
	require.Nil(t, block)
}
