package index

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// The parts of a payment in other rows are found by numbers: a page must never scan the million leaves.
func TestNoPageLooksThroughAllLeaves(t *testing.T) {
	ix := openFile(t, newSynth(t, 3, 2))
	steps := planOf(t, ix, "SELECT "+paymentColumns+paymentFrom+"p.n BETWEEN 1 AND 2")
	require.Greater(t, len(steps), 3)
	for _, step := range steps {
		require.False(t, strings.HasPrefix(step, "SCAN"), step)
	}
}

// planOf is how SQLite answers a query.
func planOf(t *testing.T, ix *Index, query string, args ...any) (steps []string) {
	t.Helper()
	rows, err := ix.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return steps
}

// A trail looks through the periods of one roll, and finds everything else by its number.
func TestTrailsFindLinesByNumber(t *testing.T) {
	ix := openFile(t, newSynth(t, 3, 2))
	for _, query := range []string{archivedLinesQuery, currentLinesQuery} {
		for _, step := range planOf(t, ix, query, 1, 2, 3, 4) {
			require.False(t, strings.HasPrefix(step, "SCAN"), step)
		}
	}
}

// Totals look through the batches, which are few, and read each one's rows by its number: never the payments.
func TestTotalsReadNoPayments(t *testing.T) {
	ix := openFile(t, newSynth(t, 3, 2))
	for name, q := range map[string]TotalsQuery{
		"township_totals": {By: []Dimension{ByTownship, ByProgramme, ByMonth, ByState}, Region: "530181", State: "sealed"},
		"village_totals":  {Region: "530181001001", Account: must(relief.ParsePeriod("2016-01"))},
	} {
		query, args := q.query()
		require.Contains(t, query, name)
		require.NotContains(t, query, "payments p")
		steps := planOf(t, ix, query, args...)
		require.Contains(t, strings.Join(steps, "\n"), "SEARCH t USING PRIMARY KEY (batch=?")
		for _, step := range steps {
			require.False(t, strings.HasPrefix(step, "SCAN t"), step)
		}
	}
}
