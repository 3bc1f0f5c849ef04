package relief

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The national day's week of an invented year of work: 1 to 7 October off, Sunday the 27th of September and Saturday
// the 10th of October worked instead.
var october = Calendar{
	Holidays:  []Day{"2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"},
	Workdays:  []Day{"2026-09-27", "2026-10-10"},
	UTCOffset: 8 * 60,
}

func TestWorkingDays(t *testing.T) {
	for name, test := range map[string]struct {
		from Day
		n    int
		want Day
	}{
		"no day later":                       {"2026-09-26", 0, "2026-09-26"},
		"a Sunday that is worked":            {"2026-09-26", 1, "2026-09-27"},
		"over the holidays":                  {"2026-09-30", 1, "2026-10-08"},
		"from within them":                   {"2026-10-03", 2, "2026-10-09"},
		"a Saturday that is worked counts":   {"2026-09-30", 3, "2026-10-10"},
		"an ordinary weekend does not":       {"2026-10-10", 1, "2026-10-12"},
		"over the end of the year":           {"2026-12-31", 1, "2027-01-01"},
		"twenty working days of an appeal":   {"2026-09-28", 20, "2026-10-30"},
		"the leap day, a Tuesday, is worked": {"2028-02-28", 1, "2028-02-29"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, october.AddWorkdays(test.from, test.n)) })
	}
}

// A deadline begins on the local day, whatever the day in UTC.
func TestDayIsLocal(t *testing.T) {
	late := time.Date(2026, 9, 30, 16, 30, 0, 0, time.UTC) // half past midnight in China
	require.Equal(t, Day("2026-10-01"), october.Day(late))
	require.Equal(t, Day("2026-09-30"), (&Calendar{}).Day(late))
}

func TestWrongCalendarsAreRefused(t *testing.T) {
	many := make([]Day, maxCalendarDays+1)
	for i := range many {
		many[i] = "2026-10-01"
	}
	require.NoError(t, october.Validate())
	for name, c := range map[string]Calendar{
		"a day that is none":            {Holidays: []Day{"2026-02-30"}},
		"a day worked that is none":     {Workdays: []Day{"10-10"}},
		"both a holiday and worked":     {Holidays: []Day{"2026-10-10"}, Workdays: []Day{"2026-10-10"}},
		"too many holidays":             {Holidays: many},
		"too many days worked":          {Workdays: many},
		"a local time that is nowhere":  {UTCOffset: 15 * 60},
		"a local time on the other end": {UTCOffset: -13 * 60},
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, c.Validate()) })
	}
}
