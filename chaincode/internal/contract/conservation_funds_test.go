// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

func (w *books) oneOf(ids []string) string { return ids[w.rand.IntN(len(ids))] }

// adjust proposes a random adjustment of a tranche, and mostly has it confirmed.
func (w *books) adjust(id string) {
	in := obj{"id": id, "amount": relief.Fen(1 + w.rand.IntN(1_000_000)).String(), "document": "1", "reason": "for a test"}
	function := []string{"fund:TopUp", "fund:TakeBack", "fund:CarryOver", "fund:Refund"}[w.rand.IntN(4)]
	if function == "fund:CarryOver" {
		in["to"] = w.tranches[len(w.tranches)-1]
	}
	w.attempt(financePreparer, function, in, nil)
	w.decide(id, w.rand.IntN(5) > 0)
}

// decide confirms or refuses the last adjustment of a tranche.
func (w *books) decide(id string, agree bool) {
	value := w.Get(relief.TrancheKey(relief.TrancheID(id)).String())
	if value == nil {
		return
	}
	before := w.check(value)
	n := len(before.Adjustments)
	if n == 0 {
		return
	}
	in := w.agreesTo(id, n)
	if !agree {
		in["agree"], in["reason"] = false, "for a test"
	}
	done := w.attempt(financeApprover, "fund:Confirm", in, nil) != nil
	a := &before.Adjustments[n-1]
	if done && agree && a.State == fund.AdjustmentProposed && a.Kind == fund.ToppedUp && before.Parent == "" {
		w.outside += a.Amount
	}
}

// emptyAndClose has a tranche give back what it has, and closes it.
func (w *books) emptyAndClose(id string) {
	value := w.Get(relief.TrancheKey(relief.TrancheID(id)).String())
	if value == nil {
		return
	}
	t := w.check(value)
	function := "fund:Refund"
	if t.Parent != "" {
		function = "fund:TakeBack"
	}
	if left := t.Balances.Available; left > 0 {
		w.attempt(financePreparer, function, obj{"id": id, "amount": left.String(), "reason": "left over"}, nil)
		w.decide(id, true)
	}
	w.attempt(financeApprover, "fund:Close", obj{"id": id}, nil)
}
