package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// The outcomes of a decision.
const (
	Granted DecisionOutcome = "granted"
	Refused DecisionOutcome = "refused"
)

// DecisionOutcome says whether an application was granted or refused.
type DecisionOutcome string

// RefusalReason says why an application is refused.
type RefusalReason string

var refusalReasons = []RefusalReason{"income", "property", "not-resident", "false-statement", "duplicate", "objection-founded", "incomplete", "other"}

// Decision is the latest decision on an application.
type Decision struct {
	Outcome     DecisionOutcome `json:"outcome"`
	From        relief.Period   `json:"from,omitzero"`  // the first period that is paid
	Until       relief.Period   `json:"until,omitzero"` // the only period that one-off relief pays
	Reason      RefusalReason   `json:"reason,omitempty"`
	HowToAppeal string          `json:"how_to_appeal,omitempty"` // R58
	AppealUntil relief.Day      `json:"appeal_until,omitempty"`
	Late        bool            `json:"late,omitempty"` // decided after the day on which it was due
	Act         int             `json:"act"`
}

// RefusalTerms is the input of a refusal.
type RefusalTerms struct {
	Reason      RefusalReason `json:"reason"`
	HowToAppeal string        `json:"how_to_appeal"`
}

// decision checks what a grant and a refusal have in common. v is the version under which the case was put on notice.
func (c *Case) decision(act, duty relief.Act, v *programme.Version, actor relief.Actor, same func() bool) (next CaseState, repeated bool, err error) {
	if next, repeated, err = c.step(act, duty, actor, same); err != nil || repeated {
		return next, repeated, err
	}
	if err := c.requireOther(actor, duty, preparing...); err != nil {
		return "", false, err
	}
	return next, false, c.requireMatches(v, c.Members, actor.At, act == actGrant)
}

// Grant grants the terms of the public notice once the notice is over. An official who prepared the case may not grant
// it. Nobody of the household receives such relief elsewhere (R9), and no county that knows one of them contests the claim or
// has yet to confirm it. The same transaction puts the household on the roll: see Enrol.
func Grant(c Case, v *programme.Version, cal *relief.Calendar, h *Households, actor relief.Actor) (Case, bool, error) {
	same := func() bool { return c.Decision != nil && c.Decision.Outcome == Granted }
	next, repeated, err := c.decision(actGrant, relief.ActCaseDecide, v, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if err := c.requireEvidence(v); err != nil {
		return c, false, err
	}
	if err := c.requireNoticeOver(actor.At); err != nil {
		return c, false, err
	}
	if err := h.requireFree(c.Members, &c, v, actor.At); err != nil {
		return c, false, err
	}
	day := cal.Day(actor.At)
	d := &Decision{Outcome: Granted, From: v.FirstPeriod(day), Late: day > c.Due, Act: len(c.Acts)}
	c.Decision, c.Due, c.RecheckOn = d, "", ""
	if v.Cycle == programme.CycleOnce {
		d.Until = d.From
	} else if months := v.RecheckInterval(c.Terms.Class, c.Settlement); months > 0 {
		c.RecheckOn = day.AddMonths(months)
	}
	c.record(next, relief.ActCaseDecide, actor)
	return c, true, nil
}

// Refuse refuses an application, with the reason and how to appeal.
func Refuse(c Case, v *programme.Version, cal *relief.Calendar, t RefusalTerms, actor relief.Actor) (Case, bool, error) {
	return c.refuse(relief.ActCaseDecide, v, cal, t, actor)
}

func (c Case) refuse(duty relief.Act, v *programme.Version, cal *relief.Calendar, t RefusalTerms, actor relief.Actor) (Case, bool, error) {
	if !slices.Contains(refusalReasons, t.Reason) {
		return c, false, relief.FieldErrorf("reason",
			"the reason must be income, property, not-resident, false-statement, duplicate, objection-founded, incomplete or other")
	}
	if t.HowToAppeal == "" {
		t.HowToAppeal = v.AppealGuide
	}
	if err := relief.CheckText("how_to_appeal", t.HowToAppeal, 1, 500); err != nil {
		return c, false, err
	}
	same := func() bool {
		return c.Decision != nil && c.Decision.Outcome == Refused && c.Decision.Reason == t.Reason && c.Decision.HowToAppeal == t.HowToAppeal
	}
	next, repeated, err := c.decision(row(duty, outcomeRefuse), duty, v, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	day := cal.Day(actor.At)
	c.Decision = &Decision{
		Outcome: Refused, Reason: t.Reason, HowToAppeal: t.HowToAppeal, AppealUntil: day.Add(v.AppealDays),
		Late: c.Due != "" && day > c.Due, Act: len(c.Acts),
	}
	c.Due = ""
	c.record(next, duty, actor)
	return c, true, nil
}

// Enrol puts a granted household on the roll. current is the index entry of its head, nil for a person who was never on
// the programme's roll.
func Enrol(c Case, part roll.Part, current *roll.IndexEntry) (Case, roll.Part, roll.IndexEntry, error) {
	in := roll.Input{
		Ref: c.Head(), Region: c.Region, Persons: c.Terms.Persons, Class: c.Terms.Class[0], Amount: c.Terms.Amount, Payee: c.Payee,
	}
	enrolled, entry, code := roll.Enrol(part, &in, c.Decision.From, !c.Decision.Until.IsZero(), current)
	if err := enrolRefusal(code, &part); err != nil {
		return c, part, roll.IndexEntry{}, err
	}
	entry.Case = c.ID
	c.Roll = &roll.Number{County: entry.County, Number: entry.Number}
	return c, enrolled, *entry, nil
}

// enrolRefusal says why a decision cannot put somebody on a segment of the roll; nil when code is "".
func enrolRefusal(code relief.LineCode, part *roll.Part) error {
	switch code {
	case "":
		return nil
	case relief.LineWrongSegment:
		return relief.Errorf(relief.CodePending, "segment %d of the roll is full: name the next one", part.At.Segment)
	case relief.LineUnanswered:
		return relief.Errorf(relief.CodePending, "a payment of the household's head has no answer of the bank yet")
	}
	return relief.Errorf(relief.CodeDuplicate, "the head of the household cannot be put on the roll: %s", code)
}
