// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// paidToEntry is what roll and lines say of the roll entry of an overpayment.
type paidToEntry struct {
	paid      []overpayment.Paid // of the record's periods
	deducted  relief.Fen
	quarterly bool
}

// standing is an overpayment with how it stands.
func (w *work) standing(o *overpayment.Overpayment) (api.Overpayment, error) {
	f, err := w.overpaid(o)
	if err != nil {
		return api.Overpayment{}, err
	}
	return w.overpaymentView(o, f)
}

func (w *work) overpaymentView(o *overpayment.Overpayment, f *paidToEntry) (api.Overpayment, error) {
	days, err := w.days()
	if err != nil {
		return api.Overpayment{}, err
	}
	opened, today := days.Day(o.Acts[0].At), days.Day(w.Actor.At)
	view := api.Overpayment{
		Overpayment: *o, State: api.OverpaymentOpen, Standing: o.Standing(f.paid, f.deducted), OpenedOn: opened, Days: daysBetween(opened, today),
	}
	if view.Outstanding == 0 {
		view.State = api.OverpaymentSettled
	}
	return view, nil
}

func daysBetween(from, to relief.Day) int {
	first, err := time.Parse(time.DateOnly, string(from))
	last, err2 := time.Parse(time.DateOnly, string(to))
	if err != nil || err2 != nil || last.Before(first) {
		return 0
	}
	return int(last.Sub(first) / (24 * time.Hour))
}

// overpaid reads what is owed to an overpayment's entry and was credited to it, for the periods of the record.
func (w *work) overpaid(o *overpayment.Overpayment) (*paidToEntry, error) {
	size, err := w.segmentSize(o.Programme)
	if err != nil {
		return nil, err
	}
	at, err := segmentAddr(o.Programme, o.County, o.Number/size, size)
	if err != nil {
		return nil, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return nil, err
	}
	slot, ok := at.Slot(o.Number)
	if !ok || slot >= seg.Len() || seg.Ref(slot) != o.Subject {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has somebody else under number %d", o.Number)
	}
	f := &paidToEntry{quarterly: seg.From(slot).Quarterly()}
	lines, err := w.linesIn(at, o.Periods)
	if err != nil {
		return nil, err
	}
	for i, p := range o.Periods {
		paid := overpayment.Paid{Period: p, Owed: seg.Due(slot, p)}
		if seg.Ended(slot, p) {
			paid.Owed = 0
		}
		if paid.Payments, err = w.creditedIn(at, o.Number, p, &lines[i]); err != nil {
			return nil, err
		}
		f.paid = append(f.paid, paid)
	}
	f.deducted, err = w.deductedOf(at, o.Number)
	return f, err
}

// creditedIn lists what was credited to a roll number for a period.
func (w *work) creditedIn(at roll.SegmentAddr, number uint32, p relief.Period, lines *payment.LineSegment) (list []overpayment.Payment, err error) {
	slot, _ := at.Slot(number)
	for _, l := range lines.OfEntry(slot) {
		if l.State != payment.LineCredited {
			continue
		}
		id := relief.PaymentID{Programme: at.Programme, County: at.County, Number: number, Period: p, Attempt: l.Attempt}
		shares, err := w.sharesOf(lines, l.Batch, id, l.Amount)
		if err != nil {
			return nil, err
		}
		list = append(list, overpayment.Payment{Attempt: l.Attempt, Amount: l.Amount, Transferred: l.Amount, Shares: shares})
	}
	return list, nil
}

// sharesOf says what each tranche of a batch transferred of a payment.
func (w *work) sharesOf(lines *payment.LineSegment, batch relief.BatchID, id relief.PaymentID, transferred relief.Fen) ([]overpayment.Share, error) {
	b, err := w.holder(batch)
	if err != nil {
		return nil, err
	}
	if b.Tranche != "" {
		return []overpayment.Share{{Tranche: b.Tranche, Amount: transferred}}, nil
	}
	of, err := lines.Shares(&b, id)
	if err != nil {
		return nil, err
	}
	shares := make([]overpayment.Share, len(of))
	for i, s := range of {
		shares[i] = overpayment.Share{Tranche: s.Tranche, Amount: s.Amount}
	}
	return shares, nil
}

// deductedOf is what was deducted of a roll number's payments and stands.
func (w *work) deductedOf(at roll.SegmentAddr, number uint32) (relief.Fen, error) {
	plans, err := uow.Find[overpayment.Deductions](w.Work, relief.DeductionsKey(at.Programme, at.County, at.Segment))
	if err != nil || plans == nil || plans.Find(number) == nil {
		return 0, err
	}
	return 0, nil
}

// lowered opens the overpayment of a roll entry after an act that lowered what is owed from a period on: place has the entry
// as it is then. Nothing is written when no more is listed or credited than is owed.
func (w *work) lowered(place *rollPlace, from relief.Period, act relief.Act) error {
	slot := place.slot()
	periods := relief.PeriodsAfter(from.Previous(), w.Actor.At)
	lines, err := w.linesIn(place.at, periods)
	if err != nil {
		return err
	}
	var above []relief.Period
	for i, p := range periods {
		owed := place.segment.Due(slot, p)
		if place.segment.Ended(slot, p) {
			owed = 0
		}
		held, err := lines[i].Held(slot, w.batchState)
		if err != nil {
			return err
		}
		if held > owed {
			above = append(above, p)
		}
	}
	if len(above) == 0 {
		return nil
	}
	entry := place.entry()
	key := relief.OverpaymentKey(relief.NewOverpaymentID(entry.Programme, entry.County, entry.Number))
	existing, err := uow.Find[overpayment.Overpayment](w.Work, key)
	if err != nil {
		return err
	}
	o, err := overpayment.Open(&entry, above, existing, act, w.Actor)
	if err != nil {
		return err
	}
	return w.Put(key, o)
}
