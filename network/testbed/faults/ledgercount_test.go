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
	for name, c := range map[string]struct {
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
		b := newLedgerCount(&topology.Node{})
		if c.cancelled {
			b.batches["a"] = payment.Batch{State: payment.BatchCancelled}
		}
		b.slot(at, c.first)
		b.slot(at, c.then)
		require.Equal(t, c.twice, b.twice, name)
		require.Len(t, b.faults, c.twice, name)
	}
	b := newLedgerCount(&topology.Node{})
	acts := []relief.HistoryEntry{{Act: relief.ActPaymentOpen}, {Act: relief.ActPaymentTally}, {Act: relief.ActPaymentTally}}
	b.batch(&payment.Batch{ID: "a", Acts: acts})
	require.Zero(t, b.twice, "a batch is tallied as often as answers come")
	b.batch(&payment.Batch{ID: "a", Acts: append(acts, relief.HistoryEntry{Act: relief.ActPaymentOpen})})
	require.Equal(t, 1, b.twice)
	again := []relief.HistoryEntry{{Act: relief.ActPaymentSeal}, {Act: relief.ActPaymentSendBack}, {Act: relief.ActPaymentSeal}}
	b.batch(&payment.Batch{ID: "c", Acts: again})
	require.Equal(t, 1, b.twice, "sealed once more after it was sent back")
	b.batch(&payment.Batch{ID: "c", Acts: append(again, relief.HistoryEntry{Act: relief.ActPaymentSeal})})
	require.Equal(t, 2, b.twice)
	b.slot(at, slotPayment{"a", 1, 100, true})
	require.Equal(t, &tally{acts: 2, listed: 1, credited: 1, sum: 100}, b.of(map[relief.BatchID]bool{"a": true})["a"])
}
