// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

// Visit records what two officials found at a unit that was drawn.
func (*oversightContract) Visit(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightVisit, func(w *work, in api.VisitInput) (draw.Visit, error) {
		at, err := w.visited(in.UnitInput)
		if err != nil {
			return draw.Visit{}, err
		}
		with, err := w.colleague("with", in.With.Agency, in.With.Name)
		if err != nil {
			return draw.Visit{}, err
		}
		if in.With.ID != "" && in.With.ID != with.ID {
			return draw.Visit{}, relief.FieldErrorf("with", "%s of %s has another staff number", with.Name, with.Agency)
		}
		in.With.Name, in.With.ID = with.Name, with.ID
		out, changed, err := draw.RecordVisit(at, in.VisitTerms, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.VisitKey(in.Plan, in.Unit), out)
	})
}

// ConfirmVisit confirms a visit, or returns it.
func (*oversightContract) ConfirmVisit(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightConfirmVisit, func(w *work, in api.VisitDecisionInput) (draw.Visit, error) {
		at, err := w.visited(in.UnitInput)
		if err != nil {
			return draw.Visit{}, err
		}
		if at.Before == nil {
			return draw.Visit{}, relief.Errorf(relief.CodeNotFound, "尚未登记核查 · no visit of this unit is recorded")
		}
		out, err := draw.ConfirmVisit(at, in.VisitDecision, w.Actor)
		if err != nil {
			return out, err
		}
		return out, w.Put(relief.VisitKey(in.Plan, in.Unit), out)
	})
}

// Finish ends a draw.
func (*oversightContract) Finish(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightFinish, func(w *work, in api.PlanIDInput) (draw.Plan, error) {
		p, err := w.plan(in)
		if err != nil {
			return p, err
		}
		if err := p.MayVisit(); err != nil {
			return p, err
		}
		drawn, err := uow.Get[draw.DrawnUnits](w.Work, relief.DrawnKey(in.Plan))
		if err != nil {
			return p, err
		}
		places := make([]int, len(drawn.Units))
		for i := range places {
			places[i] = i
		}
		visits, err := w.visits(in.Plan, places)
		if err != nil {
			return p, err
		}
		out, err := draw.Finish(p, &drawn, visits, w.Actor)
		if err != nil {
			return out, err
		}
		return out, w.Put(relief.PlanKey(in.Plan), out)
	})
}

// GetVisit gives a visit.
func (*oversightContract) GetVisit(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightGetVisit, func(w *work, in api.UnitInput) (draw.Visit, error) {
		return uow.Get[draw.Visit](w.Work, relief.VisitKey(in.Plan, in.Unit))
	})
}

// visited is all that a visit of a unit is held against.
func (w *work) visited(in api.UnitInput) (*draw.At, error) {
	p, err := uow.Get[draw.Plan](w.Work, relief.PlanKey(in.Plan))
	if err != nil {
		return nil, err
	}
	if err := p.MayVisit(); err != nil {
		return nil, err
	}
	drawn, err := uow.Get[draw.DrawnUnits](w.Work, relief.DrawnKey(in.Plan))
	if err != nil {
		return nil, err
	}
	if err := drawn.FindUnit(in.Unit); err != nil {
		return nil, err
	}
	homes, err := w.drawnHouseholds(&p, &draw.DrawnUnits{Units: drawn.Units[in.Unit : in.Unit+1]})
	if err != nil {
		return nil, err
	}
	at := &draw.At{Plan: &p, Drawn: &drawn, Unit: in.Unit, Home: &homes[0]}
	if at.Earlier, err = w.visits(in.Plan, drawn.Earlier(in.Unit)); err != nil {
		return nil, err
	}
	at.Before, err = uow.Find[draw.Visit](w.Work, relief.VisitKey(in.Plan, in.Unit))
	return at, err
}

// visits are what is recorded of units, nil for one of which nothing is.
func (w *work) visits(id relief.PlanID, places []int) ([]*draw.Visit, error) {
	keys := make([]relief.Key, len(places))
	for i, place := range places {
		keys[i] = relief.VisitKey(id, place)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	out := make([]*draw.Visit, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = uow.Find[draw.Visit](w.Work, k); err != nil {
			return nil, err
		}
	}
	return out, nil
}
