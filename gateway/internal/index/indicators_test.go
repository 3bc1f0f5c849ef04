package index

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/network/audit/rules"
)

// The index and the auditor's cross-check, which reads blocks and has no database, give the same indicators byte by byte: of counties, of
// the province, of months and years, as of blocks of the past and of the last one, also after the index was built again.
func TestIndicatorsAreThoseOfTheBlocks(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		l := afterRandomActs(t, 5).Gateway(fakeledger.Audit)
		ix := open(t, l)
		catchUp(t, ix)
		reports := reportsOfBlocks(t, l, ix.Height())
		values := map[indicator.Code]int{}
		for i := range reports {
			for k := range reports[i].Indicators {
				if v := &reports[i].Indicators[k]; !v.None() {
					values[v.Code]++
				}
			}
		}
		for _, code := range []indicator.Code{
			indicator.Timeliness, indicator.BudgetExecution, indicator.Unspent, indicator.PassedDown, indicator.Published, indicator.Decision,
		} {
			require.NotZero(t, values[code], "the acts give no value of %s", code)
		}
		sameAsTheBlocks(t, ix, reports)
		checked(t, ix)
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		sameAsTheBlocks(t, ix, reports)

		q := reports[len(reports)-1].Question
		beyond := ix.Height()
		_, err := ix.Indicators(t.Context(), q, &beyond)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	})
}

func sameAsTheBlocks(t *testing.T, ix *Index, reports []indicator.Report) {
	t.Helper()
	for i := range reports {
		want := &reports[i]
		has, err := ix.Indicators(t.Context(), want.Question, &want.Block)
		require.NoError(t, err)
		a, err := json.MarshalIndent(want, "", " ")
		require.NoError(t, err)
		b, err := json.MarshalIndent(has, "", " ")
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
		require.Equal(t, want.Digest(), has.Digest())
	}
}

// reportsOfBlocks answers the questions of all closed months, and of years and the province, as of several blocks.
func reportsOfBlocks(t *testing.T, l ledger.Ledger, height uint64) (reports []indicator.Report) {
	t.Helper()
	state := rules.NewState()
	enough := errors.New("enough")
	err := l.Blocks(t.Context(), 0, func(b ledger.Block) error {
		for i := range b.Transactions {
			apply(state, &b.Transactions[i])
		}
		if b.Number%211 == 210 || b.Number+1 == height {
			questions := state.ClosedMonths()
			for _, q := range state.ClosedMonths() {
				q.Region, q.Period = "53", yearOf(t, q.Period)
				questions = append(questions, q)
			}
			for _, q := range questions {
				q.Block = b.Number
				reports = append(reports, state.Indicators(q))
			}
		}
		if b.Number+1 == height {
			return enough
		}
		return nil
	})
	require.ErrorIs(t, err, enough)
	require.NotErrorIs(t, err, context.Canceled)
	require.NotEmpty(t, reports)
	return reports
}

func yearOf(t *testing.T, s indicator.Span) indicator.Span {
	t.Helper()
	year, err := indicator.ParseSpan(s.String()[:4])
	require.NoError(t, err)
	return year
}

func apply(state *rules.State, tx *ledger.Transaction) {
	if by, records := recordsOf(tx); len(records) > 0 {
		state.Apply(by, records)
	}
}

// recordsOf are what a valid transaction wrote, as the auditor's rules take it in.
func recordsOf(tx *ledger.Transaction) (*rules.Tx, []rules.Record) {
	var records []rules.Record
	for i := range tx.Writes {
		w := &tx.Writes[i]
		if k, ok := relief.ParseKey(w.Key); ok && tx.Valid {
			records = append(records, rules.Record{Key: k, Name: w.Key, Value: w.Value})
		}
	}
	by := rules.By(tx.ID, tx.Creator.MSPID, tx.Creator.Name, "")
	by.Block, by.At = tx.Block, tx.Time
	return by, records
}

// BenchmarkIndicators answers for a county and for a province of 100 counties, each with 26,600 households whose cases and re-checks were
// decided over a year, and twelve closed months.
func BenchmarkIndicators(b *testing.B) {
	network := ledgertest.New(b)
	ix, err := Open(b.Context(), b.TempDir()+"/index.db", network.Gateway(fakeledger.Audit), slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	defer ix.Close()
	catchUp(b, ix)
	conn, err := ix.db.Conn(b.Context())
	require.NoError(b, err)
	defer conn.Close()
	const counties, cases = 100, 26_600
	require.NoError(b, ix.db.Write(b.Context(), conn, func() error {
		for county := range counties {
			region := 530100 + county
			for _, code := range []indicator.Code{
				indicator.Timeliness, indicator.TimelinessAmount, indicator.SocialPayment, indicator.AccuracyKnown, indicator.LevelPerson, indicator.LevelHousehold,
			} {
				_, err := conn.ExecContext(b.Context(), "WITH RECURSIVE m(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM m WHERE x < 11) "+
					"INSERT INTO indicator_facts SELECT $1 + x, $2, 1, $3, 0, $2, 'dibao', $4, 24312 + x, 24312 + x, 0, 90, 101 FROM m",
					-1_000_000-county*100, string(code), holding, strconv.Itoa(region))
				if err != nil {
					return err
				}
			}
			_, err := conn.ExecContext(b.Context(), "WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < $1) "+
				"INSERT INTO indicator_facts SELECT $2 + x, 'recheck', 1, $3, 1, 'recheck', 'dibao', $4 || printf('%06d', x % 150), 24312 + x % 12, 24312 + x % 12, 20500 + x % 365, x % 2, 1 FROM c",
				cases-1, 1_000_000+county*cases, holding, strconv.Itoa(region))
			if err != nil {
				return err
			}
		}
		return nil
	}))
	for _, c := range []struct{ name, region, period string }{
		{"county, month", "530181", "2026-11"}, {"county, year", "530181", "2026"}, {"province, month", "53", "2026-11"}, {"province, year", "53", "2026"},
	} {
		b.Run(c.name, func(b *testing.B) {
			span, err := indicator.ParseSpan(c.period)
			require.NoError(b, err)
			for b.Loop() {
				_, err := ix.Indicators(b.Context(), indicator.Question{Programme: "dibao", Region: relief.Region(c.region), Period: span}, nil)
				require.NoError(b, err)
			}
		})
	}
}

// afterRandomActs is a network on whose ledger random officials have acted, by a seed.
func afterRandomActs(t *testing.T, seed uint64) *ledgertest.Network {
	t.Helper()
	total, err := randomacts.Count(900)
	require.NoError(t, err)
	network := ledgertest.New(t)
	acts, err := fakeledger.RandomActsOn(network.Ledger, seed)
	require.NoError(t, err)
	for range total {
		require.NoError(t, acts.Step())
	}
	return network
}
