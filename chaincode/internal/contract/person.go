// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// personContract holds the erasures of people's private details and the legal holds on them.
type personContract struct{ contractapi.Contract }

// ProposeErasure proposes to erase a person's private details.
func (*personContract) ProposeErasure(ctx *Context, input string) (string, error) {
	return proposeErasureAction.one(ctx, input)
}

// ConfirmErasure purges a person's private details from every peer, or refuses to.
func (*personContract) ConfirmErasure(ctx *Context, input string) (string, error) {
	return confirmErasureAction.one(ctx, input)
}

// WithdrawErasure takes a proposal back.
func (*personContract) WithdrawErasure(ctx *Context, input string) (string, error) {
	return withdrawErasureAction.one(ctx, input)
}

// GetErasure gives a person's erasure.
func (*personContract) GetErasure(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonGetErasure, func(w *work, in api.SubjectInput) (roll.Erasure, error) {
		return uow.Get[roll.Erasure](w.Work, relief.ErasureKey(in.Subject))
	})
}

// ListErasures gives a page of erasures.
func (*personContract) ListErasures(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonListErasures, func(w *work, in api.ErasureFilter) (api.Page[roll.Erasure], error) {
		return uow.List(w.Work, relief.KindErasure, in.PageInput, relief.ParseSubjectRef, func(e *roll.Erasure) bool {
			return (in.Region == "" || in.Region.Covers(e.Region)) && (in.State == "" || in.State == e.State)
		})
	})
}

// Due says of people when their retention is over.
func (*personContract) Due(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonDue, dueErasures)
}

// Hold keeps a person's or a case's private details from being erased.
func (*personContract) Hold(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonHold, placeHold)
}

// LiftHold ends a hold.
func (*personContract) LiftHold(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonLiftHold, func(w *work, in api.HoldInput) (roll.Hold, error) {
		h, err := uow.Get[roll.Hold](w.Work, relief.HoldKey(in.ID))
		if err != nil {
			return h, err
		}
		out, changed, err := roll.LiftHold(h, w.Actor)
		if err != nil {
			return h, err
		}
		return putIf(w, changed, relief.HoldKey(in.ID), out)
	})
}

// GetHold gives a hold.
func (*personContract) GetHold(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonGetHold, func(w *work, in api.HoldInput) (roll.Hold, error) {
		return uow.Get[roll.Hold](w.Work, relief.HoldKey(in.ID))
	})
}

// ListHolds gives a page of holds.
func (*personContract) ListHolds(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonListHolds, func(w *work, in api.HoldFilter) (api.Page[roll.Hold], error) {
		return uow.List(w.Work, relief.KindHold, in.PageInput, relief.ParseHoldID, func(h *roll.Hold) bool {
			return in.State == "" || in.State == h.State
		})
	})
}

// placeHold holds the private details of a person or a case that the ledger knows.
func placeHold(w *work, t roll.HoldTerms) (roll.Hold, error) {
	var existing *roll.Hold
	var region relief.Region
	if id := t.ID(); id != "" { // the domain refuses it otherwise
		var err error
		if existing, err = uow.Find[roll.Hold](w.Work, relief.HoldKey(id)); err != nil {
			return roll.Hold{}, err
		}
		if region, err = w.heldRegion(&t); err != nil {
			return roll.Hold{}, err
		}
	}
	h, changed, err := roll.PlaceHold(t, existing, region, w.Actor)
	if err != nil {
		return h, err
	}
	return putIf(w, changed, relief.HoldKey(h.ID), h)
}

// heldRegion is where the person or the case of a hold is; NOT_FOUND for one that the ledger does not know.
func (w *work) heldRegion(t *roll.HoldTerms) (relief.Region, error) {
	if t.Case != "" {
		c, err := w.getCase(t.Case)
		return c.Region, err
	}
	p, err := w.traces(t.Subject)
	if err != nil {
		return "", err
	}
	if p.region() == "" {
		return "", relief.Errorf(relief.CodeNotFound, "the person is on no roll and in no case")
	}
	return p.region(), nil
}
