package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// Shares that the slots do not divide into are found, and balances that the shares do not add up to.
func TestWrongSharesAreFound(t *testing.T) {
	period := relief.MonthPeriod(2026*12 + 10)
	sealed := func() *payment.Batch {
		b := &payment.Batch{
			ID: "b1", Programme: "dibao", Region: "530181", Period: period, SegmentSize: 1000, Segments: []uint32{0}, State: payment.BatchSealed,
			Sources: []payment.BatchSource{{Source: payment.Source{Tranche: "t1", Weight: 2}}, {Source: payment.Source{Tranche: "t2", Weight: 1}}},
		}
		lines, err := payment.ParseLineSegment(linesOf(t, 2))
		require.NoError(t, err)
		count := payment.BatchCount{}
		require.NoError(t, count.Add(b, payment.ValueAddr{Period: b.Period}, &lines, roll.Payees{}))
		b.Sources, b.SegmentSums = count.Sources(b), count.SegmentSums()
		b.Totals = payment.Totals{Listed: 2, ListedSum: 96000, Pending: 2, PendingSum: 96000}
		return b
	}
	for name, test := range map[string]struct {
		change func(before, b *payment.Batch, e *txChanges)
		want   int
	}{
		"as they are":    {func(_, _ *payment.Batch, _ *txChanges) {}, 0},
		"another share":  {func(_, b *payment.Batch, _ *txChanges) { b.Sources[0].Share++; b.Sources[1].Share-- }, 1},
		"another sum":    {func(_, b *payment.Batch, _ *txChanges) { b.SegmentSums[0]++ }, 1},
		"other tranches": {func(_, b *payment.Batch, _ *txChanges) { b.Sources[0].Reserved--; b.Sources[0].Paid++ }, 1},
		"cancelled":      {func(_, b *payment.Batch, _ *txChanges) { b.State = payment.BatchCancelled }, 1},
		"approved": {func(before, b *payment.Batch, _ *txChanges) {
			before.State, b.State = payment.BatchSealed, payment.BatchApproved
		}, 0},
		"approved, moved": {func(before, b *payment.Batch, _ *txChanges) {
			before.State, b.State = payment.BatchSealed, payment.BatchApproved
			b.Sources[0].Share++
		}, 1},
		"returned, closed": {func(before, b *payment.Batch, e *txChanges) {
			e.Segments[relief.LinesKey("dibao", "530181", period, 0).String()] = linesIn(t, 2, 3, "b1")
			before.State, b.State = payment.BatchInstructed, payment.BatchClosed
			b.Totals = payment.Totals{Listed: 2, ListedSum: 96000, Returned: 2, ReturnedSum: 96000}
			b.Sources[0].Reserved, b.Sources[1].Reserved = 0, 0
		}, 0},
		"returned of a closed tranche": {func(before, b *payment.Batch, e *txChanges) {
			e.Segments[relief.LinesKey("dibao", "530181", period, 0).String()] = linesIn(t, 2, 3, "b1")
			e.Tranches["t1"] = &fund.Tranche{State: fund.TrancheClosed}
			before.State, b.State = payment.BatchInstructed, payment.BatchInstructed
			b.Totals = payment.Totals{Listed: 2, ListedSum: 96000, Returned: 2, ReturnedSum: 96000}
			b.Sources[0].Reserved, b.Sources[1].Reserved, b.Sources[1].InReturn = 0, 0, 32000
		}, 0},
		"no line that can be counted": {func(_, b *payment.Batch, _ *txChanges) { b.Segments = nil }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := &txChanges{State: newTestLedger(t).State}
			e.Segments[relief.LinesKey("dibao", "530181", period, 0).String()] = linesOf(t, 2)
			before, b := sealed(), sealed()
			before.State = payment.BatchOpen
			test.change(before, b, e)
			e.sources("batch b1", before, b)
			require.Len(t, e.found, test.want, "%v", e.found)
		})
	}

	e := &txChanges{State: newTestLedger(t).State}
	e.Batches["b1"] = sealed()
	e.Tranches["t2"] = &fund.Tranche{TrancheTerms: fund.TrancheTerms{ID: "t2", Amount: 100000}, Balances: fund.Balances{Issued: 100000, Reserved: 32000, Available: 68000}}
	e.balance("t2")
	require.Empty(t, e.found)
	e.Tranches["t2"].Balances = fund.Balances{Issued: 100000, Reserved: 31999, Available: 68001}
	e.balance("t2")
	require.Len(t, e.found, 1)
}
