// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// lowered is called with what an act has left of a segment of the roll, when it lowers what is owed to some positions: after is the
// roll as the act leaves it, from the first month that it changes. It takes payments that are more than is owed then out of open
// batches, and opens the overpayment of an entry of which more is credited, or in a sealed batch, than is owed. What is in sealed
// batches keeps them from being instructed.
func (w *work) lowered(at roll.SegmentAddr, after roll.Segment, positions []int, from relief.Period) error {
	cycle, err := w.cycle(at.Programme)
	if err != nil {
		return err
	}
	periods, err := w.paymentsIn(at, cycle.PeriodsUntil(from, w.Actor.At))
	if err != nil {
		return err
	}
	for _, position := range positions {
		var above []relief.Period
		for i := range periods {
			p := &periods[i]
			owed := after.Owed(position, p.Period)
			if err := p.Withdraw(position, owed, w.batchState); err != nil {
				return err
			}
			sums, err := p.Sums(position, w.batchState)
			if err != nil {
				return err
			}
			if sums.Held() > owed {
				above = append(above, p.Period)
			}
		}
		if err := w.openOverpayment(after.Entry(position, at), above); err != nil {
			return err
		}
	}
	return w.putPayments(at, periods)
}

// openOverpayment opens the overpayment of an entry for the periods of which more is listed or credited than is owed.
func (w *work) openOverpayment(entry roll.Entry, above []relief.Period) error {
	if len(above) == 0 {
		return nil
	}
	key := relief.OverpaymentKey(relief.NewOverpaymentID(entry.Programme, entry.County, entry.Number))
	existing, err := uow.Find[overpayment.Overpayment](w.Work, key)
	if err != nil {
		return err
	}
	o, err := overpayment.Open(&entry, above, existing, w.act, w.Actor)
	if err != nil {
		return err
	}
	return w.Put(key, o)
}

// notOpen is batchState for who will take out of open batches what is in them.
func (w *work) notOpen(id relief.BatchID) (payment.BatchState, error) {
	state, err := w.batchState(id)
	if state == payment.BatchOpen {
		state = payment.BatchCancelled
	}
	return state, err
}
