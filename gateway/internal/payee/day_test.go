package payee_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

const today relief.Day = "2026-11-29"

func TestDays(t *testing.T) {
	settled := payee.SettlementDays("2026-11-10", today)
	for _, c := range []struct {
		what, raw string
		bounds    payee.DayBounds
		code      payee.Code // "" when accepted
	}{
		{"birth", "1931-05-02", payee.BirthDays(today), ""},
		{"birth today", "2026-11-29", payee.BirthDays(today), ""},
		{"first birth", "1900-01-01", payee.BirthDays(today), ""},
		{"birth too early", "1899-12-31", payee.BirthDays(today), payee.CodeBounds},
		{"birth tomorrow", "2026-11-30", payee.BirthDays(today), payee.CodeBounds},
		{"death", "2026-07-14", payee.DeathDays(today), ""},
		{"a birthday for a death", "1962-11-05", payee.DeathDays(today), payee.CodeBounds},
		{"the poison of a segment", "1900-01-01", payee.DeathDays(today), payee.CodeBounds},
		{"first death", "2000-01-01", payee.DeathDays(today), ""},
		{"death before the first", "1999-12-31", payee.DeathDays(today), payee.CodeBounds},
		{"death tomorrow", "2026-11-30", payee.DeathDays(today), payee.CodeBounds},
		{"settled on the day of the instruction", "2026-11-10", settled, ""},
		{"settled before the instruction", "2026-11-09", settled, payee.CodeBounds},
		{"settled in 1970", "1970-01-01", settled, payee.CodeBounds},
		{"settled in 1999", "1999-01-01", settled, payee.CodeBounds},
		{"settled tomorrow", "2026-11-30", settled, ""},
		{"settled the day after tomorrow", "2026-12-01", settled, payee.CodeBounds},
		{"settled in 2099", "2099-12-31", settled, payee.CodeBounds},
		{"settled at the end of time", "9999-12-31", settled, payee.CodeBounds},
		{"instruction not known", "2000-01-01", payee.SettlementDays("", today), ""},
		{"instruction not known, too early", "1999-12-31", payee.SettlementDays("", today), payee.CodeBounds},
		{"evidence", "2026-11-01", payee.EvidenceDays(today), ""},
		{"evidence tomorrow", "2026-11-30", payee.EvidenceDays(today), payee.CodeBounds},
		{"full-width", "２０２６－１１－１０", settled, ""},
		{"blanks", " 2026-11-10\t", settled, ""},
		{"empty", "", settled, payee.CodeMissing},
		{"no such day", "2026-02-30", settled, payee.CodeForm},
		{"other forms", "2026/11/10", settled, payee.CodeForm},
		{"without hyphens", "20261110", settled, payee.CodeForm},
		{"a spreadsheet's number", "46336", settled, payee.CodeForm},
		{"a time", "2026-11-10T00:00:00Z", settled, payee.CodeForm},
		{"year of five digits", "12026-11-10", settled, payee.CodeForm},
		{"Chinese", "2026年11月10日", settled, payee.CodeForm},
	} {
		day, err := payee.ParseDay("day", c.raw, c.bounds)
		if c.code == "" {
			require.NoError(t, err, c.what)
			if n := payee.NumberOfDay(day); n >= 0 {
				require.Equal(t, day, payee.DayOfNumber(uint32(n)), c.what)
			}
			continue
		}
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, c.what)
		require.Empty(t, day, c.what)
		require.Equal(t, c.code, refused.Code, c.what)
		require.Equal(t, "day", refused.Field, c.what)
	}
	require.Equal(t, uint32(20402), uint32(payee.NumberOfDay("2025-11-10")))
	require.ErrorContains(t, settled.Check("day", payee.DayOfNumber(relief.MaxDay)), "between 2026-11-10 and 2026-11-30")
}

func TestPeriods(t *testing.T) {
	for raw, code := range map[string]payee.Code{
		"2026-11": "", "2026-Q4": "", "2000-01": "", "2027-01": "", "2027-11": "", "2027-Q4": "", "２０２６－１１": "", " 2026-11 ": "",
		"2027-12": payee.CodeBounds, "2028-Q1": payee.CodeBounds, "2031-01": payee.CodeBounds, "2199-12": payee.CodeBounds,
		"": payee.CodeMissing, "1999-12": payee.CodeForm, "2026-13": payee.CodeForm, "2026-Q5": payee.CodeForm, "2026-1": payee.CodeForm,
		"2026/11": payee.CodeForm, "202611": payee.CodeForm, "9999-01": payee.CodeForm,
	} {
		p, err := payee.ParsePeriod("period", raw, payee.Periods(today))
		if code == "" {
			require.NoError(t, err, raw)
			back, err := relief.PeriodFromCode(p.Code())
			require.NoError(t, err)
			require.Equal(t, p, back, "the ledger packs it")
			continue
		}
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, raw)
		require.Zero(t, p, raw)
		require.Equal(t, code, refused.Code, raw)
		if code != payee.CodeMissing {
			require.Equal(t, relief.LinePeriod, refused.LineCode(), raw)
		}
	}
	require.Error(t, payee.Periods(today).Check("period", relief.Period{}))
}
