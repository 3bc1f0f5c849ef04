// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/programme"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// fundContract holds the tranches.
type fundContract struct{ contractapi.Contract }

// Issue issues a tranche.
func (*fundContract) Issue(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundIssue, issueTranche)
}

func issueTranche(w *work, in fund.TrancheTerms) (fund.Tranche, error) {
	if err := w.registered(in.Region); err != nil {
		return fund.Tranche{}, err
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return fund.Tranche{}, err
	}
	existing, err := uow.Find[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return fund.Tranche{}, err
	}
	out, changed, err := fund.Issue(in, p, existing, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), out)
}

// Allocate gives part of a tranche to a region below it, as a tranche of its own.
func (*fundContract) Allocate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundAllocate, allocateTranche)
}

func allocateTranche(w *work, in fund.Allocation) (fund.Tranche, error) {
	if err := w.registered(in.Region); err != nil {
		return fund.Tranche{}, err
	}
	parent, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.Parent))
	if err != nil {
		return fund.Tranche{}, err
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(parent.Programme))
	if err != nil {
		return fund.Tranche{}, err
	}
	existing, err := uow.Find[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return fund.Tranche{}, err
	}
	parent, child, changed, err := fund.Allocate(parent, in, p, existing, w.Actor)
	if err != nil {
		return child, err
	}
	if _, err := putIf(w, changed, relief.TrancheKey(in.Parent), parent); err != nil {
		return child, err
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), child)
}

// Refund gives money back to where it came from.
func (*fundContract) Refund(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundRefund, refundTranche)
}

func refundTranche(w *work, in api.RefundInput) (fund.Tranche, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return t, err
	}
	out, err := fund.Refund(t, in.Amount, in.Reason, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, true, relief.TrancheKey(in.ID), out)
}

// Close closes a tranche.
func (*fundContract) Close(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundClose, closeTranche)
}

func closeTranche(w *work, in api.TrancheInput) (fund.Tranche, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return t, err
	}
	out, changed, err := fund.Close(t, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), out)
}

// Get gives a tranche.
func (*fundContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundGet, func(w *work, in api.TrancheInput) (fund.Tranche, error) {
		return uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	})
}

// List gives a page of tranches.
func (*fundContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.FundList, func(w *work, in api.PageInput) (api.Page[fund.Tranche], error) {
		return uow.List(w.Work, relief.KindTranche, in, relief.ParseTrancheID, all[fund.Tranche])
	})
}
