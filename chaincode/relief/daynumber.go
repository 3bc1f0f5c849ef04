package relief

import "time"

// DayOfNumber is the day n days after 1970-01-01, the reverse of Number; no day outside the years of days.
func DayOfNumber(n int) Day { return dayOf(time.Unix(int64(n)*86400, 0).UTC()) }
