// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// needContract holds the newly found needs (R13).
type needContract struct{ contractapi.Contract }

// Find records a newly found need.
func (*needContract) Find(ctx *Context, input string) (string, error) {
	return findAction.one(ctx, input)
}

var findAction = action[casework.NeedTerms, casework.Need]{
	f: api.NeedFind,
	reads: func(_ *work, in casework.NeedTerms) []relief.Key {
		return []relief.Key{relief.NeedKey(in.ID)}
	},
	handle: findNeed,
}

func findNeed(w *work, in casework.NeedTerms) (casework.Need, error) {
	if err := w.registered(in.Region); err != nil {
		return casework.Need{}, err
	}
	existing, err := uow.Find[casework.Need](w.Work, relief.NeedKey(in.ID))
	if err != nil {
		return casework.Need{}, err
	}
	n, changed, err := casework.FindNeed(in, existing, w.Actor)
	if err != nil {
		return n, err
	}
	return putIf(w, changed, relief.NeedKey(n.ID), n)
}

// Dismiss ends a need that turned out to be none.
func (*needContract) Dismiss(ctx *Context, input string) (string, error) {
	return dismissAction.one(ctx, input)
}

var dismissAction = action[api.DismissInput, casework.Need]{
	f: api.NeedDismiss,
	reads: func(_ *work, in api.DismissInput) []relief.Key {
		return []relief.Key{relief.NeedKey(in.Need)}
	},
	handle: dismissNeed,
}

func dismissNeed(w *work, in api.DismissInput) (casework.Need, error) {
	n, err := uow.Get[casework.Need](w.Work, relief.NeedKey(in.Need))
	if err != nil {
		return n, err
	}
	out, changed, err := casework.DismissNeed(n, in.Reason, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.NeedKey(in.Need), out)
}

// Get gives a need.
func (*needContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.NeedGet, func(w *work, in api.NeedInput) (casework.Need, error) {
		return uow.Get[casework.Need](w.Work, relief.NeedKey(in.Need))
	})
}

// List gives a page of needs.
func (*needContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.NeedList, func(w *work, in api.NeedFilter) (api.Page[casework.Need], error) {
		return uow.List(w.Work, relief.KindNeed, in.PageInput, relief.ParseNeedID, func(n *casework.Need) bool {
			return (in.Region == "" || in.Region.Covers(n.Region)) && (in.State == "" || n.State == in.State)
		})
	})
}
