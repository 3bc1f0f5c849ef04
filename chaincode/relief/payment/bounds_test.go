package payment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

func TestWhatABatchMayBeOpenedFor(t *testing.T) {
	invalid := func(period relief.Period, year int, purpose Purpose, today relief.Day) error {
		b := Batch{Period: period, Purpose: purpose, Control: Control{1, 1}}
		tranche := fund.Tranche{TrancheTerms: fund.TrancheTerms{ID: "t1", FiscalYear: year}, Balances: fund.Balances{Available: 1}}
		return b.CheckOpening([]fund.Tranche{tranche}, today)
	}
	for _, c := range []struct {
		period  string
		year    int
		purpose Purpose
		today   relief.Day
		field   string
	}{
		{"2026-11", 2026, PurposeRegular, "2026-11-29", ""},
		{"2026-01", 2026, PurposeRegular, "2026-11-29", ""},
		{"2026-12", 2026, PurposeRegular, "2026-11-01", ""},
		{"2026-12", 2026, PurposeRegular, "2026-10-31", "period"},
		{"2027-01", 2027, PurposeRegular, "2026-12-01", ""},
		{"2031-01", 2031, PurposeRegular, "2026-12-29", "period"},
		{"2026-12", 2027, PurposeRegular, "2026-12-29", "tranche"},
		{"2026-12", 2027, PurposeRegular, "2027-01-29", "tranche"},
		{"2027-01", 2026, PurposeRegular, "2026-12-29", "tranche"},
		{"2026-12", 2027, PurposePayAgain, "2027-01-29", ""},
		{"2026-12", 2026, PurposePayAgain, "2027-01-29", ""},
		{"2026-12", 2028, PurposePayAgain, "2027-01-29", "tranche"},
		{"2026-Q4", 2026, PurposeRegular, "2026-07-01", ""},
		{"2027-Q1", 2027, PurposeRegular, "2026-09-30", "period"},
		{"2027-Q1", 2027, PurposeRegular, "2026-10-01", ""},
	} {
		err := invalid(period(t, c.period), c.year, c.purpose, c.today)
		if c.field == "" {
			require.NoError(t, err, "%+v", c)
			continue
		}
		var refusal *relief.Error
		require.ErrorAs(t, err, &refusal, "%+v", c)
		require.Equal(t, c.field, refusal.Field, "%+v", c)
		require.Contains(t, refusal.Detail, c.period)
	}
}

func TestMoneyIsCheckedWhenABatchIsOpened(t *testing.T) {
	tranches := []fund.Tranche{
		{TrancheTerms: fund.TrancheTerms{ID: "t1", FiscalYear: 2026}, Balances: fund.Balances{Available: 60}},
		{TrancheTerms: fund.TrancheTerms{ID: "t2", FiscalYear: 2026}, Balances: fund.Balances{Available: 40}},
	}
	funds := &relief.Error{Code: relief.CodeFunds}
	check := func(sum relief.Fen, sources ...BatchSource) error {
		b := Batch{Period: period(t, "2026-11"), Control: Control{1, sum}, Sources: sources}
		return b.CheckOpening(tranches[:max(1, len(sources))], "2026-11-29")
	}
	require.NoError(t, check(60))
	require.ErrorIs(t, check(61), funds)
	weighted := []BatchSource{{Source: Source{Tranche: "t1", Weight: 60}}, {Source: Source{Tranche: "t2", Weight: 40}}}
	require.NoError(t, check(100, weighted...))
	require.ErrorIs(t, check(102, weighted...), funds)
	ordered := []BatchSource{{Source: Source{Tranche: "t1", Cap: 61}}, {Source: Source{Tranche: "t2"}}}
	require.NoError(t, check(60, ordered...))
	require.ErrorContains(t, check(61, ordered...), "tranche t1 has 0.60, less than 0.61")
	ordered[0].Cap = 60
	require.ErrorContains(t, check(101, ordered...), "tranche t2 has 0.40, less than 0.41")
	tranches[1].FiscalYear = 2027
	require.ErrorContains(t, check(100, weighted...), "INVALID[sources]")
}
