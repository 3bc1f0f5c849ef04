// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
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
	cycle, err := w.cycle(o.Programme)
	if err != nil {
		return nil, err
	}
	f := &paidToEntry{quarterly: cycle == programme.CycleQuarterly}
	values, err := w.paymentsIn(at, o.Periods)
	if err != nil {
		return nil, err
	}
	for i, p := range o.Periods {
		paid := overpayment.Paid{Period: p, Owed: seg.Owed(slot, p)}
		if paid.Payments, err = w.creditedIn(at, o.Number, &values[i]); err != nil {
			return nil, err
		}
		f.paid = append(f.paid, paid)
	}
	f.deducted, err = w.deductedOf(at, o.Number)
	return f, err
}

// creditedIn lists what counts as credited to a roll number for a period: what the bank credited, and what was deducted of a
// payment that came back.
func (w *work) creditedIn(at roll.SegmentAddr, number uint32, p *payment.OfPeriod) ([]overpayment.Payment, error) {
	slot, _ := at.Slot(number)
	lines := payment.Value{ValueAddr: payment.ValueAddr{Period: p.Period, Segment: at.Segment}, Payments: &p.Lines}
	list, err := w.creditedOf(at, number, &lines, p.Lines.OfEntry(slot))
	if err != nil || p.Further == nil {
		return list, err
	}
	further := payment.Value{ValueAddr: payment.ValueAddr{Period: p.Period, Further: true, Segment: at.Segment}, Payments: p.Further}
	more, err := w.creditedOf(at, number, &further, p.Further.OfEntry(slot))
	return append(list, more...), err
}

// creditedOf is creditedIn for the payments of one value.
func (w *work) creditedOf(at roll.SegmentAddr, number uint32, v *payment.Value, lines []payment.Line) (list []overpayment.Payment, err error) {
	id := relief.PaymentID{Programme: at.Programme, County: at.County, Number: number, Period: v.Period}
	for i := range lines {
		l := &lines[i]
		if !l.Answered() {
			continue
		}
		paid := overpayment.Payment{Attempt: l.Attempt, Amount: l.Deducted}
		if l.State == payment.LineCredited {
			paid.Amount, paid.Transferred = l.Amount, l.Amount-l.Deducted
			id.Attempt = l.Attempt
			if paid.Shares, err = w.sharesOf(v, l.Batch, id, paid.Transferred); err != nil {
				return nil, err
			}
		}
		if paid.Amount > 0 {
			list = append(list, paid)
		}
	}
	return list, nil
}

// sharesOf says what each tranche of a batch transferred of a payment.
func (w *work) sharesOf(v *payment.Value, batch relief.BatchID, id relief.PaymentID, transferred relief.Fen) ([]overpayment.Share, error) {
	b, err := w.holder(batch)
	if err != nil {
		return nil, err
	}
	if b.Tranche != "" {
		return []overpayment.Share{{Tranche: b.Tranche, Amount: transferred}}, nil
	}
	of, err := payment.Shares(&b, v, id)
	if err != nil {
		return nil, err
	}
	shares := make([]overpayment.Share, len(of))
	for i, s := range of {
		shares[i] = overpayment.Share{Tranche: s.Tranche, Amount: s.Amount}
	}
	return shares, nil
}
