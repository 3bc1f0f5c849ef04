package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// FormerHead is who led a household before an act of its case, in which programme: what was sealed until then is bound to these.
type FormerHead struct {
	Head      relief.SubjectRef  `json:"head"`
	Programme relief.ProgrammeID `json:"programme"`
	Act       int                `json:"act"` // the place of the act in the case's history that put another head or programme in their place
}

// Applicant is the head who applied for the household.
func (c *Case) Applicant() relief.SubjectRef {
	if len(c.Heads) > 0 {
		return c.Heads[0].Head
	}
	return c.Head()
}

// SealedFor gives the head and the programme to which the facts are bound that an act of the case brought.
func (c *Case) SealedFor(act int) (relief.SubjectRef, relief.ProgrammeID) {
	for i := range c.Heads {
		if act < c.Heads[i].Act {
			return c.Heads[i].Head, c.Heads[i].Programme
		}
	}
	return c.Head(), c.Programme
}

// Concerned are the members of the household and the head to whom facts of the case are bound.
func (c *Case) Concerned(head relief.SubjectRef) []relief.SubjectRef {
	if slices.Contains(c.Members, head) {
		return c.Members
	}
	return append(slices.Clone(c.Members), head)
}

// Led are those who lead the household or led it.
func (c *Case) Led() []relief.SubjectRef {
	heads := []relief.SubjectRef{c.Head()}
	for i := range c.Heads {
		if !slices.Contains(heads, c.Heads[i].Head) {
			heads = append(heads, c.Heads[i].Head)
		}
	}
	return heads
}

// leadBy puts other members in the place of the household's, and another programme in the place of the case's.
func (c *Case) leadBy(members []relief.SubjectRef, programme relief.ProgrammeID) {
	if c.Head() != members[0] || c.Programme != programme {
		c.Heads = append(slices.Clip(c.Heads), FormerHead{c.Head(), c.Programme, len(c.Acts)})
	}
	c.Members, c.Programme = members, programme
}

// succeed does what the acts on a case have in common that end a number and open another: who proposed the change has a part in
// it, and a re-check that is not confirmed is prepared again.
func (c *Case) succeed(act relief.Act, by *roll.Change, actor relief.Actor) error {
	next, _, err := c.step(act, relief.ActRollConfirmChange, actor, nil)
	if err != nil {
		return err
	}
	c.Acts = append(slices.Clip(c.Acts), by.Acts[0])
	c.Review = nil
	c.record(next, relief.ActRollConfirmChange, actor)
	return nil
}

// ledBy are the members of the household after one of them has taken the place of the head, who is no member any more. A member
// whom an import did not name may lead.
func (c *Case) ledBy(head relief.SubjectRef) ([]relief.SubjectRef, error) {
	if !slices.Contains(c.Members[1:], head) && c.size(c.Members) == len(c.Members) {
		return nil, relief.FieldErrorf("new_head", "the new head must be a member of the household")
	}
	out := []relief.SubjectRef{head}
	for _, ref := range c.Members[1:] {
		if ref != head {
			out = append(out, ref)
		}
	}
	return out, nil
}

// ReplaceHead has another member lead the household: its head has died or left. v is the version of the case. Somebody whom an
// import did not name receives no such relief elsewhere (R9). The caller ends the head's number and opens that of the new head.
func ReplaceHead(c Case, v *programme.Version, h *Households, by *roll.Change, actor relief.Actor) (Case, error) {
	members, err := c.ledBy(by.Head)
	if err != nil {
		return c, err
	}
	if !slices.Contains(c.Members, by.Head) {
		out := c
		out.Members = members
		if err := h.requireFreeFrom(members[:1], &out, v, actor.At, by.From); err != nil {
			return c, err
		}
	}
	terms := by.Granted()
	if err := terms.Fit(v, max(len(members), c.size(c.Members)-1)); err != nil {
		return c, err
	}
	if err := c.succeed(roll.ActConfirmHead, by, actor); err != nil {
		return c, err
	}
	c.leadBy(members, c.Programme)
	c.Terms, c.Payee = terms, by.Payee
	return c, nil
}

// Move has the household live elsewhere in the county. The caller ends its number and opens another.
func Move(c Case, by *roll.Change, actor relief.Actor) (Case, error) {
	if err := c.succeed(roll.ActConfirmMove, by, actor); err != nil {
		return c, err
	}
	c.Region = by.ToRegion
	return c, nil
}

// MoveOut ends a case in the county because the household moves to another one, which takes it in by MoveIn. The caller ends the
// roll entry.
func MoveOut(c Case, v *programme.Version, cal *relief.Calendar, by *roll.Change, actor relief.Actor) (Case, error) {
	if err := c.succeed(roll.ActConfirmMoveOut, by, actor); err != nil {
		return c, err
	}
	c.end(roll.ExitMoved, "", by.LastPeriod, v, cal, actor)
	c.Ended.Act, c.Ended.Change = len(c.Acts)-1, by.ID
	return c, nil
}

// MoveIn goes on with a case in another county, under the version v of that county's programme, from a period on. Nobody of the
// household receives such relief elsewhere (R9), and no county contests that.
func MoveIn(c Case, v *programme.Version, h *Households, by *roll.Change, from relief.Period, actor relief.Actor) (Case, error) {
	out := c
	out.Region = by.ToRegion
	terms := by.Granted()
	if err := terms.Fit(v, c.size(c.Members)); err != nil {
		return c, err
	}
	if err := h.requireFreeFrom(out.Members, &out, v, actor.At, from); err != nil {
		return c, err
	}
	if err := out.succeed(roll.ActConfirmMoveIn, by, actor); err != nil {
		return c, err
	}
	out.leadBy(out.Members, by.ToProgramme)
	out.Version, out.Terms, out.Payee, out.Ended = v.Version, terms, by.Payee, nil
	if months := v.RecheckInterval(out.Terms.Class, out.Settlement); months > 0 {
		out.RecheckOn = relief.DefaultCalendar.Day(actor.At).AddMonths(months)
	}
	return out, nil
}

// Relink has a member of the household stand under another reference of the same human being.
func Relink(c Case, from, to relief.SubjectRef, actor relief.Actor) (Case, error) {
	next, err := relief.Next(CaseTransitions, c.State, relief.ActPersonConfirmLink)
	if err != nil {
		return c, err
	}
	if err := actor.Follows(c.Acts); err != nil {
		return c, err
	}
	members := slices.Clone(c.Members)
	members[slices.Index(members, from)] = to
	c.leadBy(members, c.Programme)
	c.Review = nil
	c.record(next, relief.ActPersonConfirmLink, actor)
	return c, nil
}
