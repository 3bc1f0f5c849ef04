package records

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// What three sources pay of each residence adds up to their shares of the batch, with the further payments of a period after its lines.
func TestTheBudgetIsSplitBySource(t *testing.T) {
	source := func(id relief.TrancheID, weight int) payment.BatchSource {
		return payment.BatchSource{Source: payment.Source{Tranche: id, Weight: weight}}
	}
	b := &payment.Batch{
		Sources: []payment.BatchSource{source("t1", 60), source("t2", 25), source("t3", 15)}, SegmentSums: []byte{1},
		Totals: payment.Totals{ListedSum: 200_003},
	}
	sums := func() *budgetSums {
		return &budgetSums{divider: payment.NewDivider(b), sources: 3, items: []budgetItem{}}
	}
	s := sums()
	october, november := relief.MonthPeriod(2026*12+9), relief.MonthPeriod(2026*12+10)
	s.take(october, false, budgetPayment{relief.Urban, 100_001, true})
	s.take(october, true, budgetPayment{relief.Rural, 1, true}) // a top-up: after the lines of its period
	s.take(october, false, budgetPayment{relief.Urban, 50_000, false})
	s.take(november, false, budgetPayment{relief.Rural, 50_001, true})
	items := s.end(b)
	require.Equal(t, []relief.Residence{relief.Rural, relief.Urban}, []relief.Residence{items[0].Residence, items[1].Residence})
	require.Equal(t, []relief.Fen{90001, 37500, 22500}, items[1].shares)
	require.Equal(t, []relief.Fen{60001, 25000, 15000}, items[1].creditedShares)
	var all [3]relief.Fen
	for i := range items {
		var of relief.Fen
		for n, share := range items[i].shares {
			all[n] += share
			of += share
		}
		require.Equal(t, items[i].Amount, of)
	}
	require.Equal(t, [3]relief.Fen{120002, 50001, 30000}, all)

	part := sums()
	part.take(october, false, budgetPayment{relief.Urban, 100_001, true})
	require.Nil(t, part.end(b)[0].shares, "of a part of the batch nobody knows what its sources pay")
}
