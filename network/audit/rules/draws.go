package rules

import (
	"bytes"
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// frame keeps the units of a stratum, which never change; plan compares them with what the blocks give.
func (e *txChanges) frame(r Record) {
	if e.Segments[r.Name] != nil {
		e.report(BadRecord, "%s is fixed a second time", KeyName(r.Name))
		return
	}
	e.keep(r)
	e.draws[relief.PlanID(r.Key.Attrs[0])] = true
}

// drawn keeps what was drawn, which never changes.
func (e *txChanges) drawn(r Record) {
	if e.Segments[r.Name] != nil {
		e.report(BadRecord, "%s is drawn a second time", KeyName(r.Name))
		return
	}
	e.keep(r)
	e.draws[relief.PlanID(r.Key.Attrs[0])] = true
}

// plan does the last act on a draw again, from the values of the blocks alone, and compares.
func (e *txChanges) plan(r Record) {
	p, ok := unpack[draw.Plan](e, r)
	if !ok {
		return
	}
	name := KeyName(r.Name)
	var before draw.Plan
	if b := e.Segments[r.Name]; b != nil && json.Unmarshal(b, &before) != nil {
		return // reported when it was written
	}
	e.Segments[r.Name] = r.Value
	e.state(r)
	if len(e.newActs(name, before.Acts, p.Acts)) != 1 {
		e.report(BadRecord, "%s was not changed by one act", name)
		return
	}
	last := p.Acts[len(p.Acts)-1]
	if last.Act == relief.ActOversightFrame || last.Act == relief.ActOversightDraw {
		delete(e.draws, p.ID)
	}
	want, err := e.drawAct(&before, p, &last)
	if err != nil {
		e.report(BadRecord, "%s: %s is not possible: %v", name, last.Act, err)
		return
	}
	want.Acts = p.Acts
	if !sameJSON(want, p) {
		e.report(BadRecord, "%s: the blocks give another result of %s", name, last.Act)
	}
}

// unasked reports what was written of a draw without an act on it.
func (e *txChanges) unasked() {
	for _, id := range sorted(e.draws) {
		e.report(BadRecord, "the frame or the units of draw %s are written without an act on it", id)
	}
}

func sameJSON(a, b any) bool {
	one, errOne := json.Marshal(a)
	other, errOther := json.Marshal(b)
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}

// drawAct does an act on a draw as the contracts do. The actor's region is the draw's county: whom an official's region has succeeded is
// in no history.
func (e *txChanges) drawAct(before, p *draw.Plan, act *relief.HistoryEntry) (out draw.Plan, err error) {
	actor := relief.Actor{By: act.By, At: act.At, Tx: act.Tx}
	actor.By.Region = p.County
	switch act.Act {
	case relief.ActOversightPlan:
		agencies, err := stored.Read[[]registry.Agency](e.Segments[relief.AgenciesKey().String()])
		if err != nil {
			return out, fmt.Errorf("the agencies: %w", err)
		}
		names := make([]string, len(*agencies))
		for i := range *agencies {
			names[i] = (*agencies)[i].MSPID
		}
		return draw.New(p.ID, p.Terms, names, actor)
	case relief.ActOversightCommit:
		out, _, err = draw.Commit(*before, nonceIn(p, act).Commitment, actor)
	case relief.ActOversightFrame:
		return e.framed(before, actor)
	case relief.ActOversightReveal:
		out, _, err = draw.Reveal(*before, nonceIn(p, act).Nonce, actor)
	case relief.ActOversightDefault:
		return draw.Default(*before, actor)
	case relief.ActOversightDraw:
		return e.drawUnits(before, actor)
	case relief.ActOversightFinish:
		return e.finished(before, actor)
	default:
		err = relief.Errorf(relief.CodeInvalid, "it is no act on a draw")
	}
	return out, err
}

// nonceIn is what a draw has of the agency whose official did an act.
func nonceIn(p *draw.Plan, act *relief.HistoryEntry) (own draw.Nonce) {
	for _, n := range p.Nonces {
		if n.Agency == act.By.Agency {
			own = n
		}
	}
	return own
}

// framed makes the frame again and compares the units of each stratum.
func (e *txChanges) framed(p *draw.Plan, actor relief.Actor) (out draw.Plan, err error) {
	if err := p.MayFrame(actor); err != nil {
		return out, err
	}
	framing := draw.NewFraming(p)
	for _, name := range p.Months {
		m, err := stored.Read[oversight.Month](e.Segments[relief.MonthKey(name.Programme, p.County, name.Period).String()])
		if err != nil {
			return out, fmt.Errorf("month %s of %s: %w", name.Period, name.Programme, err)
		}
		if err := framing.Begin(m); err != nil {
			return out, err
		}
		values, err := e.monthValues(m)
		if err != nil {
			return out, err
		}
		for i := range values.segments {
			s := &values.segments[i]
			if err := framing.Segment(oversight.RowsOf{Holds: values.holds}, s.entries, s.number*e.Sizes[name.Programme], s.payments); err != nil {
				return out, err
			}
		}
	}
	frame, strata, err := framing.Frame(p)
	if err != nil {
		return out, err
	}
	for i := range strata {
		b, err := strata[i].MarshalBinary()
		if err != nil {
			return out, err
		}
		if !bytes.Equal(b, e.Segments[relief.FrameKey(p.ID, i).String()]) {
			return out, relief.Errorf(relief.CodeInvalid, "stratum %d has other units than the blocks give", i)
		}
	}
	return draw.Fix(*p, frame, actor)
}

// drawUnits draws again and compares.
func (e *txChanges) drawUnits(p *draw.Plan, actor relief.Actor) (out draw.Plan, err error) {
	if err := p.MayDraw(); err != nil {
		return out, err
	}
	strata := make([]draw.Units, len(p.Frame.Strata))
	for i := range strata {
		if err := stored.Into(e.Segments[relief.FrameKey(p.ID, i).String()], &strata[i]); err != nil {
			return out, fmt.Errorf("stratum %d: %w", i, err)
		}
	}
	want := draw.Draw(p, strata)
	var pool []draw.Inspector
	for _, of := range p.Inspectors {
		if entry := e.Officials[relief.OfficialKey(of.Agency, of.Name).String()]; entry != nil && entry.State == registry.OfficialActive {
			pool = append(pool, of)
		}
	}
	if len(pool) > 0 {
		households := make([]draw.Household, len(want.Units))
		for i := range want.Units {
			if households[i], err = e.drawnHousehold(p, &want.Units[i]); err != nil {
				return out, err
			}
		}
		want.Inspect(draw.Seed(p.Seed), pool, households)
	}
	has, err := stored.Read[draw.DrawnUnits](e.Segments[relief.DrawnKey(p.ID).String()])
	if err != nil || !sameJSON(has, want) {
		return out, relief.Errorf(relief.CodeInvalid, "the blocks give other units or inspectors")
	}
	return draw.NoteDrawn(*p, &want, actor)
}

// drawnHousehold is the village of a unit, and who did acts in the cases of whoever was paid.
func (e *txChanges) drawnHousehold(p *draw.Plan, u *draw.DrawnUnit) (out draw.Household, err error) {
	size := max(1, e.Sizes[u.Programme])
	entries, err := roll.ParseSegment(e.Segments[relief.RollKey(u.Programme, p.County, u.Number/size).String()])
	if err != nil || int(u.Number%size) >= entries.Len() {
		return out, relief.Errorf(relief.CodeInvalid, "number %d is nobody on the roll", u.Number)
	}
	out.Village = entries.Region(int(u.Number % size))
	value := e.Segments[relief.MemberKey(entries.Ref(int(u.Number%size))).String()]
	if value == nil {
		return out, nil
	}
	record, err := stored.Read[casework.MemberRecord](value)
	if err != nil {
		return out, fmt.Errorf("the cases of number %d: %w", u.Number, err)
	}
	for _, id := range record.Cases() {
		if c := e.Cases[id]; c != nil {
			out.Acted = append(out.Acted, c.Officials...)
		}
	}
	return out, nil
}
