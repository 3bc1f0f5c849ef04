package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/topology"
)

// The suite must see what it looks for.
func TestBooksSeeWhatIsThereTwice(t *testing.T) {
	at := slot{programme, county, "2026-11", 7}
	for name, c := range map[string]struct {
		first, then entry
		cancelled   bool
		twice       int
	}{
		"listed, then credited":              {entry{"a", 1, 100, false}, entry{"a", 1, 100, true}, false, 0},
		"listed in two batches":              {entry{"a", 1, 100, false}, entry{"b", 1, 100, false}, false, 1},
		"listed again after a cancellation":  {entry{"a", 1, 100, false}, entry{"b", 1, 100, false}, true, 0},
		"paid again after a return":          {entry{"a", 1, 100, false}, entry{"b", 2, 100, false}, false, 0},
		"credited, then taken by another":    {entry{"a", 1, 100, true}, entry{"b", 1, 100, false}, false, 1},
		"credited, then a second attempt":    {entry{"a", 1, 100, true}, entry{"b", 2, 100, true}, false, 1},
		"credited, then with another amount": {entry{"a", 1, 100, true}, entry{"a", 1, 101, true}, false, 1},
	} {
		b := newBooks(&topology.Organisation{})
		if c.cancelled {
			b.batches["a"] = relief.Batch{State: relief.BatchCancelled}
		}
		b.slot(at, c.first)
		b.slot(at, c.then)
		require.Equal(t, c.twice, b.twice, name)
		require.Len(t, b.faults, c.twice, name)
	}
	b := newBooks(&topology.Organisation{})
	acts := []relief.Acted{{Act: relief.ActPaymentOpen}, {Act: relief.ActPaymentTally}, {Act: relief.ActPaymentTally}}
	b.batch(&relief.Batch{ID: "a", Acts: acts})
	require.Zero(t, b.twice, "a batch is tallied as often as answers come")
	b.batch(&relief.Batch{ID: "a", Acts: append(acts, relief.Acted{Act: relief.ActPaymentOpen})})
	require.Equal(t, 1, b.twice)
	b.slot(at, entry{"a", 1, 100, true})
	require.Equal(t, &tally{acts: 2, listed: 1, credited: 1, sum: 100}, b.of(map[relief.BatchID]bool{"a": true})["a"])
}
