package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// What a case may hold.
const (
	MaxMembers    = 20
	MaxEvidence   = 200
	MaxStatements = 400
	MaxObjections = 50
	MaxNotices    = 50
)

// Case is a household's application to a programme and what comes of it (R7, R20). Income, property, health and reason
// are personal: they lie sealed in the private collection, and the case holds the salted hash of what was sealed.
type Case struct {
	ID         relief.CaseID       `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Version    int                 `json:"programme_version"` // under which it was last put on notice or reviewed
	Region     relief.Region       `json:"region"`
	Settlement relief.Residence    `json:"settlement"`
	Members    []relief.SubjectRef `json:"members"` // the head of the household first
	Facts      string              `json:"facts_sha256"`
	Need       relief.NeedID       `json:"need,omitempty"`
	State      CaseState           `json:"state"`
	Terms      roll.Terms          `json:"terms,omitzero"` // proposed until decided, then granted
	Overlaps   []Overlap           `json:"overlaps,omitempty"`
	Evidence   []Evidence          `json:"evidence,omitempty"`
	Matches    []Match             `json:"matches,omitempty"`
	Notices    []Notice            `json:"notices,omitempty"`
	Objections []Objection         `json:"objections,omitempty"`
	Decision   *Decision           `json:"decision,omitempty"`
	Roll       *roll.Number        `json:"roll,omitempty"`
	Review     *Review             `json:"review,omitempty"`
	Suspended  *Suspension         `json:"suspended,omitempty"`
	Ended      *Ending             `json:"ended,omitempty"`
	Appeals    []Appeal            `json:"appeals,omitempty"`
	// Due is the day by which the next decision is to be taken: after a notice, an objection or an appeal.
	Due       relief.Day            `json:"due,omitempty"`
	RecheckOn relief.Day            `json:"recheck_on,omitempty"` // R11
	Acts      []relief.HistoryEntry `json:"acts"`
}

// Head is who applies for the household and whose account is paid.
func (c *Case) Head() relief.SubjectRef { return c.Members[0] }

// step does what every act on a case does: region, state, time. repeated is true when the act was done by the same
// person already and same says that it was the same act.
func (c *Case) step(act, duty relief.Act, actor relief.Actor, same func() bool) (next CaseState, repeated bool, err error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return "", false, err
	}
	if actor.Repeats(c.Acts, duty) && same != nil && same() {
		return c.State, true, nil
	}
	if next, err = relief.Next(CaseTransitions, c.State, act); err != nil {
		return "", false, err
	}
	return next, false, actor.Follows(c.Acts)
}

// record appends to the history; slices of c that a caller changes are cloned first.
func (c *Case) record(next CaseState, duty relief.Act, actor relief.Actor) {
	c.State = next
	c.Acts = append(slices.Clip(c.Acts), actor.Entry(duty))
}

// preparing are the acts by which an official takes a hand in what is to be decided.
var preparing = []relief.Act{
	relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice, relief.ActCaseAnswer, relief.ActCaseReview,
}

// requireOther refuses whoever did one of the acts on this case: nobody decides on what they took, visited or prepared.
func (c *Case) requireOther(actor relief.Actor, deciding relief.Act, acts ...relief.Act) error {
	for i := range c.Acts {
		if a := &c.Acts[i]; slices.Contains(acts, a.Act) && relief.SameOfficial(a.By, actor.By) {
			return relief.Errorf(relief.CodeSamePerson, "%s did %s and may not do %s: whoever prepares does not decide", actor.By.Name, a.Act, deciding)
		}
	}
	return nil
}

// Application is what applying says; its facts travel beside it, sealed.
type Application struct {
	ID         relief.CaseID       `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Region     relief.Region       `json:"region"`
	Settlement relief.Residence    `json:"settlement"`
	Members    []relief.SubjectRef `json:"members"`
	Need       relief.NeedID       `json:"need,omitempty"`
}

// Apply takes an application. v is the programme's version in force, existing the case that has the id, if any.
func Apply(a Application, factsSHA256 string, v *programme.Version, existing *Case, h *Households, actor relief.Actor) (Case, bool, error) {
	if err := a.validate(v); err != nil {
		return Case{}, false, err
	}
	if err := relief.RequireRegion(actor.By, a.Region); err != nil {
		return Case{}, false, err
	}
	if existing != nil {
		if existing.Facts == factsSHA256 && existing.Programme == a.Programme && existing.Region == a.Region && existing.Need == a.Need &&
			existing.Settlement == a.Settlement && slices.Equal(existing.Members, a.Members) && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Case{}, false, relief.Errorf(relief.CodeConflict, "case %s exists with other content", a.ID)
	}
	overlaps, err := h.check(a.Members, v, a.ID, actor.At)
	if err != nil {
		return Case{}, false, err
	}
	return Case{
		ID: a.ID, Programme: a.Programme, Version: v.Version, Region: a.Region, Settlement: a.Settlement, Members: a.Members,
		Facts: factsSHA256, Need: a.Need, State: CaseApplied, Overlaps: overlaps, Acts: []relief.HistoryEntry{actor.Entry(relief.ActCaseApply)},
	}, true, nil
}

func (a *Application) validate(v *programme.Version) error {
	if _, err := relief.ParseCaseID(string(a.ID)); err != nil {
		return &relief.Error{Code: relief.CodeInvalid, Field: "id", Detail: "the case's id is missing"}
	}
	switch {
	case a.Region.County() == "":
		return relief.FieldErrorf("region", "a household lives in a county or below: six digits or more")
	case !v.Region.Covers(a.Region):
		return &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "the household lives outside the programme's region " + string(v.Region)}
	case a.Settlement != relief.Urban && a.Settlement != relief.Rural:
		return relief.FieldErrorf("settlement", "the settlement is urban or rural")
	case len(a.Members) < 1 || len(a.Members) > MaxMembers:
		return relief.FieldErrorf("members", "a household has 1 to %d members, its head first", MaxMembers)
	case form.HasDuplicate(a.Members) || slices.ContainsFunc(a.Members, relief.SubjectRef.IsZero):
		return relief.FieldErrorf("members", "each member of a household is named once")
	}
	return nil
}

// Withdraw ends an application at the applicant's wish.
func Withdraw(c Case, actor relief.Actor) (Case, bool, error) {
	next, repeated, err := c.step(relief.ActCaseWithdraw, relief.ActCaseWithdraw, actor, always)
	if err != nil || repeated {
		return c, false, err
	}
	c.Due = ""
	c.record(next, relief.ActCaseWithdraw, actor)
	return c, true, nil
}

func always() bool { return true }

// Live reports whether the household counts as helped by this case, or as asking to be.
func (c *Case) Live() bool {
	switch c.State {
	case CaseRefused, CaseRefusalAppealed, CaseExited, CaseExitAppealed, CaseWithdrawn, CaseClosed:
		return false
	}
	return true
}

// days between two times, rounded down.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
