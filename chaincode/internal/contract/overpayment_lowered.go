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

// lowering is an entry to which an act lowers what is owed, from a month on.
type lowering struct {
	slot int
	from relief.Period
}

// lowered is called by every act that lowers what is owed to roll entries; after has the segment as the act leaves it. It takes
// the entries' payments above what is owed out of open batches, and opens an entry's overpayment where more is credited, or with
// the bank, than is owed. The payments of a segment are read and written once.
func (w *work) lowered(at roll.SegmentAddr, after roll.Segment, entries []lowering) error {
	if len(entries) == 0 {
		return nil
	}
	cycle, err := w.cycle(at.Programme)
	if err != nil {
		return err
	}
	first := slices.MinFunc(entries, func(a, b lowering) int { return a.from.FirstMonth() - b.from.FirstMonth() }).from
	values, err := w.paymentsIn(at, cycle.PeriodsUntil(first, w.Actor.At))
	if err != nil {
		return err
	}
	above := make([][]relief.Period, len(entries))
	for i := range values {
		for n, e := range entries {
			if values[i].Period.Before(e.from) {
				continue
			}
			tooMuch, err := w.withdraw(&values[i], e.slot, after.Owed(e.slot, values[i].Period))
			if err != nil {
				return err
			}
			if tooMuch {
				above[n] = append(above[n], values[i].Period)
			}
		}
	}
	if err := w.putPayments(at, values); err != nil {
		return err
	}
	for n, e := range entries {
		if len(above[n]) == 0 {
			continue
		}
		entry := after.Entry(e.slot, at)
		if err := w.openOverpayment(&entry, above[n]); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes an entry's payments for a period above what is owed out of open batches. It reports whether more than is owed is
// left.
func (w *work) withdraw(p *payment.OfPeriod, slot int, owed relief.Fen) (bool, error) {
	if err := p.Withdraw(slot, owed, w.batchState); err != nil {
		return false, err
	}
	sums, err := p.Sums(slot, w.batchState)
	return sums.Held() > owed, err
}

// openOverpayment opens an entry's overpayment, or adds to it, for periods in which more is paid than is owed.
func (w *work) openOverpayment(entry *roll.Entry, above []relief.Period) error {
	key := relief.OverpaymentKey(relief.NewOverpaymentID(entry.Programme, entry.County, entry.Number))
	existing, err := uow.Find[overpayment.Overpayment](w.Work, key)
	if err != nil {
		return err
	}
	o, err := overpayment.Open(entry, above, existing, w.act, w.Actor)
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
