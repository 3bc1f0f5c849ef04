package casework

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// GrantOnceByTownship decides a single grant as GrantOnce does, within what the programme leaves to townships.
func GrantOnceByTownship(
	c Case, v *programme.Version, cal *relief.Calendar, h *Households, t GrantTerms, before GrantedBefore, actor relief.Actor,
) (Case, bool, error) {
	if err := requireTownship(v); err != nil {
		return c, false, err
	}
	return c.grantOnce(relief.ActCaseDecideTownship, v, cal, h, t, before, actor)
}

// RefuseByTownship refuses an application as Refuse does, one for a sum that a township decides.
func RefuseByTownship(c Case, v *programme.Version, cal *relief.Calendar, t RefusalTerms, actor relief.Actor) (Case, bool, error) {
	if err := requireTownship(v); err != nil {
		return c, false, err
	}
	if err := requireSmall(v.Township, max(c.Asked, c.Terms.Amount)); err != nil {
		return c, false, err
	}
	return c.refuse(relief.ActCaseDecideTownship, v, cal, t, actor)
}

// requireSmall refuses, with FORBIDDEN, a sum that is above what a township decides.
func requireSmall(t *programme.TownshipRule, amount relief.Fen) error {
	if amount <= t.MaxAmount {
		return nil
	}
	return &relief.Error{
		Code: relief.CodeForbidden, Field: "amount",
		Detail: "乡镇单笔最多决定 " + t.MaxAmount.String() + " 元，" + amount.String() + " 元由县级决定 · a township decides " + t.MaxAmount.String() +
			" at most: " + amount.String() + " is the county's to decide",
	}
}

// mayDecide refuses, with FORBIDDEN, a grant that is above what a township decides, by itself or with all that the programme granted
// the person in twelve months, whoever decided it.
func mayDecide(t *programme.TownshipRule, amount, ofYear relief.Fen) error {
	if err := requireSmall(t, amount); err != nil {
		return err
	}
	if sum := ofYear + amount; sum > t.MaxYear {
		return &relief.Error{
			Code: relief.CodeForbidden, Field: "amount",
			Detail: "该对象十二个月内累计 " + sum.String() + " 元，超过乡镇可决定的 " + t.MaxYear.String() + " 元，由县级决定 · the person's grants of twelve months come to " +
				sum.String() + ", a township decides up to " + t.MaxYear.String() + ": the county decides",
		}
	}
	return nil
}

// Confirmation is what the county says of a township's decision.
type Confirmation struct {
	Agreed bool   `json:"agreed"`
	Reason string `json:"reason,omitempty"` // why not
	Late   bool   `json:"late,omitempty"`   // after the day on which it was due
	Act    int    `json:"act"`
}

// ConfirmTerms are the input of the county's word on a township's decision.
type ConfirmTerms struct {
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"`
}

// ConfirmTownship records the county's word on a decision that one official of a township took. A decision that the county does not
// agree with is revoked: the caller takes the grant back.
func ConfirmTownship(c Case, cal *relief.Calendar, t ConfirmTerms, actor relief.Actor) (Case, bool, error) {
	if err := t.validate(); err != nil {
		return c, false, err
	}
	same := func() bool {
		return c.Grant != nil && c.Grant.Confirmed != nil && c.Grant.Confirmed.Agreed == t.Agree && c.Grant.Confirmed.Reason == t.Reason
	}
	outcome := outcomeAgree
	if !t.Agree {
		outcome = outcomeRevoke
	}
	next, repeated, err := c.step(row(relief.ActCaseConfirmTownship, outcome), relief.ActCaseConfirmTownship, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if c.Unconfirmed() == "" {
		return c, false, relief.Errorf(relief.CodeWrongState, "no decision of a township waits for the county in this case")
	}
	if err := c.requireOther(actor, relief.ActCaseConfirmTownship, append([]relief.Act{relief.ActCaseDecideTownship}, preparing...)...); err != nil {
		return c, false, err
	}
	g := *c.Grant
	g.Confirmed = &Confirmation{Agreed: t.Agree, Reason: t.Reason, Late: cal.Day(actor.At) > g.ConfirmDue, Act: len(c.Acts)}
	c.Grant = &g
	c.record(next, relief.ActCaseConfirmTownship, actor)
	return c, true, nil
}

// The outcomes of a confirmation in the transition table.
const (
	outcomeAgree  = "agreed"
	outcomeRevoke = "revoked"
)

func (t *ConfirmTerms) validate() error {
	if t.Agree {
		if t.Reason != "" {
			return relief.FieldErrorf("reason", "a confirmation has no reason; leave it out")
		}
		return nil
	}
	return relief.CheckText("reason", t.Reason, 1, 200)
}

// Unconfirmed is the day until which the county is to confirm a township's decision, "" when none waits for it.
func (c *Case) Unconfirmed() relief.Day {
	if c.Grant == nil || c.Grant.Confirmed != nil {
		return ""
	}
	return c.Grant.ConfirmDue
}

// requireTownship refuses, with FORBIDDEN, a township's decision in a programme that leaves none to townships.
func requireTownship(v *programme.Version) error {
	if v.Township == nil {
		return relief.Errorf(relief.CodeForbidden, "项目 %s 由县级决定 · the county decides in programme %s", v.ID, v.ID)
	}
	return nil
}
