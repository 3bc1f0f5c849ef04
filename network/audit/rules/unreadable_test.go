package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A value that cannot be read is a finding, and no more than that: what comes after it is checked, against the last version that
// could be read.
func TestUnreadableValuesAreFindings(t *testing.T) {
	l := newTestLedger(t)
	payees := relief.PayeesKey("dibao", "530181", 0)
	l.write(t, map[string]string{payees.String(): string(payeesOf(t, 1, 'a', 'b'))}) // without a roll beside them
	before := l.Segments[payees.String()]
	for name, value := range map[string]string{
		payees.String(): "y",
		relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12), 0).String(): "l",
		relief.RollKey("dibao", "530181", 0).String():                               "r",
		relief.RollKey("dibao", "530100", 0).String():                               "r\x03\x00\x00",
		relief.BatchKey("b1").String():                                              `{"id":"b1"}`,
		relief.TrancheKey("t1").String():                                            `{"id":"t2"}`,
		relief.CaseKey("c1").String():                                               "{",
		relief.MemberKey(relief.SubjectRef{1}).String():                             "[]",
		relief.RollIndexKey(relief.SubjectRef{1}, "dibao").String():                 "a",
		relief.Key{Kind: "new", Attrs: []string{"x"}}.String():                      "{}",
	} {
		require.Equal(t, BadRecord, l.write(t, map[string]string{name: value})[0], "%q", name)
	}
	require.Equal(t, before, l.Segments[payees.String()])
	require.Equal(t, []Kind{BadRecord}, l.write(t, map[string]string{payees.String(): string(payeesOf(t, 7, 'c', 'b'))})[:1], "against the last readable one")
}
