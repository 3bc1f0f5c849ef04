package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// viewsAreTheRecords holds what the views say against the records, and each question of the dashboard against the views.
func viewsAreTheRecords(t *testing.T, ix *Index) {
	t.Helper()
	months, lists := map[string]bool{}, map[string]bool{}
	eachRecord(t, ix, relief.KindMonth, func(m *oversight.Month) {
		months[row(m.Programme, m.County, m.Period, m.Version, m.PayBy, m.Due, m.OnTime, m.Late5, m.Unpaid, int64(m.Sum), m.Households)] = true
		lists[row(m.Programme, m.County, m.Period, "", "", "not proposed")] = true
	})
	require.NotEmpty(t, months)
	require.Equal(t, sorted(months), rowsOf(t, ix, "SELECT programme, county, period, version, pay_by, due, on_time, late_5, unpaid, rows_fen, households FROM chart_months"))

	eachRecord(t, ix, relief.KindPublication, func(p *oversight.Publication) {
		delete(lists, row(p.Programme, p.County, p.Period, "", "", "not proposed"))
		state := "not due"
		switch {
		case p.First > p.Due:
			state = "late"
		case p.First != "":
			state = "in time"
		case p.Due < "2026-11-30": // the acts are of earlier years or later ones
			state = "missing"
		}
		lists[row(p.Programme, p.County, p.Period, p.Due, p.First, state)] = true
	})
	require.Equal(t, sorted(lists), rowsOf(t, ix, "SELECT programme, county, period, due, first_shown, list FROM chart_lists"))

	money := map[string]bool{}
	eachRecord(t, ix, relief.KindTranche, func(f *fund.Tranche) {
		b := &f.Balances
		money[row(f.ID, f.Region, f.FiscalYear, f.State, int64(b.Issued+b.ToppedUp), int64(b.Reserved), int64(b.Paid), int64(b.InReturn), int64(b.Refunded), int64(b.Available))] = true
	})
	require.NotEmpty(t, money)
	require.Equal(t, sorted(money), rowsOf(t, ix, "SELECT tranche, region, fiscal_year, state, issued_fen, reserved_fen, paid_fen, in_return_fen, refunded_fen, available_fen FROM chart_money"))

	cases := map[string]int{}
	eachRecord(t, ix, relief.KindCase, func(c *casework.Case) { cases[row(c.Programme, c.Region, c.State)]++ })
	require.NotEmpty(t, cases)
	counted := map[string]bool{}
	for name, n := range cases {
		counted[row(name, n)] = true
	}
	require.Equal(t, sorted(counted), rowsOf(t, ix, "SELECT programme, region, state, cases FROM chart_cases"))

	progress := map[string]bool{}
	require.NoError(t, ix.view(t.Context(), func(r *reader) error {
		return r.each("SELECT CASE p.state WHEN 1 THEN b.state WHEN 2 THEN 'credited' WHEN 3 THEN 'returned' ELSE 'reversed' END, count(*), sum(p.amount) "+
			"FROM payments p JOIN batches b ON b.n = p.batch WHERE b.state <> 'cancelled' GROUP BY 1", func(rows *sql.Rows) error {
			var state string
			var n, fen int64
			err := rows.Scan(&state, &n, &fen)
			progress[row(state, n, fen)] = true
			return err
		})
	}))
	require.NotEmpty(t, progress)
	require.Equal(t, sorted(progress), rowsOf(t, ix, "SELECT stands, CAST(sum(payments) AS BIGINT), CAST(sum(fen) AS BIGINT) FROM chart_progress GROUP BY stands"))

	returned := rowsOf(t, ix, "SELECT reason, CAST(sum(returned) AS BIGINT) FROM chart_returns GROUP BY reason")
	require.Equal(t, rowsOf(t, ix, "SELECT reason, count(*) FROM returns WHERE state = 3 GROUP BY reason"), returned)
	require.Equal(t, rowsOf(t, ix, "SELECT programme, county, period, rows_fen FROM chart_months WHERE rows_listed > 0"),
		rowsOf(t, ix, "SELECT programme, county, period, CAST(sum(fen) AS BIGINT) FROM chart_townships GROUP BY programme, county, period"))
	require.Equal(t, rowsOf(t, ix, "SELECT count(*) FROM cases WHERE recheck <> ''"), rowsOf(t, ix, "SELECT CAST(coalesce(sum(cases), 0) AS BIGINT) FROM chart_rechecks"))
	dashboardAnswers(t, ix)
}

// dashboard is what the test reads of the file for Grafana.
type dashboard struct {
	Templating struct {
		List []struct{ Name, Query string }
	}
	Panels []struct {
		Title   string
		Targets []struct{ RawSQL string }
	}
}

func readDashboard(tb testing.TB) (d dashboard) {
	tb.Helper()
	content, err := os.ReadFile("../../../docs/grafana-dashboard.json")
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(content, &d))
	return d
}

// dashboardAnswers asks each question of the dashboard, its variables too, of each value that the variables have.
func dashboardAnswers(t *testing.T, ix *Index) {
	t.Helper()
	d := readDashboard(t)
	settings := [][]string{nil}
	for _, v := range d.Templating.List {
		var next [][]string
		for _, value := range rowsOf(t, ix, v.Query) {
			for _, s := range settings {
				next = append(next, append(slices.Clone(s), "$"+v.Name, value))
			}
		}
		require.NotEmpty(t, next, v.Name)
		settings = next
	}
	require.Len(t, d.Panels, 9)
	for _, p := range d.Panels {
		require.Len(t, p.Targets, 1, p.Title)
		rows, query := 0, ""
		for _, s := range settings {
			query = strings.NewReplacer(s...).Replace(p.Targets[0].RawSQL)
			require.NotContains(t, query, "$", p.Title)
			rows += len(rowsOf(t, ix, query))
		}
		// These acts have no returns and leave no case in force: TestMonthOnTheContracts and TestCaseLists have some.
		if !strings.Contains(query, "chart_returns") && !strings.Contains(query, "chart_rechecks") {
			require.Positive(t, rows, p.Title)
		}
	}
}

// The page for analysts has every view with all its columns, in their order.
func TestViewsPage(t *testing.T) {
	content, err := os.ReadFile("../../../docs/analysts.md")
	require.NoError(t, err)
	ix := openFile(t, ledgertest.New(t).Gateway(fakeledger.Audit))
	explained := regexp.MustCompile(` \([^)]*\)`)
	var pages []string
	for _, line := range strings.Split(string(content), "\n") {
		cells := strings.Split(line, " | ")
		if name, ok := strings.CutPrefix(cells[0], "| `chart_"); ok {
			pages = append(pages, "chart_"+strings.TrimSuffix(name, "`"))
			rows, err := ix.db.QueryContext(t.Context(), "SELECT * FROM "+pages[len(pages)-1])
			require.NoError(t, err)
			columns, err := rows.Columns()
			require.NoError(t, errors.Join(err, rows.Err(), rows.Close()))
			require.Equal(t, strings.Join(columns, ", "), explained.ReplaceAllString(strings.TrimSuffix(cells[2], " |"), ""))
		}
	}
	require.Equal(t, sqldb.ViewNames(viewsText), pages)
}

// Analysts, where the server has their role, read the views and nothing else.
func TestAnalystsReadTheViewsAlone(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, ledgertest.New(t).Gateway(fakeledger.Audit))
		if ix.db.Name() != "postgres" {
			return
		}
		_, err := ix.db.ExecContext(t.Context(), "CREATE ROLE "+sqldb.Analysts)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := ix.db.ExecContext(context.WithoutCancel(t.Context()), "DROP OWNED BY "+sqldb.Analysts+"; DROP ROLE "+sqldb.Analysts)
			require.NoError(t, err)
		})
		require.NoError(t, ix.reset(t.Context()))
		c, err := ix.db.Conn(t.Context())
		require.NoError(t, err)
		defer c.Close()
		_, err = c.ExecContext(t.Context(), "SET ROLE "+sqldb.Analysts)
		require.NoError(t, err)
		for _, view := range sqldb.ViewNames(viewsText) {
			_, err = c.ExecContext(t.Context(), "SELECT * FROM "+view)
			require.NoError(t, err, view)
		}
		for _, table := range tables {
			_, err = c.ExecContext(t.Context(), "SELECT * FROM "+table)
			require.ErrorContains(t, err, "permission denied", table)
		}
		_, err = c.ExecContext(t.Context(), "RESET ROLE")
		require.NoError(t, err)
	})
}

// caseViews are the rows of the views of cases, worked out from the cases.
func caseViews(all []casework.Case) (states, rechecks []string) {
	today := relief.DefaultCalendar.Day(time.Now())
	counts, overdue, due := map[string]int{}, map[string]int{}, map[string]int{}
	for i := range all {
		c := &all[i]
		name := row(c.Programme, c.Region, c.State)
		counts[name]++
		if c.Due != "" && c.Due < today {
			overdue[name]++
		}
		switch {
		case c.RecheckOn == "":
		case c.RecheckOn < today:
			due[row(c.Programme, c.Region, "overdue")]++
		default:
			due[row(c.Programme, c.Region, c.RecheckOn[:7])]++
		}
	}
	for name, n := range counts {
		states = append(states, row(name, n, overdue[name]))
	}
	for name, n := range due {
		rechecks = append(rechecks, row(name, n))
	}
	slices.Sort(states)
	slices.Sort(rechecks)
	return states, rechecks
}

// eachRecord gives every record of a kind.
func eachRecord[T any](t *testing.T, ix *Index, kind string, visit func(*T)) {
	t.Helper()
	for cursor := ""; ; {
		page, err := ix.Records(t.Context(), kind, cursor, MaxPage, nil)
		require.NoError(t, err)
		for _, document := range page.Items {
			var record T
			require.NoError(t, json.Unmarshal(document, &record))
			visit(&record)
		}
		if cursor = page.Next; cursor == "" {
			return
		}
	}
}

// row is a row as text.
func row(values ...any) string {
	texts := make([]string, len(values))
	for i := range values {
		texts[i] = fmt.Sprint(values[i])
	}
	return strings.Join(texts, "|")
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// rowsOf are the rows of a query as an analyst asks it, each as text, in the order of the texts.
func rowsOf(tb testing.TB, ix *Index, query string) (out []string) {
	tb.Helper()
	require.NoError(tb, sqldb.Each(tb.Context(), ix.db, query, func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		texts := make([]any, len(values))
		for i := range values {
			texts[i] = values[i].String
		}
		out = append(out, row(texts...))
		return nil
	}))
	slices.Sort(out)
	return out
}
