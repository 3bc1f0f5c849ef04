package programme

import (
	"time"

	"relieftrail/chaincode/relief"
)

// Period is the period of the cycle that a month lies in: the period of a payment. Roll entries have months, whatever the cycle.
func (c PayCycle) Period(month int) relief.Period {
	if c == CycleQuarterly {
		return relief.QuarterOf(month)
	}
	return relief.MonthPeriod(month)
}

// Periods lists the periods of the cycle that have a month from first to last.
func (c PayCycle) Periods(first, last relief.Period) []relief.Period {
	if first.IsZero() || last.IsZero() {
		return nil
	}
	return relief.PeriodsBetween(c.Period(first.FirstMonth()), last)
}

// PeriodsUntil lists the periods of the cycle that have a month from first to a year after a time: those for which there can be
// payments.
func (c PayCycle) PeriodsUntil(first relief.Period, at time.Time) []relief.Period {
	return c.Periods(first, relief.MonthPeriod(at.Year()*12+int(at.Month())-1+12))
}
