package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// RecheckOutcome is the result of a re-check or of a reported change (R11).
type RecheckOutcome string

// The results of a re-check.
const (
	RecheckKeep   RecheckOutcome = "keep"   // nothing changes; the next re-check is planned
	RecheckChange RecheckOutcome = "change" // household, income or class has changed: new terms
	RecheckExit   RecheckOutcome = "exit"   // no longer eligible (R12)
)

// Review is a prepared re-check, which another official must confirm.
type Review struct {
	Finding RecheckOutcome      `json:"finding"`
	Terms   roll.Terms          `json:"terms,omitzero"`         // the new terms after a change
	Members []relief.SubjectRef `json:"members,omitempty"`      // the new household, if it has changed
	Reason  roll.ExitReason     `json:"reason,omitempty"`       // the reason of an exit
	Facts   string              `json:"facts_sha256,omitempty"` // salted, of the facts that take effect with the review
	Version int                 `json:"programme_version"`
	Act     int                 `json:"act"`
}

func (r *Review) same(o *Review) bool {
	return o != nil && r.Finding == o.Finding && r.Terms == o.Terms && r.Reason == o.Reason && r.Facts == o.Facts && slices.Equal(r.Members, o.Members)
}

// ReviewTerms is the input for preparing a re-check.
type ReviewTerms struct {
	Finding    RecheckOutcome      `json:"finding"`
	Terms      roll.Terms          `json:"terms"`
	Members    []relief.SubjectRef `json:"members"`
	Reason     roll.ExitReason     `json:"reason"`
	roll.Payee                     // whom the facts name, when facts travel with the review
}

// PrepareReview records the result of a re-check. v is the version in force; facts is the salted hash of new sealed
// facts, "" for none; onRoll is the payee of the household's head on the roll.
func PrepareReview(
	c Case, v *programme.Version, t ReviewTerms, facts string, onRoll roll.Payee, h *Households, actor relief.Actor,
) (Case, bool, error) {
	r := &Review{Finding: t.Finding, Terms: t.Terms, Members: t.Members, Reason: t.Reason, Facts: facts, Version: v.Version, Act: len(c.Acts)}
	if err := r.validate(&c, v, h, actor); err != nil {
		return c, false, err
	}
	next, repeated, err := c.step(relief.ActCaseReview, relief.ActCaseReview, actor, func() bool { return r.same(c.Review) })
	if err != nil || repeated {
		return c, false, err
	}
	if err := t.checkFacts(facts, onRoll); err != nil {
		return c, false, err
	}
	c.Review = r
	c.record(next, relief.ActCaseReview, actor)
	return c, true, nil
}

func (r *Review) validate(c *Case, v *programme.Version, h *Households, actor relief.Actor) error {
	bare := r.Terms.IsZero() && r.Members == nil
	switch r.Finding {
	case RecheckKeep:
		if !bare || r.Reason != "" {
			return relief.FieldErrorf("finding", "keep changes nothing: leave out terms, members and reason")
		}
		return nil
	case RecheckExit:
		if !bare || !r.Reason.Known() || r.Reason == roll.ExitDeath {
			return relief.FieldErrorf("reason", "the reason must be income, moved, voluntary, ineligible or other; a death is recorded as an exit")
		}
		return nil
	case RecheckChange:
		return r.validateChange(c, v, h, actor)
	default:
		return relief.FieldErrorf("finding", "the finding must be keep, change or exit")
	}
}

func (r *Review) validateChange(c *Case, v *programme.Version, h *Households, actor relief.Actor) error {
	members := c.Members
	if r.Members != nil {
		if members = r.Members; len(members) < 1 || len(members) > MaxMembers || form.HasDuplicate(members) || members[0] != c.Head() {
			return relief.FieldErrorf("members", "a household must have 1 to %d members, each once, and keep its head", MaxMembers)
		}
		after := *c
		after.Members = members
		if _, err := h.check(r.added(c), &after, v, actor.At); err != nil {
			return err
		}
	}
	if r.Reason != "" {
		return relief.FieldErrorf("reason", "a change has no reason; leave it out")
	}
	return r.Terms.Fit(v, c.size(members))
}

// added are the people whom a review adds to the household.
func (r *Review) added(c *Case) []relief.SubjectRef {
	return slices.DeleteFunc(slices.Clone(r.Members), func(ref relief.SubjectRef) bool { return slices.Contains(c.Members, ref) })
}

// concerned are the members of a case and those whom its open review adds: statements about them are recorded.
func (c *Case) concerned() []relief.SubjectRef {
	if c.Review == nil {
		return c.Members
	}
	return append(slices.Clip(c.Members), c.Review.added(c)...)
}

// Confirmed says what a confirmed review changes on the roll.
type Confirmed struct {
	From    relief.Period // the first period of the new terms
	Last    relief.Period // the last period before an exit
	Outcome RecheckOutcome
}

// ConfirmReview puts a review into effect, or sends it back when the official does not agree. v is the version under
// which the review was prepared.
func ConfirmReview(
	c Case, v *programme.Version, cal *relief.Calendar, h *Households, agree bool, actor relief.Actor,
) (Case, *Confirmed, error) {
	if c.Review == nil {
		_, repeated, err := c.step(actConfirmKeep, relief.ActCaseConfirm, actor, always)
		if err != nil || repeated {
			return c, nil, err
		}
		return c, nil, relief.Errorf(relief.CodeCorrupt, "the case has no review")
	}
	r := c.Review
	act := map[RecheckOutcome]relief.Act{RecheckKeep: actConfirmKeep, RecheckChange: actConfirmKeep, RecheckExit: actConfirmExit}[r.Finding]
	if !agree {
		act = actSendBack
	}
	next, _, err := c.step(act, relief.ActCaseConfirm, actor, nil)
	if err != nil {
		return c, nil, err
	}
	if err := c.requireOther(actor, relief.ActCaseConfirm, preparing...); err != nil {
		return c, nil, err
	}
	done := &Confirmed{}
	if agree {
		if done, err = c.takeEffect(v, cal, h, actor); err != nil {
			return c, nil, err
		}
	}
	c.Review = nil
	c.record(next, relief.ActCaseConfirm, actor)
	return c, done, nil
}

func (c *Case) takeEffect(v *programme.Version, cal *relief.Calendar, h *Households, actor relief.Actor) (*Confirmed, error) {
	r, day := c.Review, cal.Day(actor.At)
	done := &Confirmed{Outcome: r.Finding}
	c.takeFacts()
	if r.Finding == RecheckExit {
		done.Last = v.FirstPeriod(day).Previous()
		c.end(r.Reason, "", done.Last, v, cal, actor)
		return done, nil
	}
	members := c.Members
	if r.Members != nil {
		members = r.Members
	}
	if err := c.requireMatches(v, members, actor.At, true); err != nil {
		return nil, err
	}
	after := *c
	after.Members = members
	if err := h.requireFree(r.added(c), &after, v, actor.At); err != nil {
		return nil, err
	}
	c.Members, c.Version = members, r.Version
	if r.Finding == RecheckChange {
		c.Terms, done.From = r.Terms, v.FirstPeriod(day)
	}
	if months := v.RecheckInterval(c.Terms.Class, c.Settlement); months > 0 {
		c.RecheckOn = day.AddMonths(months)
	}
	return done, nil
}
