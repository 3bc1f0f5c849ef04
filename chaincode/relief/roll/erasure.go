package roll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ErasureReason says why a person's private details are erased.
type ErasureReason string

// The reasons of an erasure.
const (
	ErasureRetention ErasureReason = "retention" // the retention period is over
	ErasureRequest   ErasureReason = "request"   // the person asked for the erasure
	ErasureCourt     ErasureReason = "court"     // a court or a supervisor ordered the erasure
	ErasureMistake   ErasureReason = "mistake"   // the details should never have been recorded
)

var erasureReasons = []ErasureReason{ErasureRetention, ErasureRequest, ErasureCourt, ErasureMistake}

// BeforeRetention reports whether details are erased for this reason although the retention that the programme states is not
// over: what was recorded against the law, or what a court orders (PIPL art. 47, item 4). A person's request waits for a
// retention that law prescribes (art. 47, second paragraph). Such a reason needs evidence.
func (r ErasureReason) BeforeRetention() bool { return r == ErasureCourt || r == ErasureMistake }

// ErasureState is the state of an erasure.
type ErasureState string

// The states of an erasure.
const (
	ErasureProposed  ErasureState = "proposed"
	ErasureDone      ErasureState = "erased"
	ErasureRefused   ErasureState = "refused"
	ErasureWithdrawn ErasureState = "withdrawn"
)

// ErasureStates lists the states.
var ErasureStates = []ErasureState{ErasureProposed, ErasureDone, ErasureRefused, ErasureWithdrawn}

// A confirmation has a row for each outcome.
const (
	actErasureAgree  relief.Act = "person.confirm_erasure (agreed)"
	actErasureRefuse relief.Act = "person.confirm_erasure (refused)"
)

// ErasureTransitions is the life cycle of an erasure. Details that come back later can be erased again: by another proposal.
var ErasureTransitions = []relief.Transition[ErasureState]{
	{From: ErasureProposed, Act: actErasureAgree, To: ErasureDone, Why: "by another official, who decided nothing about the person (R43)"},
	{From: ErasureProposed, Act: actErasureRefuse, To: ErasureRefused, Why: "another official does not agree, with a reason"},
	{From: ErasureProposed, Act: relief.ActPersonWithdrawErasure, To: ErasureWithdrawn, Why: "the proposal was wrong, or the details are needed"},
	{From: ErasureDone, Act: relief.ActPersonProposeErasure, To: ErasureProposed, Why: "the person has come back and left again"},
	{From: ErasureRefused, Act: relief.ActPersonProposeErasure, To: ErasureProposed, Why: "proposed again"},
	{From: ErasureWithdrawn, Act: relief.ActPersonProposeErasure, To: ErasureProposed, Why: "proposed again"},
}

// ErasureTerms say whose private details are to be erased and why. EvidenceSHA256 is the salted hash of a court's order, of the
// person's request, or of what shows the mistake.
type ErasureTerms struct {
	Subject        relief.SubjectRef `json:"subject"`
	Reason         ErasureReason     `json:"reason"`
	EvidenceSHA256 string            `json:"evidence_sha256,omitempty"`
}

// Kept names what is kept of a person: private details by programme, and the facts of cases.
type Kept struct {
	Programmes []relief.ProgrammeID `json:"programmes"`
	Cases      []relief.CaseID      `json:"cases,omitempty"`
}

// Empty reports whether nothing is kept.
func (k *Kept) Empty() bool { return len(k.Programmes) == 0 }

// within reports whether o names all that is kept.
func (k *Kept) within(o *Kept) bool {
	return !slices.ContainsFunc(k.Programmes, func(id relief.ProgrammeID) bool { return !slices.Contains(o.Programmes, id) }) &&
		!slices.ContainsFunc(k.Cases, func(id relief.CaseID) bool { return !slices.Contains(o.Cases, id) })
}

// Erasure is the erasure of a person's private details: one official proposes it, another confirms it. The record stays, and
// says nothing about the details.
type Erasure struct {
	ErasureTerms
	Region     relief.Region         `json:"region"` // of the person's entry or case
	Erases     Kept                  `json:"erases"` // what is erased with the confirmation
	SHA256     string                `json:"sha256"` // of what is erased and why; the confirmation names it
	State      ErasureState          `json:"state"`
	Refusal    string                `json:"refusal,omitempty"` // why it was refused
	Programmes []relief.ProgrammeID  `json:"programmes"`        // whose details were erased so far
	Erased     *Erased               `json:"erased,omitempty"`  // the latest erasure
	Acts       []relief.HistoryEntry `json:"acts"`
}

// Erased says when and why details were erased.
type Erased struct {
	At     time.Time     `json:"at"`
	Reason ErasureReason `json:"reason"`
}

// ProposedAgain reports whether the same official proposes the same once more, while it is open or after it was confirmed.
func (e *Erasure) ProposedAgain(t *ErasureTerms, actor relief.Actor) bool {
	if e.ErasureTerms != *t || e.State != ErasureProposed && e.State != ErasureDone {
		return false
	}
	proposer, ok := relief.LastBy(e.Acts, relief.ActPersonProposeErasure)
	return ok && relief.SameOfficial(proposer, actor.By)
}

// ProposeErasure proposes to erase what is kept of a person. existing is the person's record, nil for none; region is where
// the person's entry or case is.
func ProposeErasure(t ErasureTerms, existing *Erasure, region relief.Region, kept Kept, actor relief.Actor) (Erasure, error) {
	if err := t.Check(); err != nil {
		return Erasure{}, err
	}
	if kept.Empty() {
		return Erasure{}, relief.Errorf(relief.CodeNotFound, "nothing is kept of this person")
	}
	e := Erasure{State: ErasureProposed}
	if existing != nil {
		e = *existing
		if e.State == ErasureProposed {
			return Erasure{}, relief.Errorf(relief.CodePending, "an erasure of this person is proposed already: confirm, refuse or withdraw it first")
		}
		var err error
		if e.State, err = relief.Next(ErasureTransitions, e.State, relief.ActPersonProposeErasure); err != nil {
			return Erasure{}, err
		}
		if err := actor.Follows(e.Acts); err != nil {
			return Erasure{}, err
		}
	}
	e.ErasureTerms, e.Region, e.Erases, e.Refusal = t, region, kept, ""
	if e.Programmes == nil {
		e.Programmes = []relief.ProgrammeID{}
	}
	var err error
	if e.SHA256, err = e.digest(); err != nil {
		return Erasure{}, err
	}
	e.Acts = append(slices.Clip(e.Acts), actor.Entry(relief.ActPersonProposeErasure))
	return e, nil
}

// Check refuses a reason that is none, and one without the evidence that it needs.
func (t *ErasureTerms) Check() error {
	switch {
	case t.Subject.IsZero():
		return relief.FieldErrorf("subject", "the subject reference is missing")
	case !slices.Contains(erasureReasons, t.Reason):
		return relief.FieldErrorf("reason", "the reason is retention, request, court or mistake")
	case t.EvidenceSHA256 == "" && t.Reason.BeforeRetention():
		return relief.FieldErrorf("evidence_sha256", "an erasure for the reason %s needs the salted SHA-256 of its evidence", t.Reason)
	case t.EvidenceSHA256 != "" && !form.IsSHA256(t.EvidenceSHA256):
		return relief.FieldErrorf("evidence_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	return nil
}

// digest is the SHA-256 of what is erased and why. The number of acts before it tells proposals of the same apart.
func (e *Erasure) digest() (string, error) {
	b, err := json.Marshal(struct {
		ErasureTerms
		Erases Kept `json:"erases"`
		After  int  `json:"after"`
	}{e.ErasureTerms, e.Erases, len(e.Acts)})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the erasure cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/erasure/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// ErasureDecision agrees with an erasure or refuses it. SHA256 is the digest that the official has seen.
type ErasureDecision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// ConfirmedAgain reports whether the same official decides the same once more.
func (e *Erasure) ConfirmedAgain(d *ErasureDecision, actor relief.Actor) bool {
	return actor.Repeats(e.Acts, relief.ActPersonConfirmErasure) && d.SHA256 == e.SHA256 && (e.State == ErasureDone) == d.Agree && e.Refusal == d.Reason
}

// DecideErasure confirms or refuses an erasure, by another official than the one who proposed it. decided are the officials who
// decided about the person: none of them confirms it, since what their decisions rest on goes with it. now is what is kept at
// this moment; CONFLICT when that is more than was proposed. It may be less: the erasure of another member of the household takes
// the facts along. The caller erases it.
func DecideErasure(e Erasure, d ErasureDecision, now Kept, decided []relief.Official, actor relief.Actor) (Erasure, error) {
	act := actErasureRefuse
	switch {
	case d.Agree && d.Reason != "":
		return e, relief.FieldErrorf("reason", "only a refusal has a reason")
	case d.Agree:
		act = actErasureAgree
	default:
		if err := relief.CheckText("reason", d.Reason, 1, maxReason); err != nil {
			return e, err
		}
	}
	if d.SHA256 != e.SHA256 {
		return e, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the erasure has the digest " + e.SHA256 + ": read it again"}
	}
	next, err := relief.Next(ErasureTransitions, e.State, act)
	if err != nil {
		return e, err
	}
	if proposer, _ := relief.LastBy(e.Acts, relief.ActPersonProposeErasure); relief.SameOfficial(proposer, actor.By) {
		return e, relief.Errorf(relief.CodeSamePerson, "%s proposed the erasure: another official confirms or refuses it", actor.By.Name)
	}
	if err := actor.Follows(e.Acts); err != nil {
		return e, err
	}
	if d.Agree {
		if slices.ContainsFunc(decided, func(o relief.Official) bool { return relief.SameOfficial(o, actor.By) }) {
			return e, relief.Errorf(relief.CodeSamePerson, "%s decided about this person: another official confirms the erasure", actor.By.Name)
		}
		if !now.within(&e.Erases) {
			return e, relief.Errorf(relief.CodeConflict, "more is kept than was proposed to be erased: refuse or withdraw it and propose it again")
		}
		e.Programmes = slices.Concat(e.Programmes, now.Programmes)
		slices.Sort(e.Programmes)
		e.Programmes = slices.Compact(e.Programmes)
	}
	entry := actor.Entry(relief.ActPersonConfirmErasure)
	if d.Agree {
		e.Erased = &Erased{entry.At, e.Reason}
	}
	e.State, e.Refusal = next, d.Reason
	e.Acts = append(slices.Clip(e.Acts), entry)
	return e, nil
}

// WithdrawErasure takes a proposal back.
func WithdrawErasure(e Erasure, actor relief.Actor) (Erasure, bool, error) {
	if err := relief.RequireRegion(actor.By, e.Region); err != nil {
		return e, false, err
	}
	if actor.Repeats(e.Acts, relief.ActPersonWithdrawErasure) {
		return e, false, nil
	}
	next, err := relief.Next(ErasureTransitions, e.State, relief.ActPersonWithdrawErasure)
	if err != nil {
		return e, false, err
	}
	if err := actor.Follows(e.Acts); err != nil {
		return e, false, err
	}
	e.State = next
	e.Acts = append(slices.Clip(e.Acts), actor.Entry(relief.ActPersonWithdrawErasure))
	return e, true, nil
}
