package index

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/chart"
)

// BenchmarkReads reads from an index of people who were paid for ten years (RELIEFTRAIL_BENCH_PEOPLE=84000 gives ten million payments),
// in SQLite and in PostgreSQL. RELIEFTRAIL_BENCH_FOLDER keeps the file for the next run.
func BenchmarkReads(b *testing.B) {
	people := benchPeople(b)
	folder := os.Getenv("RELIEFTRAIL_BENCH_FOLDER")
	if folder == "" {
		folder = b.TempDir()
	}
	b.Run("sqlite", func(b *testing.B) {
		benchReads(b, filepath.Join(folder, fmt.Sprintf("reads-%d-%s.db", people, schemaVersion)), people)
	})
	b.Run("postgres", func(b *testing.B) {
		if server.missing != "" {
			b.Skip(server.missing)
		}
		benchReads(b, server.address, people)
	})
}

// benchReads fills an index unless it is full, month by month: a gateway does not have the ledger in memory either.
func benchReads(b *testing.B, dsn string, people int) {
	b.Helper()
	s, rolls := startSynth(b, people, func(n int) string { return fmt.Sprintf("530181%03d%03d", 100+n%15, 200+n%14) }) // 210 villages
	ix, err := Open(b.Context(), dsn, s, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	defer func() { require.NoError(b, ix.Close()) }()
	if ix.Height() == 0 {
		catchUp(b, ix)
		for m := range benchMonths {
			s.month(b, relief.MonthPeriod(2016*12+m), rolls, people)
			s.closeMonth(b, relief.MonthPeriod(2016*12+m), people)
			catchUp(b, ix)
			for i := range s.blocks {
				s.blocks[i].Transactions = nil
			}
		}
		if ix.db.Name() == "postgres" { // as autovacuum does, in its own time
			_, err := ix.db.ExecContext(b.Context(), "VACUUM ANALYZE")
			require.NoError(b, err)
		}
	}
	b.Run("trail", func(b *testing.B) {
		measured(b, func(ctx context.Context, n int) {
			steps, err := ix.SubjectTrail(ctx, synthRef(uint32(n*7919%people)), "")
			require.NoError(b, err)
			require.Len(b, steps, 2*benchMonths+1)
		})
	})
	b.Run("totals", func(b *testing.B) {
		measured(b, func(ctx context.Context, n int) {
			q := benchTotals[n%len(benchTotals)](relief.MonthPeriod(2016*12 + n*7%benchMonths))
			totals, err := ix.Totals(ctx, q)
			require.NoError(b, err)
			require.NotEmpty(b, totals.Items)
		})
	})
	benchCharts(b, ix)
	for i := range chart.All {
		b.Run("of officials "+string(chart.All[i].Code), func(b *testing.B) {
			measured(b, func(ctx context.Context, n int) {
				_, err := ix.Chart(ctx, chart.All[i].Code, ChartQuery{
					Programme: "dibao", Region: "530181", Span: benchSpan(b, n), Today: "2026-01-15",
				})
				require.NoError(b, err)
			})
		})
	}
}

// benchSpan is one of the months that were paid.
func benchSpan(b *testing.B, n int) indicator.Span {
	b.Helper()
	span, err := indicator.ParseSpan(relief.MonthPeriod(2016*12 + n*7%benchMonths).String())
	require.NoError(b, err)
	return span
}

var chartOf = regexp.MustCompile(`chart_\w+`)

// benchCharts asks each question of the dashboard, of a county all of whose months are closed. There are no tranches and cases.
func benchCharts(b *testing.B, ix *Index) {
	for _, p := range readDashboard(b).Panels {
		query := strings.NewReplacer("$programme", "dibao", "$county", "530181", "$year", "2020").Replace(p.Targets[0].RawSQL)
		view := chartOf.FindString(query)
		b.Run(view, func(b *testing.B) {
			measured(b, func(context.Context, int) {
				if rows := rowsOf(b, ix, query); view != "chart_money" && view != "chart_cases" && view != "chart_rechecks" {
					require.NotEmpty(b, rows)
				}
			})
		})
	}
}

// benchTotals are questions of totals, those of all payments and all groups too.
var benchTotals = []func(month relief.Period) TotalsQuery{
	func(relief.Period) TotalsQuery {
		return TotalsQuery{By: []Dimension{ByTownship, ByProgramme, ByMonth, ByState}}
	},
	func(relief.Period) TotalsQuery { return TotalsQuery{} },
	func(relief.Period) TotalsQuery { return TotalsQuery{By: []Dimension{ByMonth, ByKind}} },
	func(month relief.Period) TotalsQuery {
		return TotalsQuery{By: []Dimension{ByVillage, ByState}, Account: month}
	},
	func(month relief.Period) TotalsQuery {
		return TotalsQuery{By: []Dimension{ByVillage, ByMonth, ByState}, Region: "530181103", Programme: "dibao", State: "credited"}
	},
	func(month relief.Period) TotalsQuery {
		return TotalsQuery{By: []Dimension{ByCounty, ByAccountingPeriod}, Accounts: PeriodRange{From: month}}
	},
}

// measured does something again and again, and reports how long it takes.
func measured(b *testing.B, do func(ctx context.Context, n int)) {
	b.Helper()
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		began := time.Now()
		do(b.Context(), n)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[0].Microseconds())/1000, "min-ms")
}

// BenchmarkRollFilters reads pages of a roll by filters (RELIEFTRAIL_BENCH_PEOPLE=1000000 gives a million entries). Nobody matches some
// of them, so the whole roll is looked through.
func BenchmarkRollFilters(b *testing.B) {
	people := benchPeople(b)
	for name, dsn := range map[string]string{"sqlite": filepath.Join(b.TempDir(), "roll.db"), "postgres": server.address} {
		b.Run(name, func(b *testing.B) {
			if dsn == "" {
				b.Skip(server.missing)
			}
			s, _ := startSynth(b, people, func(n int) string { return fmt.Sprintf("530181%03d%03d", 100+n%15, 200+n%14) })
			ix, err := Open(b.Context(), dsn, s, slog.New(slog.DiscardHandler))
			require.NoError(b, err)
			defer func() { require.NoError(b, ix.Close()) }()
			catchUp(b, ix)
			for filter, q := range map[string]RollQuery{
				"all":      {},
				"class":    {Class: "A"},
				"state":    {State: roll.Exited},
				"reason":   {EntryFilter: EntryFilter{Reason: roll.ExitDeath}},
				"ended":    {EntryFilter: EntryFilter{EndedFrom: relief.MonthPeriod(2016 * 12)}},
				"died":     {EntryFilter: EntryFilter{Died: DayRange{From: "2016-01-01"}}},
				"township": {Region: "530181103", Class: "B"},
			} {
				q.Programme, q.County = "dibao", "530181"
				b.Run(filter, func(b *testing.B) {
					measured(b, func(ctx context.Context, _ int) {
						_, err := ix.RollEntries(ctx, q, "", 1000)
						require.NoError(b, err)
					})
				})
			}
		})
	}
}
