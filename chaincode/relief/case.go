package relief

import (
	"slices"
	"time"
)

// What a case may hold.
const (
	MaxMembers    = 20
	MaxEvidence   = 200
	MaxStatements = 400
	MaxObjections = 50
	MaxNotices    = 50
)

// Settlement tells urban from rural households: their re-checks differ.
type Settlement string

// The settlements.
const (
	Urban Settlement = "urban"
	Rural Settlement = "rural"
)

// Case is a household's application to a programme and what comes of it (R7, R20). Income, property, health and reason
// are personal: they lie sealed in the private collection, and the case holds the salted hash of what was sealed.
type Case struct {
	ID         CaseID       `json:"id"`
	Programme  ProgrammeID  `json:"programme"`
	Version    int          `json:"programme_version"` // under which it was last put on notice or reviewed
	Region     Region       `json:"region"`
	Settlement Settlement   `json:"settlement"`
	Members    []SubjectRef `json:"members"` // the head of the household first
	Facts      string       `json:"facts_sha256"`
	Need       NeedID       `json:"need,omitempty"`
	State      CaseState    `json:"state"`
	Terms      Terms        `json:"terms,omitzero"` // proposed until decided, then granted
	Overlaps   []Overlap    `json:"overlaps,omitempty"`
	Evidence   []Evidence   `json:"evidence,omitempty"`
	Matches    []Match      `json:"matches,omitempty"`
	Notices    []Notice     `json:"notices,omitempty"`
	Objections []Objection  `json:"objections,omitempty"`
	Decision   *Decision    `json:"decision,omitempty"`
	Roll       *RollNumber  `json:"roll,omitempty"`
	Review     *Review      `json:"review,omitempty"`
	Suspended  *Suspension  `json:"suspended,omitempty"`
	Ended      *Ending      `json:"ended,omitempty"`
	Appeals    []Appeal     `json:"appeals,omitempty"`
	// Due is the day by which the next decision is to be taken: after a notice, an objection or an appeal.
	Due       Day     `json:"due,omitempty"`
	RecheckOn Day     `json:"recheck_on,omitempty"` // R11
	Acts      []Acted `json:"acts"`
}

// Terms are what a household is granted: a class, how many persons, what a month.
type Terms struct {
	Class   string `json:"class"`
	Persons uint8  `json:"persons"`
	Amount  Fen    `json:"amount"`
}

// IsZero tells that no terms were named.
func (t Terms) IsZero() bool { return t == Terms{} }

// RollNumber says where a granted household stands on the roll.
type RollNumber struct {
	County Region `json:"county"`
	Number uint32 `json:"number"`
}

// Head is who applies for the household and whose account is paid.
func (c *Case) Head() SubjectRef { return c.Members[0] }

// step does what every act on a case does: region, state, time. repeated is true when the act was done by the same person
// already and same says that it was the same act.
func (c *Case) step(act, duty Act, s Stamp, same func() bool) (next CaseState, repeated bool, err error) {
	if err := RequireRegion(s.By, c.Region); err != nil {
		return "", false, err
	}
	if s.repeats(c.Acts, duty) && same != nil && same() {
		return c.State, true, nil
	}
	if next, err = Next(CaseTransitions, c.State, act); err != nil {
		return "", false, err
	}
	return next, false, s.follows(c.Acts)
}

// record appends to the history; slices of c that a caller changes are cloned first.
func (c *Case) record(next CaseState, duty Act, s Stamp) {
	c.State = next
	c.Acts = append(slices.Clip(c.Acts), s.acted(duty))
}

// preparing are the acts by which an official takes a hand in what is to be decided.
var preparing = []Act{
	ActCaseApply, ActCaseAttach, ActCaseMatch, ActCaseAnswerMatch, ActCaseNotice, ActCaseAnswer, ActCaseReview,
}

// requireOther refuses whoever did one of the acts on this case: nobody decides on what they took, visited or prepared.
func (c *Case) requireOther(s Stamp, deciding Act, acts ...Act) error {
	for i := range c.Acts {
		if a := &c.Acts[i]; slices.Contains(acts, a.Act) && SamePerson(a.By, s.By) {
			return Errorf(CodeSamePerson, "%s did %s and may not do %s: whoever prepares does not decide", s.By.Name, a.Act, deciding)
		}
	}
	return nil
}

// Application is what applying says; its facts travel beside it, sealed.
type Application struct {
	ID         CaseID       `json:"id"`
	Programme  ProgrammeID  `json:"programme"`
	Region     Region       `json:"region"`
	Settlement Settlement   `json:"settlement"`
	Members    []SubjectRef `json:"members"`
	Need       NeedID       `json:"need,omitempty"`
}

// Apply takes an application. v is the programme's version in force, existing the case that has the id, if any.
func Apply(a Application, factsSHA256 string, v *Version, existing *Case, h *Households, s Stamp) (Case, bool, error) {
	if err := a.validate(v); err != nil {
		return Case{}, false, err
	}
	if err := RequireRegion(s.By, a.Region); err != nil {
		return Case{}, false, err
	}
	if existing != nil {
		if existing.Facts == factsSHA256 && existing.Programme == a.Programme && existing.Region == a.Region && existing.Need == a.Need &&
			existing.Settlement == a.Settlement && slices.Equal(existing.Members, a.Members) && SamePerson(existing.Acts[0].By, s.By) {
			return *existing, false, nil
		}
		return Case{}, false, Errorf(CodeConflict, "case %s exists with other content", a.ID)
	}
	overlaps, err := h.check(a.Members, v, a.ID, s.At)
	if err != nil {
		return Case{}, false, err
	}
	return Case{
		ID: a.ID, Programme: a.Programme, Version: v.Version, Region: a.Region, Settlement: a.Settlement, Members: a.Members,
		Facts: factsSHA256, Need: a.Need, State: CaseApplied, Overlaps: overlaps, Acts: []Acted{s.acted(ActCaseApply)},
	}, true, nil
}

func (a *Application) validate(v *Version) error {
	if _, err := ParseCaseID(string(a.ID)); err != nil {
		return &Error{CodeInvalid, "id", "the case's id is missing"}
	}
	switch {
	case a.Region.County() == "":
		return FieldErrorf("region", "a household lives in a county or below: six digits or more")
	case !v.Region.Covers(a.Region):
		return &Error{CodeRegion, "region", "the household lives outside the programme's region " + string(v.Region)}
	case a.Settlement != Urban && a.Settlement != Rural:
		return FieldErrorf("settlement", "the settlement is urban or rural")
	case len(a.Members) < 1 || len(a.Members) > MaxMembers:
		return FieldErrorf("members", "a household has 1 to %d members, its head first", MaxMembers)
	case hasTwice(a.Members) || slices.ContainsFunc(a.Members, SubjectRef.IsZero):
		return FieldErrorf("members", "each member of a household is named once")
	}
	return nil
}

// fit holds terms against the version and the household.
func (t Terms) fit(v *Version, members int) error {
	switch {
	case !isClass(t.Class):
		return FieldErrorf("class", "the class is one letter A–Z")
	case t.Persons < 1 || int(t.Persons) > members:
		return FieldErrorf("persons", "the household has %d members", members)
	case t.Amount < v.MinAmount || t.Amount > v.MaxAmount:
		return FieldErrorf("amount", "the programme's amounts are %s to %s", v.MinAmount, v.MaxAmount)
	case len(v.RecheckMonths) > 0 && v.recheckMonths(t.Class, Urban) == 0:
		return FieldErrorf("class", "the programme has no class %s", t.Class)
	}
	if len(v.ClassAmounts) == 0 {
		return nil
	}
	each, ok := v.ClassAmounts[t.Class]
	if !ok {
		return FieldErrorf("class", "the programme has no class %s", t.Class)
	}
	if t.Amount != each*Fen(t.Persons) {
		return FieldErrorf("amount", "class %s pays %s a person: %s for %d", t.Class, each, each*Fen(t.Persons), t.Persons)
	}
	return nil
}

// Withdraw ends an application at the applicant's wish.
func Withdraw(c Case, s Stamp) (Case, bool, error) {
	next, repeated, err := c.step(ActCaseWithdraw, ActCaseWithdraw, s, always)
	if err != nil || repeated {
		return c, false, err
	}
	c.Due = ""
	c.record(next, ActCaseWithdraw, s)
	return c, true, nil
}

func always() bool { return true }

// Live tells whether the household counts as helped by this case, or as asking to be.
func (c *Case) Live() bool {
	switch c.State {
	case CaseRefused, CaseRefusalAppealed, CaseExited, CaseExitAppealed, CaseWithdrawn, CaseClosed:
		return false
	}
	return true
}

// days between two times, rounded down.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
