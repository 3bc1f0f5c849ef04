package relief

import (
	"slices"
	"time"
)

// Day is a calendar day, written 2026-11-10. The empty Day is no day.
type Day string

// firstDayYear is the first year of days: people who were born then are alive. The last one is that of periods.
const firstDayYear = 1900

// ParseDay reads a day of the years 1900 to 2199.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || dayOf(t) == "" {
		return "", FieldErrorf("day", "a day is written 2026-11-10")
	}
	return Day(s), nil
}

// dayOf makes every day that is computed; no day in a year that ParseDay could not read back.
func dayOf(t time.Time) Day {
	if t.Year() < firstDayYear || t.Year() > lastYear {
		return ""
	}
	return Day(t.Format(time.DateOnly))
}

// LastDay is the last of all days, in the last year of periods.
const LastDay Day = "2199-12-31"

// UnmarshalText reads a day; the empty text is no day.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = ""
		return nil
	}
	*d, err = ParseDay(string(b))
	return err
}

func (d Day) time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // a Day was parsed
	return t
}

// Add is the day n days later; no day outside the years of days.
func (d Day) Add(n int) Day { return dayOf(d.time().AddDate(0, 0, n)) }

// AddMonths is the same day n months later, or the last day of that month when the month is shorter.
func (d Day) AddMonths(n int) Day {
	t := d.time()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dayOf(first.AddDate(0, 0, min(t.Day(), last)-1))
}

// Number is the day in days since 1970-01-01, as packed payments have it; 0 for earlier days.
func (d Day) Number() uint32 { return uint32(max(0, d.time().Unix()/86400)) } //nolint:gosec // below MaxDay

// Month is the day's month, numbered as Period.FirstMonth numbers them.
func (d Day) Month() int { t := d.time(); return t.Year()*12 + int(t.Month()) - 1 }

// Calendar says which days are working days: Monday to Friday except holidays, and the days worked in their place
// (调休).
type Calendar struct {
	Holidays []Day `json:"holidays"`
	Workdays []Day `json:"workdays"`
	// UTCOffset is the distance of local time from UTC in minutes. It is a number and not the name of a zone, so that
	// every endorser computes the same day.
	UTCOffset int `json:"utc_offset"`
}

// DefaultCalendar has no holidays and the local time of China.
var DefaultCalendar = Calendar{UTCOffset: 8 * 60}

// Day is the local day of a time.
func (c *Calendar) Day(t time.Time) Day {
	return dayOf(t.UTC().Add(time.Duration(c.UTCOffset) * time.Minute))
}

// Works reports whether a day is a working day.
func (c *Calendar) Works(d Day) bool {
	switch d.time().Weekday() {
	case time.Saturday, time.Sunday:
		return slices.Contains(c.Workdays, d)
	default:
		return !slices.Contains(c.Holidays, d)
	}
}

// AddWorkdays is the nth working day after d.
func (c *Calendar) AddWorkdays(d Day, n int) Day {
	for n > 0 {
		if d = d.Add(1); c.Works(d) {
			n--
		}
	}
	return d
}

const maxCalendarDays = 1000

// Validate refuses, with INVALID, days that do not exist, a day that is both a holiday and worked, and an offset that
// no local time has.
func (c *Calendar) Validate() error {
	if c.UTCOffset < -12*60 || c.UTCOffset > 14*60 {
		return FieldErrorf("calendar", "the local time is -720 to 840 minutes from UTC")
	}
	if len(c.Holidays) > maxCalendarDays || len(c.Workdays) > maxCalendarDays {
		return FieldErrorf("calendar", "a calendar has at most %d holidays and as many days worked instead", maxCalendarDays)
	}
	for _, d := range c.Holidays {
		if _, err := ParseDay(string(d)); err != nil || slices.Contains(c.Workdays, d) {
			return FieldErrorf("calendar", "a day is a holiday or worked, not both")
		}
	}
	for _, d := range c.Workdays {
		if _, err := ParseDay(string(d)); err != nil {
			return FieldErrorf("calendar", "a day is written 2026-11-10")
		}
	}
	return nil
}
