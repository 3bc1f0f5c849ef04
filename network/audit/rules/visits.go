package rules

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/stored"
)

// visit does the last act on a visit again, from the values of the blocks alone, and compares.
func (e *txChanges) visit(r Record) {
	v, ok := unpack[draw.Visit](e, r)
	if !ok {
		return
	}
	name := KeyName(r.Name)
	var before *draw.Visit
	if b := e.Segments[r.Name]; b != nil {
		before = &draw.Visit{}
		if json.Unmarshal(b, before) != nil {
			return // reported when it was written
		}
	}
	e.keep(r)
	var acts []relief.HistoryEntry
	if before != nil {
		acts = before.Acts
	}
	if len(e.newActs(name, acts, v.Acts)) != 1 {
		e.report(BadRecord, "%s was not changed by one act", name)
		return
	}
	last := v.Acts[len(v.Acts)-1]
	want, err := e.visitAct(before, v, &last)
	if err != nil {
		e.report(BadRecord, "%s: %s is not possible: %v", name, last.Act, err)
		return
	}
	want.Acts = v.Acts
	if !sameJSON(want, v) {
		e.report(BadRecord, "%s: the blocks give another result of %s", name, last.Act)
	}
}

// visitAct does an act on a visit as the contracts do.
func (e *txChanges) visitAct(before, v *draw.Visit, act *relief.HistoryEntry) (out draw.Visit, err error) {
	p, err := stored.Read[draw.Plan](e.Segments[relief.PlanKey(v.Plan).String()])
	if err != nil {
		return out, fmt.Errorf("the draw: %w", err)
	}
	drawn, err := stored.Read[draw.DrawnUnits](e.Segments[relief.DrawnKey(v.Plan).String()])
	if err != nil {
		return out, fmt.Errorf("the drawn units: %w", err)
	}
	if err := drawn.FindUnit(v.Unit); err != nil {
		return out, err
	}
	home, err := e.drawnHousehold(p, &drawn.Units[v.Unit])
	if err != nil {
		return out, err
	}
	at := &draw.At{Plan: p, Drawn: drawn, Unit: v.Unit, Home: &home, Before: before}
	if at.Earlier, err = e.visits(v.Plan, drawn.Earlier(v.Unit)); err != nil {
		return out, err
	}
	actor := relief.Actor{By: act.By, At: act.At, Tx: act.Tx}
	if !p.County.Covers(actor.By.Region) {
		actor.By.Region = p.County // as in drawAct
	}
	switch {
	case act.Act == relief.ActOversightVisit:
		out, _, err = draw.RecordVisit(at, v.VisitTerms, actor)
		return out, err
	case act.Act == relief.ActOversightConfirmVisit && before != nil:
		return draw.ConfirmVisit(at, draw.VisitDecision{SHA256: v.SHA256, Agree: v.State == draw.VisitConfirmed}, actor)
	default:
		return out, relief.Errorf(relief.CodeInvalid, "it is no act on a visit")
	}
}

// visits are what is recorded of units of a draw, nil for one of which nothing is.
func (e *txChanges) visits(id relief.PlanID, places []int) ([]*draw.Visit, error) {
	out := make([]*draw.Visit, len(places))
	for i, place := range places {
		value := e.Segments[relief.VisitKey(id, place).String()]
		if value == nil {
			continue
		}
		var err error
		if out[i], err = stored.Read[draw.Visit](value); err != nil {
			return nil, fmt.Errorf("the visit of unit %d: %w", place, err)
		}
	}
	return out, nil
}

// finished counts the visits of a draw again.
func (e *txChanges) finished(p *draw.Plan, actor relief.Actor) (out draw.Plan, err error) {
	drawn, err := stored.Read[draw.DrawnUnits](e.Segments[relief.DrawnKey(p.ID).String()])
	if err != nil {
		return out, fmt.Errorf("the drawn units: %w", err)
	}
	places := make([]int, len(drawn.Units))
	for i := range places {
		places[i] = i
	}
	visits, err := e.visits(p.ID, places)
	if err != nil {
		return out, err
	}
	return draw.Finish(*p, drawn, visits, actor)
}
