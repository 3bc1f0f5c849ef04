package index

import (
	"context"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// trancheDetail shows a tranche's balances, and what its last act proposed or moved.
func trancheDetail(t *fund.Tranche) map[string]string {
	b := &t.Balances
	detail := map[string]string{
		"state": string(t.State), "issued": b.Issued.String(), "topped_up": b.ToppedUp.String(), "recovered": b.Recovered.String(),
		"allocated": b.Allocated.String(), "reserved": b.Reserved.String(), "paid": b.Paid.String(), "in_return": b.InReturn.String(),
		"refunded": b.Refunded.String(), "taken_back": b.TakenBack.String(), "carried_over": b.CarriedOver.String(),
		"available": b.Available.String(),
	}
	last := len(t.Acts) - 1
	for i := range t.Adjustments {
		if a := &t.Adjustments[i]; a.Act == last || a.Decided == last {
			detail["adjustment"], detail["adjustment_state"] = strconv.Itoa(a.Number), string(a.State)
			about(detail, string(a.Kind)+" "+a.Amount.String(), a.Reason, a.Document)
			if a.Refusal != "" {
				detail["refusal"] = a.Refusal
			}
		}
	}
	var moves []string
	for i := range t.Moves {
		if m := &t.Moves[i]; m.Act == last {
			moves = append(moves, string(m.Kind)+" "+m.Amount.String()+" "+place(string(m.From))+" > "+place(string(m.To)))
			about(detail, "", m.Reason, m.Document)
		}
	}
	if len(moves) > 0 {
		detail["moved"] = strings.Join(moves, ", ")
	}
	return detail
}

// about adds what is said of an adjustment.
func about(detail map[string]string, what, reason, document string) {
	for name, value := range map[string]string{"proposed": what, "reason": reason, "document": document} {
		if value != "" {
			detail[name] = value
		}
	}
}

// place names a tranche, or outside.
func place(tranche string) string {
	if tranche == "" {
		return "outside"
	}
	return tranche
}

// yearEndDetail shows what an agency signed.
func yearEndDetail(y *fund.YearEnd) map[string]string {
	return map[string]string{
		"state": string(y.State), "sha256": y.SHA256, "signatures": strconv.Itoa(len(y.Signatures)), "tranches": strconv.Itoa(len(y.Tranches)),
		"reserved": y.Reserved.String(), "in_return": y.InReturn.String(), "available": y.Available.String(),
		"overpayments": strconv.Itoa(len(y.Overpayments)), "outstanding": y.Outstanding.String(),
	}
}

// YearEndTrail lists who signed the year's end of a county. Each step has the sums of the list that was signed.
func (ix *Index) YearEndTrail(ctx context.Context, id relief.YearEndID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		steps, err = r.recordSteps(relief.KindYearEnd, string(id), "")
		return err
	})
	return inOrder(steps), err
}
