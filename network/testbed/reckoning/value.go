package reckoning

import (
	"fmt"
	"time"
)

// Fen is money in whole fen, a hundredth of a yuan.
type Fen int64

// String writes yuan with two decimals, such as 1240.00.
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// Month is a month of a year: 12 times the year, and the month from 0.
type Month int

// ParseMonth reads a month such as 2026-07.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return 0, fmt.Errorf("a month is written like 2026-07, not %q", s)
	}
	return Month(t.Year()*12 + int(t.Month()) - 1), nil
}

// String writes the month like 2026-07.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m/12, m%12+1) }

// part is how much of an amount the first weight of a whole of weights has, rounded half up.
func part(amount Fen, weight, whole int64) Fen {
	return Fen((2*int64(amount)*weight + whole) / (2 * whole))
}
