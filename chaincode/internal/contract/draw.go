// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"reflect"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

// Plan plans a draw.
func (*oversightContract) Plan(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightPlan, planDraw)
}

func planDraw(w *work, in api.PlanInput) (draw.Plan, error) {
	var none draw.Plan
	for _, m := range in.Months {
		if _, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(m.Programme)); err != nil {
			return none, err
		}
	}
	for i := range min(len(in.Inspectors), draw.MaxInspectors) {
		of := &in.Inspectors[i]
		known, err := w.colleague("inspectors", of.Agency, of.Name)
		if err != nil {
			return none, err
		}
		if of.ID != "" && of.ID != known.ID {
			return none, relief.FieldErrorf("inspectors", "%s of %s has another staff number", known.Name, known.Agency)
		}
		of.Name, of.ID = known.Name, known.ID
	}
	agencies, err := uow.Get[[]registry.Agency](w.Work, relief.AgenciesKey())
	if err != nil {
		return none, err
	}
	names := make([]string, len(agencies))
	for i := range agencies {
		names[i] = agencies[i].MSPID
	}
	out, err := draw.New(in.ID, in.Terms, names, w.Actor)
	if err != nil {
		return none, err
	}
	before, err := uow.Find[draw.Plan](w.Work, relief.PlanKey(in.ID))
	if err != nil {
		return none, err
	}
	if before != nil {
		if w.Actor.Repeats(before.Acts, relief.ActOversightPlan) && reflect.DeepEqual(before.Terms, out.Terms) {
			return *before, nil
		}
		return none, relief.Errorf(relief.CodeConflict, "编号已被使用 · a draw of this id exists")
	}
	return out, w.Put(relief.PlanKey(in.ID), out)
}

// Commit notes the hash of an agency's nonce.
func (*oversightContract) Commit(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightCommit, func(w *work, in api.CommitInput) (draw.Plan, error) {
		p, err := w.plan(in.PlanIDInput)
		if err != nil {
			return p, err
		}
		out, changed, err := draw.Commit(p, in.Commitment, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.PlanKey(in.Plan), out)
	})
}

// Frame fixes what is drawn from. It reads the roll and the payments as closed ranges, as the close of a month does.
func (*oversightContract) Frame(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightFrame, func(w *work, in api.PlanIDInput) (draw.Plan, error) {
		p, err := w.plan(in)
		if err != nil {
			return p, err
		}
		if err := p.MayFrame(w.Actor); err != nil {
			return p, err
		}
		framing := draw.NewFraming(&p)
		for _, m := range p.Months {
			if err := w.frameMonth(framing, api.MonthInput{Programme: m.Programme, County: p.County, Period: m.Period}); err != nil {
				return p, err
			}
		}
		frame, strata, err := framing.Frame(&p)
		if err != nil {
			return p, err
		}
		out, err := draw.Fix(p, frame, w.Actor)
		if err != nil {
			return out, err
		}
		for i := range strata {
			if err := w.Put(relief.FrameKey(p.ID, i), strata[i]); err != nil {
				return out, err
			}
		}
		return out, w.Put(relief.PlanKey(p.ID), out)
	})
}

// frameMonth adds the rows of a closed month to a frame.
func (w *work) frameMonth(framing *draw.Framing, in api.MonthInput) error {
	month, err := w.month(in)
	if err != nil {
		return err
	}
	if err := framing.Begin(&month); err != nil {
		return err
	}
	size, err := w.segmentSize(in.Programme)
	if err != nil {
		return err
	}
	values, err := w.monthValues(in, size)
	if err != nil {
		return err
	}
	rows := oversight.RowsOf{Holds: values.holds}
	for i := range values.segments {
		s := &values.segments[i]
		if err := framing.Segment(rows, s.entries, s.number*size, values.of(i)); err != nil {
			return err
		}
	}
	return nil
}

// Reveal tells an agency's nonce.
func (*oversightContract) Reveal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightReveal, func(w *work, in api.RevealInput) (draw.Plan, error) {
		p, err := w.plan(in.PlanIDInput)
		if err != nil {
			return p, err
		}
		out, changed, err := draw.Reveal(p, in.Nonce, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.PlanKey(in.Plan), out)
	})
}

// Default goes on without nonces that were not told in time.
func (*oversightContract) Default(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightDefault, func(w *work, in api.PlanIDInput) (draw.Plan, error) {
		p, err := w.plan(in)
		if err != nil {
			return p, err
		}
		out, err := draw.Default(p, w.Actor)
		if err != nil {
			return out, err
		}
		return out, w.Put(relief.PlanKey(in.Plan), out)
	})
}

// Draw draws what follows from the frame and the seed.
func (*oversightContract) Draw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightDraw, func(w *work, in api.PlanIDInput) (draw.Plan, error) {
		p, err := w.plan(in)
		if err != nil {
			return p, err
		}
		if err := p.MayDraw(); err != nil {
			return p, err
		}
		drawn, err := w.drawnUnits(&p)
		if err != nil {
			return p, err
		}
		out, err := draw.NoteDrawn(p, &drawn, w.Actor)
		if err != nil {
			return out, err
		}
		if err := w.Put(relief.DrawnKey(p.ID), drawn); err != nil {
			return out, err
		}
		return out, w.Put(relief.PlanKey(p.ID), out)
	})
}

// GetPlan gives a draw.
func (*oversightContract) GetPlan(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightGetPlan, func(w *work, in api.PlanIDInput) (draw.Plan, error) {
		return uow.Get[draw.Plan](w.Work, relief.PlanKey(in.Plan))
	})
}

// Foresee gives what a sealed draw will draw.
func (*oversightContract) Foresee(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightForesee, func(w *work, in api.RevealInput) (draw.DrawnUnits, error) {
		p, err := uow.Get[draw.Plan](w.Work, relief.PlanKey(in.Plan))
		if err != nil {
			return draw.DrawnUnits{}, err
		}
		if p, err = draw.Foresee(p, in.Nonce); err != nil {
			return draw.DrawnUnits{}, err
		}
		return w.drawnUnits(&p)
	})
}

// Drawn gives the units that were drawn.
func (*oversightContract) Drawn(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightDrawn, func(w *work, in api.PlanIDInput) (draw.DrawnUnits, error) {
		return uow.Get[draw.DrawnUnits](w.Work, relief.DrawnKey(in.Plan))
	})
}

// plan is a draw that the caller's region covers.
func (w *work) plan(in api.PlanIDInput) (draw.Plan, error) {
	p, err := uow.Get[draw.Plan](w.Work, relief.PlanKey(in.Plan))
	if err != nil {
		return p, err
	}
	return p, relief.RequireRegion(w.Actor.By, p.County)
}

// drawnUnits are the units and inspectors that follow from a draw's seed.
func (w *work) drawnUnits(p *draw.Plan) (draw.DrawnUnits, error) {
	strata, err := w.strata(p)
	if err != nil {
		return draw.DrawnUnits{}, err
	}
	drawn := draw.Draw(p, strata)
	return drawn, w.inspectors(p, &drawn)
}

// strata are the units of a frame, stratum by stratum.
func (w *work) strata(p *draw.Plan) ([]draw.Units, error) {
	keys := make([]relief.Key, len(p.Frame.Strata))
	for i := range keys {
		keys[i] = relief.FrameKey(p.ID, i)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	out := make([]draw.Units, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = uow.Get[draw.Units](w.Work, k); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// inspectors draws two for each unit, of those who are in office.
func (w *work) inspectors(p *draw.Plan, drawn *draw.DrawnUnits) error {
	pool, err := w.inOffice(p.Inspectors)
	if err != nil || len(pool) == 0 {
		return err
	}
	households, err := w.drawnHouseholds(p, drawn)
	if err != nil {
		return err
	}
	drawn.Inspect(draw.Seed(p.Seed), pool, households)
	return nil
}

// drawnHouseholds are the villages of what was drawn, and who did acts in the cases of those who were paid.
func (w *work) drawnHouseholds(p *draw.Plan, drawn *draw.DrawnUnits) ([]draw.Household, error) {
	out, members := make([]draw.Household, len(drawn.Units)), make([]relief.Key, len(drawn.Units))
	for i := range drawn.Units {
		u := &drawn.Units[i]
		part, slot, err := w.rollSlot(u.Programme, p.County, u.Number)
		if err != nil {
			return nil, err
		}
		out[i].Village, members[i] = part.Region(slot), relief.MemberKey(part.Ref(slot))
	}
	if err := w.Fetch(members...); err != nil {
		return nil, err
	}
	cases, all := make([][]relief.CaseID, len(members)), []relief.Key{}
	for i, k := range members {
		record, err := uow.Find[casework.MemberRecord](w.Work, k)
		if err != nil {
			return nil, err
		}
		if record == nil {
			continue
		}
		cases[i] = record.Cases()
		for _, id := range cases[i] {
			all = append(all, relief.CaseKey(id))
		}
	}
	if err := w.Fetch(all...); err != nil {
		return nil, err
	}
	for i := range cases {
		for _, id := range cases[i] {
			c, err := w.getCase(id)
			if err != nil {
				return nil, err
			}
			for _, a := range c.Acts {
				out[i].Acted = append(out[i].Acted, a.By)
			}
		}
	}
	return out, nil
}

// rollSlot is the segment of the roll that a number is in, and where.
func (w *work) rollSlot(programme relief.ProgrammeID, county relief.Region, number uint32) (roll.Segment, int, error) {
	size, err := w.segmentSize(programme)
	if err != nil {
		return roll.Segment{}, 0, err
	}
	b, err := w.Value(relief.RollKey(programme, county, number/size))
	if err != nil {
		return roll.Segment{}, 0, err
	}
	entries, err := roll.ParseSegment(b)
	if err == nil && int(number%size) >= entries.Len() {
		err = relief.Errorf(relief.CodeCorrupt, "a unit of a draw is nobody on the roll")
	}
	return entries, int(number % size), err
}

// inOffice are the inspectors who still are.
func (w *work) inOffice(all []draw.Inspector) (pool []draw.Inspector, err error) {
	keys := make([]relief.Key, len(all))
	for i := range all {
		keys[i] = relief.OfficialKey(all[i].Agency, all[i].Name)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	for i, k := range keys {
		entry, err := uow.Get[registry.OfficialEntry](w.Work, k)
		if err != nil {
			return nil, err
		}
		if entry.State == registry.OfficialActive {
			pool = append(pool, all[i])
		}
	}
	return pool, nil
}
