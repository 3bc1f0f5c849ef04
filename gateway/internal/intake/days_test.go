package intake_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

// A birthday typed for a day of death, a day in the future: the acts that have days are refused on the field.
func TestDaysOfActs(t *testing.T) {
	// 23:30 of 29 November in UTC is the 30th in China.
	now := time.Date(2026, 11, 29, 23, 30, 0, 0, time.UTC).In(time.FixedZone("China", 8*3600))
	for _, c := range []struct {
		act             relief.Act
		document, field string
	}{
		{relief.ActRollExit, `{"reason":"death","died_on":"2026-11-30"}`, ""},
		{relief.ActRollExit, `{"reason":"death","died_on":"2026-12-01"}`, "died_on"},
		{relief.ActRollExit, `{"reason":"death","died_on":"1962-11-05"}`, "died_on"},
		{relief.ActRollExit, `{"reason":"moved","last_period":"2026-12"}`, ""},
		{relief.ActRollExit, `{"reason":"moved","last_period":"2027-Q4"}`, ""},
		{relief.ActRollExit, `{"reason":"moved","last_period":"2126-12"}`, "last_period"},
		{relief.ActRollExit, `{"reason":"moved"}`, ""},
		{relief.ActRollExit, `{"died_on":"yesterday"}`, ""}, // has not its form: the contract says so
		{relief.ActCaseAttach, `{"taken_at":"2026-11-30T10:00:00+08:00"}`, ""},
		{relief.ActCaseAttach, `{"taken_at":"2026-11-30T16:30:00Z"}`, "taken_at"},
		{relief.ActCaseAttach, `{"taken_at":"1999-12-31T10:00:00+08:00"}`, "taken_at"},
		{relief.ActCaseAttach, `{"taken_at":"1999-12-31T16:30:00Z"}`, ""},
		{relief.ActCaseAttach, `{"taken_at":7}`, ""},
		{relief.ActCaseNotice, `{"died_on":"1962-11-05"}`, ""},
	} {
		err := intake.CheckDays(c.act, []byte(c.document), now)
		if c.field == "" {
			require.NoError(t, err, c.document)
			continue
		}
		var refused *relief.Error
		require.ErrorAs(t, err, &refused, c.document)
		require.Equal(t, relief.CodeInvalid, refused.Code)
		require.Equal(t, c.field, refused.Field)
		require.Contains(t, refused.Detail, " · ", "in both languages")
	}
}
