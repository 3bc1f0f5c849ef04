// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// deductions are the plans of a segment's people; nil where nobody has one.
func (w *work) deductions(at roll.SegmentAddr) (*overpayment.Deductions, error) {
	return uow.Find[overpayment.Deductions](w.Work, deductionsKey(at))
}

// deductedOf is what was deducted of a roll number's payments and stands.
func (w *work) deductedOf(at roll.SegmentAddr, number uint32) (relief.Fen, error) {
	plans, err := w.deductions(at)
	if err != nil || plans == nil {
		return 0, err
	}
	plan := plans.Find(number)
	if plan == nil {
		return 0, nil
	}
	all, _, err := w.deductedBy(at, plan, relief.Period{})
	return all, err
}

// deductedBy is what was deducted by a plan and stands, in all and of the payments for one period: of payments that are
// credited, that came back, or that are listed in a batch that is not cancelled.
func (w *work) deductedBy(at roll.SegmentAddr, plan *overpayment.Plan, p relief.Period) (all, of relief.Fen, err error) {
	var periods []relief.Period
	for _, t := range plan.Taken {
		if !slices.Contains(periods, t.Period) {
			periods = append(periods, t.Period)
		}
	}
	values, err := w.paymentsIn(at, periods)
	if err != nil {
		return 0, 0, err
	}
	slot, _ := at.Slot(plan.Number)
	for i := range values {
		sum, err := w.deductedIn(&values[i], slot)
		if err != nil {
			return 0, 0, err
		}
		if all += sum; periods[i] == p {
			of = sum
		}
	}
	return all, of, nil
}

// deductedIn is what was deducted of a position's payments and stands.
func (w *work) deductedIn(values *payment.OfPeriod, slot int) (sum relief.Fen, err error) {
	for _, l := range values.OfEntry(slot) {
		if l.Deducted == 0 {
			continue
		}
		if l.State == payment.LineListed {
			state, err := w.batchState(l.Batch)
			if err != nil {
				return 0, err
			}
			if state == payment.BatchCancelled {
				continue
			}
		}
		sum += l.Deducted
	}
	return sum, nil
}

// deductibles says how much is deducted at most of the payments for a batch's period to people of a segment, by their
// position; nil for nearly every segment. What the batch has listed is counted already.
func (w *work) deductibles(b *payment.Batch, segment uint32) (map[int]relief.Fen, error) {
	at := b.SegmentAddr(segment)
	plans, err := w.deductions(at)
	if err != nil || plans == nil {
		return nil, err
	}
	most := map[int]relief.Fen{} // only looked up, never ranged over
	for i := range plans.Plans {
		plan := &plans.Plans[i]
		if plan.Amount == 0 || b.Period.Before(plan.From) {
			continue // before the records are read
		}
		o, err := w.overpayment(relief.NewOverpaymentID(at.Programme, at.County, plan.Number))
		if err != nil {
			return nil, err
		}
		f, err := w.overpaid(&o)
		if err != nil {
			return nil, err
		}
		_, before, err := w.deductedBy(at, plan, b.Period)
		if err != nil {
			return nil, err
		}
		slot, _ := at.Slot(plan.Number)
		most[slot] = plan.Of(b.Period, before, o.Standing(f.paid, f.deducted).Outstanding, relief.MaxFen)
	}
	return most, nil
}

// noteDeductions has the plans of a segment name the payments of a batch of which something was deducted.
func (w *work) noteDeductions(b *payment.Batch, segment uint32, after []payment.OfPeriod) error {
	at := b.SegmentAddr(segment)
	before, err := w.deductions(at)
	if err != nil || before == nil {
		return err
	}
	plans, changed := before.Clone(), false
	for i := range plans.Plans {
		plan := &plans.Plans[i]
		slot, _ := at.Slot(plan.Number)
		for k := range after {
			for _, l := range after[k].Lines.OfEntry(slot) {
				if l.Batch == b.ID && l.Deducted > 0 && plan.Take(overpayment.Taken{Period: after[k].Period, Attempt: l.Attempt}) {
					changed = true
				}
			}
		}
	}
	if !changed {
		return nil
	}
	return w.Put(deductionsKey(at), plans)
}

func deductionsKey(at roll.SegmentAddr) relief.Key {
	return relief.DeductionsKey(at.Programme, at.County, at.Segment)
}
