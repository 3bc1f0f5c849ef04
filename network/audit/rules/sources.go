package rules

import (
	"bytes"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// sameSources reports whether a batch draws on the same tranches, by the same weights or caps.
func sameSources(a, b []payment.BatchSource) bool {
	return slices.EqualFunc(a, b, func(x, y payment.BatchSource) bool { return x.Source == y.Source })
}

// sources checks that the shares of a batch with several sources are what its slots, in the order of their numbers, divide
// into: when money is reserved, and when the batch has other totals than before.
func (e *txChanges) sources(name string, before, b *payment.Batch) {
	if len(b.Sources) == 0 {
		return
	}
	want, sums := make([]payment.BatchSource, len(b.Sources)), []byte(nil)
	switch {
	case !reserves(b):
		for i := range want {
			want[i].Source = b.Sources[i].Source
		}
	case before != nil && reserves(before) && before.Totals == b.Totals:
		want, sums = slices.Clone(before.Sources), before.SegmentSums
	default:
		count := e.recount(name, b)
		want, sums = count.Sources(b), count.SegmentSums()
	}
	for i := range want {
		if t := e.Tranches[want[i].Tranche]; b.State == payment.BatchClosed || t != nil && t.State == fund.TrancheClosed {
			want[i].InReturn = 0 // available again, or refunded at once
		}
	}
	if !slices.Equal(b.Sources, want) || !bytes.Equal(b.SegmentSums, sums) {
		e.report(Money, "%s does not divide its money among its sources as its slots do", name)
	}
}

// reserves reports whether money of tranches is reserved or paid for a batch.
func reserves(b *payment.Batch) bool {
	return b.State != payment.BatchOpen && b.State != payment.BatchCancelled
}

// recount counts the payments of a sealed batch.
func (e *txChanges) recount(name string, b *payment.Batch) *payment.BatchCount {
	count := &payment.BatchCount{}
	values, _ := e.heldBy(b)
	for i := range values {
		if err := count.Add(b, values[i].ValueAddr, values[i].Payments, roll.Payees{}); err != nil {
			e.report(Money, "%s: %v", name, err)
			return count
		}
	}
	return count
}

// addSource adds to a tranche's balances what a batch with several sources has of it.
func addSource(want *fund.Balances, b *payment.Batch, id relief.TrancheID) {
	for i := range b.Sources {
		if s := &b.Sources[i]; s.Tranche == id {
			want.Reserved += s.Reserved
			want.Paid += s.Paid
			want.InReturn += s.InReturn
		}
	}
}
