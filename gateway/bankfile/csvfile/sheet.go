package csvfile

import (
	"math"
	"regexp"
	"strconv"
	"time"
)

// DateSystem is from which day a workbook counts days.
type DateSystem bool

// The systems (ECMA-376, 18.17.4.1). Workbooks of old Macintoshes count from 1904.
const (
	From1900 DateSystem = false
	From1904 DateSystem = true
)

// number is a cell that holds a number.
var number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$`)

func numberOf(cell string) (float64, bool) {
	if !number.MatchString(cell) {
		return 0, false
	}
	n, err := strconv.ParseFloat(cell, 64)
	return n, err == nil
}

// SheetAmount is an amount with two decimals, which a sheet keeps as a number without its zeros. Other cells are as they are.
func SheetAmount(cell string) string {
	if n, ok := numberOf(cell); ok {
		if fen := math.Round(n * 100); fen < 1<<53 && math.Abs(n*100-fen) < 1e-4 {
			return strconv.FormatFloat(fen/100, 'f', 2, 64)
		}
	}
	return cell
}

// firstDay and lastDay are 2000-01-01 and 2199-12-31 as a sheet counts days from 1900.
const (
	firstDay = 36526
	lastDay  = 109574
)

// SheetDay is a day in a layout of package time, which a sheet keeps as a number of days. Other cells are as they are.
func SheetDay(cell, layout string, system DateSystem) string {
	n, ok := numberOf(cell)
	if system == From1904 {
		n += 1462
	}
	if !ok || n < firstDay || n >= lastDay+1 {
		return cell
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(layout) // for days after February 1900
}
