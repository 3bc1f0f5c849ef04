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
	if err := in.CheckProgrammes(); err != nil {
		return fund.Tranche{}, err
	}
	programmes, err := w.pool(&in)
	if err != nil {
		return fund.Tranche{}, err
	}
	existing, err := uow.Find[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return fund.Tranche{}, err
	}
	out, changed, err := fund.Issue(in, programmes, existing, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), out)
}

// pool are the programmes that a tranche pays for.
func (w *work) pool(t *fund.TrancheTerms) ([]programme.Programme, error) {
	ids := t.Pool()
	programmes := make([]programme.Programme, len(ids))
	for i, id := range ids {
		var err error
		if programmes[i], err = uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id)); err != nil {
			return nil, err
		}
	}
	return programmes, nil
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
	programmes, err := w.pool(&parent.TrancheTerms)
	if err != nil {
		return fund.Tranche{}, err
	}
	existing, err := uow.Find[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return fund.Tranche{}, err
	}
	parent, child, changed, err := fund.Allocate(parent, in, programmes, existing, w.Actor)
	if err != nil {
		return child, err
	}
	if _, err := putIf(w, changed, relief.TrancheKey(in.Parent), parent); err != nil {
		return child, err
	}
	return putIf(w, changed, relief.TrancheKey(in.ID), child)
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
