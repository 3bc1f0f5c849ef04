// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// TopUp proposes more money for a tranche.
func (*fundContract) TopUp(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundTopUp, func(w *work, in api.TopUpInput) (fund.Tranche, error) {
		return w.adjust(in.ID, fund.AdjustmentTerms{Kind: fund.ToppedUp, Amount: in.Amount, Document: in.Document, Reason: in.Reason})
	})
}

// TakeBack proposes that the tranche above takes money back.
func (*fundContract) TakeBack(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundTakeBack, func(w *work, in api.TakeBackFundsInput) (fund.Tranche, error) {
		return w.adjust(in.ID, fund.AdjustmentTerms{Kind: fund.TakenBack, Amount: in.Amount, Document: in.Document, Reason: in.Reason})
	})
}

// CarryOver proposes that money goes to a tranche of the next year.
func (*fundContract) CarryOver(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundCarryOver, func(w *work, in api.CarryOverInput) (fund.Tranche, error) {
		return w.adjust(in.ID, fund.AdjustmentTerms{
			Kind: fund.CarriedOver, Amount: in.Amount, To: in.To, Document: in.Document, Reason: in.Reason,
		})
	})
}

// Refund proposes that money goes back to where it came from.
func (*fundContract) Refund(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundRefund, func(w *work, in api.RefundInput) (fund.Tranche, error) {
		return w.adjust(in.ID, fund.AdjustmentTerms{Kind: fund.Refunded, Amount: in.Amount, Document: in.Document, Reason: in.Reason})
	})
}

// adjust records a proposal.
func (w *work) adjust(id relief.TrancheID, terms fund.AdjustmentTerms) (fund.Tranche, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(id))
	if err != nil {
		return t, err
	}
	other, err := w.otherEnd(&t, &terms)
	if err != nil {
		return t, err
	}
	out, changed, err := fund.Propose(t, terms, other, w.Actor)
	if err != nil {
		return t, err
	}
	return putIf(w, changed, relief.TrancheKey(id), out)
}

// otherEnd is the tranche at the other end of an adjustment, nil for outside.
func (w *work) otherEnd(t *fund.Tranche, terms *fund.AdjustmentTerms) (*fund.Tranche, error) {
	id := t.Other(terms)
	if id == "" {
		return nil, nil //nolint:nilnil // money from outside, or to there
	}
	other, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(id))
	if err != nil {
		return nil, err
	}
	other.Inherited, err = w.inheritedBy(other.Region)
	return &other, err
}

// Confirm confirms or refuses an adjustment.
func (*fundContract) Confirm(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundConfirm, decideAdjustment)
}

func decideAdjustment(w *work, in api.DecideAdjustmentInput) (fund.Tranche, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return t, err
	}
	a, err := t.Adjustment(in.Adjustment)
	if err != nil {
		return t, err
	}
	other, err := w.otherEnd(&t, &a.AdjustmentTerms)
	if err != nil {
		return t, err
	}
	out, after, changed, err := fund.Decide(t, other, in.Decision, w.Actor)
	if err != nil {
		return t, err
	}
	if after != nil && changed && in.Agree {
		if err := w.Put(relief.TrancheKey(after.ID), *after); err != nil {
			return t, err
		}
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), out)
}

// Withdraw takes a proposed adjustment back.
func (*fundContract) Withdraw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundWithdraw, func(w *work, in api.AdjustmentInput) (fund.Tranche, error) {
		t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
		if err != nil {
			return t, err
		}
		out, changed, err := fund.Withdraw(t, in.Adjustment, w.Actor)
		if err != nil {
			return t, err
		}
		return putIf(w, changed, relief.TrancheKey(in.ID), out)
	})
}

// passOn gives what has come to a closed tranche to its heir, and on from there while the heir is closed, too. It does nothing for
// a tranche that has no such money.
func (w *work) passOn(id relief.TrancheID) error {
	for {
		t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(id))
		if err != nil || t.State != fund.TrancheClosed || t.Balances.Available == 0 {
			return err
		}
		var heir *fund.Tranche
		if id = t.Heir(); id != "" {
			h, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(id))
			if err != nil {
				return err
			}
			heir = &h
		}
		t, heir, err = fund.PassOn(t, heir, w.Actor)
		if err != nil {
			return err
		}
		if err := w.Put(relief.TrancheKey(t.ID), t); err != nil || heir == nil {
			return err
		}
		if err := w.Put(relief.TrancheKey(heir.ID), *heir); err != nil {
			return err
		}
	}
}
