package index

import (
	"context"
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
)

// OverpaymentTrail lists what happened to what a roll entry was paid too much. It is empty when there is no such record.
func (ix *Index) OverpaymentTrail(ctx context.Context, id relief.OverpaymentID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		steps, err = r.recordSteps(relief.KindOverpayment, string(id), "")
		return err
	})
	return inOrder(steps), err
}

// overpaymentDetail shows the last measure of an overpayment.
func overpaymentDetail(o *overpayment.Overpayment) map[string]string {
	detail := map[string]string{"periods": strconv.Itoa(len(o.Periods))}
	if n := len(o.Acts); n > 0 {
		detail["act"] = string(o.Acts[n-1].Act)
	}
	if n := len(o.Measures); n > 0 {
		m := &o.Measures[n-1]
		detail["measure"], detail["kind"], detail["state"] = strconv.Itoa(m.Number), string(m.Kind), string(m.State)
		detail["amount"] = m.Amount.String()
	}
	return detail
}
