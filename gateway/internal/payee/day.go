package payee

import (
	"fmt"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// Bounds of days. A day outside is refused and never moved to the bound.
const (
	// FirstBirth is the first day that relief.Day has. No living person was born earlier.
	FirstBirth relief.Day = "1900-01-01"
	// FirstOnRecord is the first day of the first period that a roll can hold (relief.Period begins with 2000), so
	// nobody can have left a roll, been visited or been paid earlier. The ledger packs a settlement's day as days
	// since 1970-01-01, unsigned, up to relief.MaxDay; days from here on fit.
	FirstOnRecord relief.Day = "2000-01-01"
	// SettlementDaysAhead is how far ahead of today the bank's day may lie: banks date what they book in the
	// evening with the next day.
	SettlementDaysAhead = 1
)

// DayBounds are the days that a use accepts, both included.
type DayBounds struct {
	First, Last relief.Day
	value       value
}

func dayBounds(first, last relief.Day, zh, en string) DayBounds {
	return DayBounds{first, last, value{zh, en, relief.LineDate}}
}

// BirthDays are the days on which a person can have been born.
func BirthDays(today relief.Day) DayBounds {
	return dayBounds(FirstBirth, today, "出生日期", "the day of birth")
}

// BornOn is the day of birth that an identity number has (GB 11643-1999).
func BornOn(id relief.IDNumber) relief.Day {
	return relief.Day(id[6:10] + "-" + id[10:12] + "-" + id[12:14])
}

// DeathDays are the days on which a person on a roll can have died. The chaincode holds the day against the entry, too.
func DeathDays(today relief.Day) DayBounds {
	return dayBounds(FirstOnRecord, today, "死亡日期", "the day of death")
}

// EvidenceDays are the days on which evidence can have been taken.
func EvidenceDays(today relief.Day) DayBounds {
	return dayBounds(FirstOnRecord, today, "取证日期", "the day of the evidence")
}

// SettlementDays are the days on which the bank can have credited or returned a payment: from the day on which it was
// instructed, the empty Day when that is not known. For a return, instructed is the day of the credit if there was one.
func SettlementDays(instructed, today relief.Day) DayBounds {
	return dayBounds(max(FirstOnRecord, instructed), today.Add(SettlementDaysAhead), "结算日期", "the bank's day")
}

// ParseDay reads a day, written 2026-11-10, and checks it against the bounds. Its error is an *Error.
func ParseDay(field, raw string, b DayBounds) (relief.Day, error) {
	s := strings.Trim(raw, blank)
	if s == "" {
		return "", b.value.missing(field)
	}
	t, err := time.Parse(time.DateOnly, foldText(s))
	if err != nil {
		return "", b.value.refuse(field, CodeForm, "须写作 2026-11-10，且为存在的日期", "must be written 2026-11-10 and exist")
	}
	day := relief.Day(t.Format(time.DateOnly))
	if err := b.Check(field, day); err != nil {
		return "", err
	}
	return day, nil
}

// Check checks a day that is known as one: from a message whose dates are parsed already, for instance.
func (b DayBounds) Check(field string, day relief.Day) error {
	if day >= b.First && day <= b.Last { // four-digit years: the order of texts is that of days
		return nil
	}
	return b.value.refuse(field, CodeBounds, fmt.Sprintf("须在 %s 至 %s 之间", b.First, b.Last),
		fmt.Sprintf("must lie between %s and %s", b.First, b.Last))
}

// NumberOfDay counts a day from FirstBirth on in days since 1970-01-01, as the ledger packs it; negative before.
func NumberOfDay(day relief.Day) int64 {
	t, _ := time.Parse(time.DateOnly, string(day)) // a Day was parsed
	return t.Unix() / 86400
}

// DayOfNumber reverses NumberOfDay. The number is at most relief.MaxDay.
func DayOfNumber(n uint32) relief.Day {
	return relief.Day(relief.DayTime(n).Format(time.DateOnly))
}

// PeriodMonthsAhead is how far ahead of this month a period may begin. Lists are made before the month, and the next
// fiscal year's money is issued before the year.
const PeriodMonthsAhead = 12

// PeriodBounds are the periods that are accepted: from the first that the ledger's 16 bits hold, 2000-01, to the last.
type PeriodBounds struct {
	Last  relief.Period // a month; a quarter may begin in it
	value value
}

// Periods are the periods that a payment, a batch or an entry of a roll can have.
func Periods(today relief.Day) PeriodBounds {
	last := relief.MonthPeriod(today.Month() + PeriodMonthsAhead)
	return PeriodBounds{last, value{"发放期", "the period", relief.LinePeriod}}
}

// ParsePeriod reads a period, written 2026-11 or 2026-Q4, and checks it against the bounds. Its error is an *Error.
func ParsePeriod(field, raw string, b PeriodBounds) (relief.Period, error) {
	s := strings.Trim(raw, blank)
	if s == "" {
		return relief.Period{}, b.value.missing(field)
	}
	p, err := relief.ParsePeriod(foldText(s))
	if err != nil {
		return relief.Period{}, b.value.refuse(field, CodeForm, "须写作 2026-11 或 2026-Q4，2000年起",
			"must be written 2026-11 or 2026-Q4, from 2000 on")
	}
	if err := b.Check(field, p); err != nil {
		return relief.Period{}, err
	}
	return p, nil
}

// Check checks a period that is known as one.
func (b PeriodBounds) Check(field string, p relief.Period) error {
	if !p.IsZero() && p.FirstMonth() <= b.Last.FirstMonth() {
		return nil
	}
	return b.value.refuse(field, CodeBounds, fmt.Sprintf("不得晚于 %s", b.Last),
		fmt.Sprintf("must not begin after %s", b.Last))
}
