package relief

import (
	"strconv"
	"time"

	"relieftrail/chaincode/relief/internal/form"
)

// Period is the time that a payment is for: a month ("2026-11") or a quarter ("2026-Q4"). The zero value is no period.
// Periods are ordered by their first month.
type Period struct {
	year  uint16
	index uint8 // 1–12 a month, 101–104 a quarter
}

// The years that a period can lie in. ParsePeriod, PeriodFromCode and newPeriod have the same bounds.
const (
	firstYear = 2000
	lastYear  = 2199
)

// newPeriod makes every period that is computed. In a year that PeriodFromCode could not read back there is no period: the zero
// value, which acts refuse.
func newPeriod(year int, index uint8) Period {
	if year < firstYear || year > lastYear {
		return Period{}
	}
	return Period{uint16(year), index}
}

var errPeriodForm = FieldErrorf("period", "a period is written 2026-11 or 2026-Q4")

// ParsePeriod reads "2026-11" or "2026-Q4"; years 2000 to 2199.
func ParsePeriod(s string) (Period, error) {
	if len(s) != 7 || s[4] != '-' || !form.IsDigits(s[:4]) {
		return Period{}, errPeriodForm
	}
	year, _ := strconv.Atoi(s[:4])
	if year < firstYear || year > lastYear {
		return Period{}, errPeriodForm
	}
	y := uint16(year)
	if s[5] == 'Q' && s[6] >= '1' && s[6] <= '4' {
		return Period{y, 100 + s[6] - '0'}, nil
	}
	if !form.IsDigits(s[5:]) {
		return Period{}, errPeriodForm
	}
	month := (s[5]-'0')*10 + s[6] - '0'
	if month < 1 || month > 12 {
		return Period{}, errPeriodForm
	}
	return Period{y, month}, nil
}

// String writes the period as ParsePeriod reads it; "" for the zero value.
func (p Period) String() string { return string(p.appendTo(make([]byte, 0, 8))) }

func (p Period) appendTo(b []byte) []byte {
	if p.IsZero() {
		return b
	}
	b = strconv.AppendUint(b, uint64(p.year), 10) // 2000 to 2199
	if p.index > 100 {
		return append(b, '-', 'Q', '0'+p.index-100)
	}
	return append(b, '-', '0'+p.index/10, '0'+p.index%10)
}

// IsZero reports whether there is no period.
func (p Period) IsZero() bool { return p.index == 0 }

// Quarterly reports whether the period is a quarter.
func (p Period) Quarterly() bool { return p.index > 100 }

// FirstMonth is the number of the period's first month: year × 12 + month, January being 0.
func (p Period) FirstMonth() int {
	if p.Quarterly() {
		return int(p.year)*12 + int(p.index-101)*3
	}
	return int(p.year)*12 + int(p.index) - 1
}

// LastMonth is the number of the period's last month.
func (p Period) LastMonth() int {
	if p.Quarterly() {
		return p.FirstMonth() + 2
	}
	return p.FirstMonth()
}

// Start is the month in which the period begins; the zero value for no period.
func (p Period) Start() Period {
	if p.IsZero() {
		return p
	}
	return MonthPeriod(p.FirstMonth())
}

// End is the month in which the period ends; the zero value for no period.
func (p Period) End() Period {
	if p.IsZero() {
		return p
	}
	return MonthPeriod(p.LastMonth())
}

// DayAfter is the first day after the period; no day after the last year of periods, and for no period.
func (p Period) DayAfter() Day {
	if p.IsZero() {
		return ""
	}
	month := p.LastMonth() + 1
	return dayOf(time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC))
}

// MonthPeriod is the period of one month, given by its number as in FirstMonth; the zero value outside the years of periods.
func MonthPeriod(month int) Period {
	return newPeriod(month/12, uint8(month%12+1)) //nolint:gosec // 1 to 12 in the years of periods
}

// Before reports whether p ends before q begins.
func (p Period) Before(q Period) bool { return p.LastMonth() < q.FirstMonth() }

// Code packs the period into 16 bits for packed values: the year, then the index of month or quarter. Codes have the
// order of periods of one kind; 0 is no period.
func (p Period) Code() uint16 {
	if p.IsZero() {
		return 0
	}
	i := uint16(p.index)
	if p.Quarterly() {
		i = uint16(p.index-100) + 12
	}
	return (p.year-1999)<<5 | i
}

// PeriodFromCode reverses Code.
func PeriodFromCode(c uint16) (Period, error) {
	if c == 0 {
		return Period{}, nil
	}
	year, i := c>>5+1999, c&31
	if year < firstYear || year > lastYear || i == 0 || i > 16 {
		return Period{}, Errorf(CodeCorrupt, "no such period code")
	}
	if i > 12 {
		return Period{year, uint8(i-12) + 100}, nil
	}
	return Period{year, uint8(i)}, nil
}

// MonthOfCode is the number of the month that a code stands for, as FirstMonth gives it, without a Period in between; 0 for none. The
// code must be one of a month.
func MonthOfCode(c uint16) int {
	if c == 0 {
		return 0
	}
	return int(c>>5+1999)*12 + int(c&31) - 1
}

// MarshalText writes the period as text.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a period; the empty text is the zero value.
func (p *Period) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*p = Period{}
		return nil
	}
	v, err := ParsePeriod(string(b))
	if err != nil {
		return err
	}
	*p = v
	return nil
}

// PeriodsBetween lists the periods from first to last, both included, as months or quarters like first; none when last
// is earlier.
func PeriodsBetween(first, last Period) (periods []Period) {
	step := 1
	if first.Quarterly() {
		step = 3
	}
	for month := first.FirstMonth(); month <= last.LastMonth(); month += step {
		p := MonthPeriod(month)
		if first.Quarterly() {
			p = QuarterOf(month)
		}
		periods = append(periods, p)
	}
	return periods
}

// Previous is the month before a month or the quarter before a quarter; the zero value before the first year of periods.
func (p Period) Previous() Period {
	if !p.Quarterly() {
		return MonthPeriod(p.FirstMonth() - 1)
	}
	return QuarterOf(p.FirstMonth() - 1)
}

// QuarterOf is the quarter of a month, given by its number as in FirstMonth; the zero value outside the years of periods.
func QuarterOf(month int) Period {
	return newPeriod(month/12, uint8(101+month%12/3))
}

// Next is the month after a month or the quarter after a quarter; the zero value after the last year of periods.
func (p Period) Next() Period {
	if !p.Quarterly() {
		return MonthPeriod(p.FirstMonth() + 1)
	}
	return QuarterOf(p.LastMonth() + 1)
}
