package index

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The parts of a payment in other rows are found by numbers: a page must never scan the million leaves.
func TestNoPageLooksThroughAllLeaves(t *testing.T) {
	ix := openFile(t, newSynth(t, 3, 2))
	rows, err := ix.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN SELECT "+paymentColumns+paymentFrom+"p.n BETWEEN 1 AND 2")
	require.NoError(t, err)
	defer rows.Close()
	steps := 0
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		require.False(t, strings.HasPrefix(detail, "SCAN"), detail)
		steps++
	}
	require.NoError(t, rows.Err())
	require.Greater(t, steps, 3)
}
