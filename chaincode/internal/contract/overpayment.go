// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// overpaymentContract holds what people were paid too much.
type overpaymentContract struct{ contractapi.Contract }

// Recover proposes a recovery.
func (*overpaymentContract) Recover(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentRecover, func(w *work, in api.RecoverInput) (api.Overpayment, error) {
		terms := overpayment.Terms{Kind: overpayment.Recovery, Amount: in.Amount, Entry: in.Entry}
		return w.proposeMeasure(in.ID, terms)
	})
}

// ConfirmRecovery confirms or refuses a recovery.
func (*overpaymentContract) ConfirmRecovery(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentConfirmRecovery, decideMeasure(overpayment.Recovery))
}

// Deduct proposes deductions.
func (*overpaymentContract) Deduct(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentDeduct, func(w *work, in api.DeductInput) (api.Overpayment, error) {
		return w.proposeMeasure(in.ID, overpayment.Terms{Kind: overpayment.Deduction, Amount: in.Amount, From: in.From})
	})
}

// ConfirmDeduction confirms or refuses deductions.
func (*overpaymentContract) ConfirmDeduction(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentConfirmDeduction, decideMeasure(overpayment.Deduction))
}

// WriteOff proposes a write-off.
func (*overpaymentContract) WriteOff(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentWriteOff, func(w *work, in api.WriteOffInput) (api.Overpayment, error) {
		return w.proposeMeasure(in.ID, overpayment.Terms{Kind: overpayment.WriteOff, Amount: in.Amount, Document: in.Document})
	})
}

// ConfirmWriteOff confirms or refuses a write-off.
func (*overpaymentContract) ConfirmWriteOff(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentConfirmWriteOff, decideMeasure(overpayment.WriteOff))
}

// Withdraw takes a proposed measure back.
func (*overpaymentContract) Withdraw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentWithdraw, withdrawMeasure)
}

// Get gives an overpayment.
func (*overpaymentContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentGet, func(w *work, in api.OverpaymentInput) (api.Overpayment, error) {
		o, err := w.overpayment(in.ID)
		if err != nil {
			return api.Overpayment{}, err
		}
		return w.standing(&o)
	})
}

// List gives a page of overpayments.
func (*overpaymentContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OverpaymentList, listOverpayments)
}

func listOverpayments(w *work, in api.OverpaymentFilter) (api.Page[api.Overpayment], error) {
	page := api.Page[api.Overpayment]{Items: []api.Overpayment{}}
	if in.Limit > api.MaxOverpayments {
		in.Limit = api.MaxOverpayments
	}
	found, err := uow.List(w.Work, relief.KindOverpayment, in.PageInput, relief.ParseOverpaymentID, func(o *overpayment.Overpayment) bool {
		return (in.Programme == "" || in.Programme == o.Programme) && (in.Region == "" || in.Region.Covers(o.Region))
	})
	if err != nil {
		return page, err
	}
	page.Next = found.Next
	for i := range found.Items {
		o, err := w.standing(&found.Items[i])
		if err != nil {
			return page, err
		}
		if in.State == "" || in.State == o.State {
			page.Items = append(page.Items, o)
		}
	}
	return page, nil
}

func (w *work) overpayment(id relief.OverpaymentID) (overpayment.Overpayment, error) {
	return uow.Get[overpayment.Overpayment](w.Work, relief.OverpaymentKey(id))
}

// proposeMeasure records a proposal.
func (w *work) proposeMeasure(id relief.OverpaymentID, t overpayment.Terms) (api.Overpayment, error) {
	var none api.Overpayment
	o, err := w.overpayment(id)
	if err != nil {
		return none, err
	}
	f, err := w.overpaid(&o)
	if err != nil {
		return none, err
	}
	days, err := w.days()
	if err != nil {
		return none, err
	}
	out, changed, err := overpayment.Propose(o, t, o.Standing(f.paid, f.deducted), f.quarterly, days, w.Actor)
	if err != nil {
		return none, err
	}
	if changed && t.Kind == overpayment.Recovery {
		if _, err := w.takeEntry(&out, &out.Measures[len(out.Measures)-1]); err != nil {
			return none, err
		}
	}
	return w.putOverpayment(changed, out, f)
}

// decideMeasure makes the handler that confirms or refuses measures of a kind.
func decideMeasure(kind overpayment.Kind) func(*work, api.DecideMeasureInput) (api.Overpayment, error) {
	return func(w *work, in api.DecideMeasureInput) (api.Overpayment, error) {
		var none api.Overpayment
		o, err := w.overpayment(in.ID)
		if err != nil {
			return none, err
		}
		f, err := w.overpaid(&o)
		if err != nil {
			return none, err
		}
		out, measure, err := overpayment.Decide(o, kind, in.Decision, f.paid, o.Standing(f.paid, f.deducted), w.Actor)
		if err != nil {
			return none, err
		}
		if measure != nil && in.Agree {
			if err := w.carryMeasureOut(&out, measure); err != nil {
				return none, err
			}
		}
		return w.putOverpayment(measure != nil, out, f)
	}
}

func withdrawMeasure(w *work, in api.MeasureInput) (api.Overpayment, error) {
	var none api.Overpayment
	o, err := w.overpayment(in.ID)
	if err != nil {
		return none, err
	}
	f, err := w.overpaid(&o)
	if err != nil {
		return none, err
	}
	out, changed, err := overpayment.Withdraw(o, in.Measure, w.Actor)
	if err != nil {
		return none, err
	}
	return w.putOverpayment(changed, out, f)
}

// putOverpayment has an overpayment written if an act changed it, and answers how it stands.
func (w *work) putOverpayment(changed bool, o overpayment.Overpayment, f *paidToEntry) (api.Overpayment, error) {
	if changed {
		if err := w.Put(relief.OverpaymentKey(o.ID), o); err != nil {
			return api.Overpayment{}, err
		}
	}
	return w.overpaymentView(&o, f)
}

// carryMeasureOut has a confirmed measure take effect beside the overpayment's record.
func (w *work) carryMeasureOut(o *overpayment.Overpayment, m *overpayment.Measure) error {
	switch m.Kind {
	case overpayment.Recovery:
		return w.recover(o, m)
	case overpayment.Deduction:
		return w.planDeductions(o, m)
	default:
		return nil
	}
}

// recover notes the statement's entry as recovered and has the tranches have the money again.
func (w *work) recover(o *overpayment.Overpayment, m *overpayment.Measure) error {
	entry, err := w.takeEntry(o, m)
	if err != nil {
		return err
	}
	if err := w.Put(relief.RecoveredKey(entry.Ref), entry); err != nil {
		return err
	}
	var shares []overpayment.Share // of the tranches that have it, in the order in which they are met
	for i := range m.Parts {
		if err := w.addReceived(&shares, &m.Parts[i]); err != nil {
			return err
		}
	}
	for _, s := range shares {
		t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(s.Tranche))
		if err != nil {
			return err
		}
		if t, err = fund.Recover(t, s.Amount, w.Actor); err != nil {
			return err
		}
		if err := w.Put(relief.TrancheKey(t.ID), t); err != nil {
			return err
		}
	}
	*o = o.With(m)
	return nil
}

// addReceived adds a part to what its tranche receives; of a closed tranche to what the one above it receives, which the part
// then names.
func (w *work) addReceived(shares *[]overpayment.Share, part *overpayment.Part) error {
	for {
		t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(part.Receiver()))
		if err != nil {
			return err
		}
		heir := t.Heir()
		if heir == "" {
			break
		}
		part.To = heir
	}
	for i := range *shares {
		if s := &(*shares)[i]; s.Tranche == part.Receiver() {
			s.Amount += part.Amount
			return nil
		}
	}
	*shares = append(*shares, overpayment.Share{Tranche: part.Receiver(), Amount: part.Amount})
	return nil
}

// takeEntry is the record of the entry that a measure recovers by, with the measure. It is not written yet.
func (w *work) takeEntry(o *overpayment.Overpayment, m *overpayment.Measure) (overpayment.RecoveredEntry, error) {
	existing, err := uow.Find[overpayment.RecoveredEntry](w.Work, relief.RecoveredKey(m.Entry.Ref))
	if err != nil {
		return overpayment.RecoveredEntry{}, err
	}
	return overpayment.TakeEntry(existing, m.Entry, overpayment.EntryRecovery{Overpayment: o.ID, Measure: m.Number, Amount: m.Amount})
}

// planDeductions has a confirmed plan in force for the lists of the entry's segment.
func (w *work) planDeductions(o *overpayment.Overpayment, m *overpayment.Measure) error {
	size, err := w.segmentSize(o.Programme)
	if err != nil {
		return err
	}
	key := relief.DeductionsKey(o.Programme, o.County, o.Number/size)
	before, err := uow.Find[overpayment.Deductions](w.Work, key)
	if err != nil {
		return err
	}
	if before == nil {
		before = &overpayment.Deductions{}
	}
	return w.Put(key, before.With(o.Number, m))
}
