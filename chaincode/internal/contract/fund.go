// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/programme"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// fundContract holds the tranches.
type fundContract struct{ contractapi.Contract }

type trancheID struct {
	ID relief.TrancheID `json:"id"`
}

// Issue issues a tranche.
func (*fundContract) Issue(ctx *Context, input string) (string, error) {
	in, err := begin[fund.TrancheTerms](ctx, relief.ActFundIssue, input)
	if err != nil {
		return "", err
	}
	if err := ctx.registered(in.Region); err != nil {
		return "", err
	}
	programme, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return "", err
	}
	existing, err := load[fund.Tranche](ctx, relief.TrancheKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := fund.Issue(in, *programme, existing, ctx.stamp)
	return finish(ctx, relief.TrancheKey(in.ID), out, changed, err)
}

// Allocate gives part of a tranche to a region below it, as a tranche of its own.
func (*fundContract) Allocate(ctx *Context, input string) (string, error) {
	in, err := begin[fund.Allocation](ctx, relief.ActFundAllocate, input)
	if err != nil {
		return "", err
	}
	if err := ctx.registered(in.Region); err != nil {
		return "", err
	}
	parent, err := mustLoad[fund.Tranche](ctx, relief.TrancheKey(in.Parent))
	if err != nil {
		return "", err
	}
	programme, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(parent.Programme))
	if err != nil {
		return "", err
	}
	existing, err := load[fund.Tranche](ctx, relief.TrancheKey(in.ID))
	if err != nil {
		return "", err
	}
	newParent, child, changed, err := fund.Allocate(*parent, in, *programme, existing, ctx.stamp)
	if err == nil && changed {
		err = save(ctx, relief.TrancheKey(in.Parent), newParent)
	}
	return finish(ctx, relief.TrancheKey(in.ID), child, changed, err)
}

// Refund gives money back to where it came from.
func (*fundContract) Refund(ctx *Context, input string) (string, error) {
	type refund struct {
		ID     relief.TrancheID `json:"id"`
		Amount relief.Fen       `json:"amount"`
		Reason string           `json:"reason"`
	}
	in, err := begin[refund](ctx, relief.ActFundRefund, input)
	if err != nil {
		return "", err
	}
	t, err := mustLoad[fund.Tranche](ctx, relief.TrancheKey(in.ID))
	if err != nil {
		return "", err
	}
	out, err := fund.Refund(*t, in.Amount, in.Reason, ctx.stamp)
	return finish(ctx, relief.TrancheKey(in.ID), out, true, err)
}

// Close closes a tranche.
func (*fundContract) Close(ctx *Context, input string) (string, error) {
	in, err := begin[trancheID](ctx, relief.ActFundClose, input)
	if err != nil {
		return "", err
	}
	t, err := mustLoad[fund.Tranche](ctx, relief.TrancheKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := fund.Close(*t, ctx.stamp)
	return finish(ctx, relief.TrancheKey(in.ID), out, changed, err)
}

// Get gives a tranche.
func (*fundContract) Get(ctx *Context, input string) (string, error) {
	in, err := begin[trancheID](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(mustLoad[fund.Tranche](ctx, relief.TrancheKey(in.ID)))
}

// List gives a page of tranches.
func (*fundContract) List(ctx *Context, input string) (string, error) {
	in, err := begin[pageInput](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(list(ctx, relief.KindTranche, in, checkID(relief.ParseTrancheID), all[fund.Tranche]))
}
