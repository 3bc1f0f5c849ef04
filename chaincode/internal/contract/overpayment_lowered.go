// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// lowered is called by every act that lowers what is owed to a roll entry from a month on; after has the entry as the act leaves
// it. It takes the entry's payments above what is owed out of open batches, and opens the entry's overpayment where more is
// credited, or with the bank, than is owed.
func (w *work) lowered(at roll.SegmentAddr, after roll.Segment, slot int, from relief.Period) error {
	cycle, err := w.cycle(at.Programme)
	if err != nil {
		return err
	}
	periods := cycle.PeriodsUntil(from, w.Actor.At)
	values, err := w.paymentsIn(at, periods)
	if err != nil {
		return err
	}
	var above []relief.Period
	for i, p := range periods {
		owed := after.Owed(slot, p)
		if err := values[i].Withdraw(slot, owed, w.batchState); err != nil {
			return err
		}
		sums, err := values[i].Sums(slot, w.batchState)
		if err != nil {
			return err
		}
		if sums.Held() > owed {
			above = append(above, p)
		}
	}
	if err := w.putPayments(at, values); err != nil || len(above) == 0 {
		return err
	}
	entry := after.Entry(slot, at)
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
