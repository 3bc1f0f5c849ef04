package relief

import "time"

// DayOfNumber is the day with a number; no day outside the years of days.
func DayOfNumber(n int) Day { return dayOf(time.Unix(int64(n)*86400, 0).UTC()) }
