package faults

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/network/topology"
)

// The suite must see what it looks for.
func TestLedgerCountFindsDuplicates(t *testing.T) {
	at := slot{programmeID, county, "2026-11", 7}
	for name, test := range map[string]struct {
		first, then slotPayment
		cancelled   bool
		twice       int
	}{
		"listed, then credited":              {slotPayment{"a", 1, 100, false}, slotPayment{"a", 1, 100, true}, false, 0},
		"listed in two batches":              {slotPayment{"a", 1, 100, false}, slotPayment{"b", 1, 100, false}, false, 1},
		"listed again after a cancellation":  {slotPayment{"a", 1, 100, false}, slotPayment{"b", 1, 100, false}, true, 0},
		"paid again after a return":          {slotPayment{"a", 1, 100, false}, slotPayment{"b", 2, 100, false}, false, 0},
		"credited, then taken by another":    {slotPayment{"a", 1, 100, true}, slotPayment{"b", 1, 100, false}, false, 1},
		"credited, then a second attempt":    {slotPayment{"a", 1, 100, true}, slotPayment{"b", 2, 100, true}, false, 1},
		"credited, then with another amount": {slotPayment{"a", 1, 100, true}, slotPayment{"a", 1, 101, true}, false, 1},
	} {
		c := newLedgerCount(&topology.Organisation{})
		if test.cancelled {
			c.batches["a"] = payment.Batch{State: payment.BatchCancelled}
		}
		c.slot(at, test.first)
		c.slot(at, test.then)
		require.Equal(t, test.twice, c.twice, name)
		require.Len(t, c.faults, test.twice, name)
	}
	c := newLedgerCount(&topology.Organisation{})
	acts := []relief.HistoryEntry{{Act: relief.ActPaymentOpen}, {Act: relief.ActPaymentTally}, {Act: relief.ActPaymentTally}}
	c.batch(&payment.Batch{ID: "a", Acts: acts})
	require.Zero(t, c.twice, "a batch is tallied as often as answers come")
	c.batch(&payment.Batch{ID: "a", Acts: append(acts, relief.HistoryEntry{Act: relief.ActPaymentOpen})})
	require.Equal(t, 1, c.twice)
	c.slot(at, slotPayment{"a", 1, 100, true})
	require.Equal(t, &tally{acts: 2, listed: 1, credited: 1, sum: 100}, c.of(map[relief.BatchID]bool{"a": true})["a"])
}
