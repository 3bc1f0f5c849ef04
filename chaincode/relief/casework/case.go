package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// The largest numbers of what a case may hold.
const (
	MaxMembers    = 20
	MaxEvidence   = 200
	MaxStatements = 400
	MaxObjections = 50
	MaxNotices    = 50
	MaxNotes      = 100
)

// Case is a household's application to a programme and everything that follows from it (R7, R20). Income, property,
// health and reason are personal data: the private collection holds them sealed, and the case holds the salted hash of
// the sealed text.
type Case struct {
	ID         relief.CaseID       `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Version    int                 `json:"programme_version"` // the version under which the case was last put on notice or reviewed
	Region     relief.Region       `json:"region"`
	Settlement relief.Residence    `json:"settlement,omitempty"`   // a roll does not say it
	Members    []relief.SubjectRef `json:"members"`                // the head of the household first
	Facts      string              `json:"facts_sha256,omitempty"` // in force; see FactsVersions
	FactsAct   int                 `json:"facts_act,omitempty"`    // the act that brought them, 0 for the application
	roll.Payee                     // of the head, as the application says
	Need       relief.NeedID       `json:"need,omitempty"`
	Asked      relief.Fen          `json:"asked,omitempty"`            // of a single grant: the amount applied for
	Bill       relief.Tag          `json:"bill_tag,omitzero"`          // of a single grant: the bill that it is for
	BillBefore []relief.Tag        `json:"bill_tags_before,omitempty"` // of the same bill, under keys of other epochs
	State      CaseState           `json:"state"`
	Terms      roll.Terms          `json:"terms,omitzero"`     // proposed before the decision, granted after it
	Overlaps   []Overlap           `json:"overlaps,omitempty"` // when the household applied
	Answers    []ClaimAnswer       `json:"claim_answers,omitempty"`
	Evidence   []Evidence          `json:"evidence,omitempty"`
	Questions  []Question          `json:"questions,omitempty"` // to departments: see Ask
	Matches    []Match             `json:"matches,omitempty"`
	Notices    []Notice            `json:"notices,omitempty"`
	Objections []Objection         `json:"objections,omitempty"`
	Decision   *Decision           `json:"decision,omitempty"`
	Grant      *SingleGrant        `json:"grant,omitempty"`
	Roll       *roll.Number        `json:"roll,omitempty"`
	Review     *Review             `json:"review,omitempty"`
	Suspended  *Suspension         `json:"suspended,omitempty"`
	Ended      *Ending             `json:"ended,omitempty"`
	Appeals    []Appeal            `json:"appeals,omitempty"`
	Notes      []Note              `json:"notes,omitempty"`
	// Adopted says that the household was imported: its entry on the roll made the case.
	Adopted *Adoption `json:"adopted,omitempty"`
	// Due is the day by which the next decision must be taken, after a notice, an objection or an appeal.
	Due       relief.Day            `json:"due,omitempty"`
	RecheckOn relief.Day            `json:"recheck_on,omitempty"` // R11
	Acts      []relief.HistoryEntry `json:"acts"`

	// Heads were the heads before the present one.
	Heads []FormerHead `json:"former_heads,omitempty"`

	// EarlierFacts are the facts on which decisions rested before others took their place.
	EarlierFacts []FactsVersion `json:"earlier_facts,omitempty"`
	// FactsErased is the day on which the facts of all versions were erased, and the evidence with them. Nothing more is decided
	// then.
	FactsErased relief.Day `json:"facts_erased,omitempty"`
}

// Head is the member who applies for the household and whose account is paid.
func (c *Case) Head() relief.SubjectRef { return c.Members[0] }

// step does what every act on a case needs first: it checks region, state and time. repeated is true when the same
// official has done the act already and same reports that it had the same content; then nothing changes.
func (c *Case) step(act, duty relief.Act, actor relief.Actor, same func() bool) (next CaseState, repeated bool, err error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return "", false, err
	}
	if actor.Repeats(c.Acts, duty) && same != nil && same() {
		return c.State, true, nil
	}
	if c.FactsErased != "" {
		return "", false, relief.Errorf(relief.CodeWrongState, "the facts of case %s were erased on %s", c.ID, c.FactsErased)
	}
	if next, err = relief.Next(CaseTransitions, c.State, act); err != nil {
		return "", false, err
	}
	return next, false, actor.Follows(c.Acts)
}

// record appends to the history. It clones slices first, because c is a copy that shares them with the caller's case.
func (c *Case) record(next CaseState, duty relief.Act, actor relief.Actor) {
	c.State = next
	c.Acts = append(slices.Clip(c.Acts), actor.Entry(duty))
}

// preparing lists the acts that prepare a decision.
var preparing = []relief.Act{
	relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseAsk, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice, relief.ActCaseAnswer,
	relief.ActCaseReview, ActConfirmClaim, ActContestClaim,
}

// requireOther refuses, with SAME_PERSON, an official who did one of the acts on this case: nobody decides on their own
// work.
func (c *Case) requireOther(actor relief.Actor, deciding relief.Act, acts ...relief.Act) error {
	for i := range c.Acts {
		if a := &c.Acts[i]; slices.Contains(acts, a.Act) && relief.SameOfficial(a.By, actor.By) {
			return relief.Errorf(relief.CodeSamePerson, "%s did %s and may not do %s: the preparer does not decide", actor.By.Name, a.Act, deciding)
		}
	}
	return nil
}

// Application is the input of an application. The sealed facts travel beside it.
type Application struct {
	ID         relief.CaseID       `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Region     relief.Region       `json:"region"`
	Settlement relief.Residence    `json:"settlement"`
	Members    []relief.SubjectRef `json:"members"`
	Need       relief.NeedID       `json:"need,omitempty"`
	roll.Payee                     // of the head
	Amount     relief.Fen          `json:"amount,omitempty"`  // of a single grant
	Bill       relief.Tag          `json:"bill_tag,omitzero"` // of a single grant
	BillBefore []relief.Tag        `json:"bill_tags_before,omitempty"`
}

// Apply opens a case by an application. v is the programme's version in force; existing is the case that already has
// the id, and bill the record of the application's bill; nil for none.
func Apply(a Application, factsSHA256 string, v *programme.Version, existing *Case, bill *Bill, h *Households, actor relief.Actor) (Case, bool, error) {
	if err := a.validate(v); err != nil {
		return Case{}, false, err
	}
	if err := relief.RequireRegion(actor.By, a.Region); err != nil {
		return Case{}, false, err
	}
	if existing != nil {
		if existing.Facts == factsSHA256 && existing.Programme == a.Programme && existing.Region == a.Region && existing.Need == a.Need &&
			existing.Asked == a.Amount && existing.Bill == a.Bill &&
			existing.Settlement == a.Settlement && slices.Equal(existing.Members, a.Members) && existing.Payee == a.Payee && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Case{}, false, relief.Errorf(relief.CodeConflict, "case %s exists with other content", a.ID)
	}
	if err := bill.requireUnpaid(a.ID); err != nil {
		return Case{}, false, err
	}
	overlaps, err := h.check(a.Members, &Case{ID: a.ID, Region: a.Region, Members: a.Members}, v, actor.At)
	if err != nil {
		return Case{}, false, err
	}
	return Case{
		ID: a.ID, Programme: a.Programme, Version: v.Version, Region: a.Region, Settlement: a.Settlement, Members: a.Members,
		Facts: factsSHA256, Payee: a.Payee, Need: a.Need, Asked: a.Amount, Bill: a.Bill, BillBefore: a.BillBefore, State: CaseApplied, Overlaps: overlaps, Acts: []relief.HistoryEntry{actor.Entry(relief.ActCaseApply)},
	}, true, nil
}

func (a *Application) validate(v *programme.Version) error {
	if _, err := relief.ParseCaseID(string(a.ID)); err != nil {
		return &relief.Error{Code: relief.CodeInvalid, Field: "id", Detail: "the case's id is missing"}
	}
	if a.ID.OfRoll() {
		return relief.FieldErrorf("id", "an id of this form is that of a household on a roll: take another one")
	}
	switch {
	case v.FromRolls():
		return relief.FieldErrorf("programme", "the programme takes its people from other rolls: nobody applies for it")
	case a.Region.County() == "":
		return relief.FieldErrorf("region", "the household's region must be a county or lie inside one: six digits or more")
	case !v.Region.Covers(a.Region):
		return &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "the household lives outside the programme's region " + string(v.Region)}
	case a.Settlement != relief.Urban && a.Settlement != relief.Rural:
		return relief.FieldErrorf("settlement", "the settlement is urban or rural")
	case len(a.Members) < 1 || len(a.Members) > MaxMembers:
		return relief.FieldErrorf("members", "a household must have 1 to %d members, its head first", MaxMembers)
	case form.HasDuplicate(a.Members) || slices.ContainsFunc(a.Members, relief.SubjectRef.IsZero):
		return relief.FieldErrorf("members", "each member of the household must be named once")
	case !a.Payee.Name.Valid():
		return relief.FieldErrorf("name_tag", "the tag of the head's name is missing")
	case !a.Payee.Account.Valid():
		return relief.FieldErrorf("account_tag", "the tag of the account is missing")
	}
	return a.validateGrant(v)
}

// validateGrant checks what applications for single grants have, and no others.
func (a *Application) validateGrant(v *programme.Version) error {
	switch {
	case v.Cycle != programme.CycleGrant && a.Amount != 0:
		return relief.FieldErrorf("amount", "programme %s has no single grants: the notice says the amount", v.ID)
	case a.Amount != 0 && (a.Amount < v.MinAmount || a.Amount > v.MaxAmount):
		return relief.FieldErrorf("amount", "the programme's amounts are %s to %s", v.MinAmount, v.MaxAmount)
	case v.BillRequired && !a.Bill.Valid():
		return relief.FieldErrorf("bill", "programme %s grants bills: the hospital and number of the bill are missing", v.ID)
	case !v.BillRequired && !a.Bill.IsZero():
		return relief.FieldErrorf("bill", "programme %s grants no bills; leave the bill out", v.ID)
	case len(a.BillBefore) > maxBillTags || a.Bill.IsZero() && len(a.BillBefore) > 0:
		return relief.FieldErrorf("bill_tags_before", "a bill has at most %d tags of other epochs", maxBillTags)
	case slices.ContainsFunc(a.BillBefore, func(t relief.Tag) bool { return !t.Valid() }):
		return relief.FieldErrorf("bill_tags_before", "a tag of the bill cannot be read")
	}
	return nil
}

// maxBillTags is the largest number of a bill's tags under keys of other epochs.
const maxBillTags = 7

// BillTags are all tags of the bill that a grant is for: whoever was granted it under one of them has had it. None for a grant
// without a bill.
func (c *Case) BillTags() []relief.Tag { return billTags(c.Bill, c.BillBefore) }

// BillTags are all tags of the application's bill.
func (a *Application) BillTags() []relief.Tag { return billTags(a.Bill, a.BillBefore) }

func billTags(tag relief.Tag, before []relief.Tag) []relief.Tag {
	if tag.IsZero() {
		return nil
	}
	return append([]relief.Tag{tag}, before...)
}

// Withdraw ends an application because the applicant wishes so.
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

// ActNote is a note of the audit agency on a case. It changes no state.
const ActNote relief.Act = "case.note"

// Note is a note on a case: the salted hash of a file that stays with the agency that wrote it.
type Note struct {
	SHA256 string `json:"sha256"`
	Act    int    `json:"act"` // the place of the act in the case's history, from 0
}

// AddNote adds a note to a case in whatever state it is (R46: audit supervises). The same file again changes nothing.
func AddNote(c Case, sha256 string, actor relief.Actor) (Case, bool, error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return c, false, err
	}
	switch {
	case slices.ContainsFunc(c.Notes, func(n Note) bool { return n.SHA256 == sha256 }):
		return c, false, nil
	case !form.IsSHA256(sha256):
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case len(c.Notes) >= MaxNotes:
		return c, false, relief.Errorf(relief.CodeInvalid, "a case has at most %d notes", MaxNotes)
	}
	if err := actor.Follows(c.Acts); err != nil {
		return c, false, err
	}
	c.Notes = append(slices.Clip(c.Notes), Note{sha256, len(c.Acts)})
	c.record(c.State, ActNote, actor)
	return c, true, nil
}

// Live reports whether the case counts as a claim of its household: undecided, or in force. A single grant is neither: the person
// may apply again.
func (c *Case) Live() bool {
	switch c.State {
	case CaseRefused, CaseRefusalAppealed, CaseExited, CaseExitAppealed, CaseMovedOut, CaseWithdrawn, CaseClosed, CaseHelped, CaseGranted, CaseRevoked:
		return false
	}
	return true
}

// InForce reports whether a decision of the case has effect: its household is on the roll.
func (c *Case) InForce() bool {
	return c.State == CaseInForce || c.State == CaseReviewed || c.State == CaseSuspended
}

// daysBetween is the number of days between two times, rounded down.
func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }
