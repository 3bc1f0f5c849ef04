package relief

import "time"

// Number counts the days from 1970-01-01 to d, for packed values. DayOfNumber reverses it for days from then on.
func (d Day) Number() int { return int(d.time().Unix() / 86400) }

// DayOfNumber is the day n days after 1970-01-01; no day outside the years of days.
func DayOfNumber(n int) Day { return dayOf(time.Unix(int64(n)*86400, 0).UTC()) }
