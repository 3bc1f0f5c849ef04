package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// HoldReason says why audit holds private details.
type HoldReason string

// The reasons of a legal hold.
const (
	HoldAudit         HoldReason = "audit"         // an audit that is going on
	HoldInvestigation HoldReason = "investigation" // of discipline inspection or of the police
	HoldLitigation    HoldReason = "litigation"    // before a court
	HoldComplaint     HoldReason = "complaint"     // a complaint that is looked into
)

var holdReasons = []HoldReason{HoldAudit, HoldInvestigation, HoldLitigation, HoldComplaint}

// HoldState is the state of a legal hold.
type HoldState string

// The states of a legal hold.
const (
	HoldInForce HoldState = "held"
	HoldLifted  HoldState = "lifted"
)

// HoldStates lists the states.
var HoldStates = []HoldState{HoldInForce, HoldLifted}

// HoldTransitions is the life cycle of a legal hold.
var HoldTransitions = []relief.Transition[HoldState]{
	{From: HoldInForce, Act: relief.ActPersonLiftHold, To: HoldLifted, Why: "by another official of audit than the one who placed it"},
	{From: HoldLifted, Act: relief.ActPersonHold, To: HoldInForce, Why: "the details are needed again"},
}

// HoldTerms say what audit holds and why. Exactly one of Subject and Case is named. EvidenceSHA256 is the salted hash of the
// paper that asks for the hold.
type HoldTerms struct {
	Subject        relief.SubjectRef `json:"subject,omitzero"`
	Case           relief.CaseID     `json:"case,omitempty"`
	Reason         HoldReason        `json:"reason"`
	EvidenceSHA256 string            `json:"evidence_sha256"`
}

// ID is the hold's id, by what it is on; the empty id for terms that name neither a person nor a case, or both.
func (t *HoldTerms) ID() relief.HoldID {
	switch {
	case t.Subject.IsZero() == (t.Case == ""):
		return ""
	case t.Case != "":
		return relief.NewCaseHoldID(t.Case)
	}
	return relief.NewSubjectHoldID(t.Subject)
}

// Hold is a legal hold on private details: while it is in force nothing of the person, or of the case's household, is erased.
type Hold struct {
	ID relief.HoldID `json:"id"`
	HoldTerms
	Region relief.Region         `json:"region"` // of the person's entry or case
	State  HoldState             `json:"state"`
	Acts   []relief.HistoryEntry `json:"acts"`
}

// PlaceHold holds private details. existing is the record of the same person or case, nil for none; region is where the person's
// entry or case is. changed is false when the same official holds the same already.
func PlaceHold(t HoldTerms, existing *Hold, region relief.Region, actor relief.Actor) (h Hold, changed bool, err error) {
	if err := t.check(); err != nil {
		return h, false, err
	}
	if err := relief.RequireRegion(actor.By, region); err != nil {
		return h, false, err
	}
	h = Hold{ID: t.ID(), HoldTerms: t, Region: region, State: HoldInForce}
	if existing != nil {
		if existing.State == HoldInForce && existing.HoldTerms == t && actor.Repeats(existing.Acts, relief.ActPersonHold) {
			return *existing, false, nil
		}
		if existing.State == HoldInForce {
			return h, false, relief.Errorf(relief.CodeConflict, "%s is held already", h.ID)
		}
		if h.State, err = relief.Next(HoldTransitions, existing.State, relief.ActPersonHold); err != nil {
			return h, false, err
		}
		if err := actor.Follows(existing.Acts); err != nil {
			return h, false, err
		}
		h.Acts = existing.Acts
	}
	h.Acts = append(slices.Clip(h.Acts), actor.Entry(relief.ActPersonHold))
	return h, true, nil
}

func (t *HoldTerms) check() error {
	switch {
	case t.ID() == "":
		return relief.FieldErrorf("subject", "a hold names a person or a case, and not both")
	case !slices.Contains(holdReasons, t.Reason):
		return relief.FieldErrorf("reason", "the reason is audit, investigation, litigation or complaint")
	case !form.IsSHA256(t.EvidenceSHA256):
		return relief.FieldErrorf("evidence_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	return nil
}

// LiftHold ends a hold, by another official than the one who placed it.
func LiftHold(h Hold, actor relief.Actor) (Hold, bool, error) {
	if err := relief.RequireRegion(actor.By, h.Region); err != nil {
		return h, false, err
	}
	if actor.Repeats(h.Acts, relief.ActPersonLiftHold) {
		return h, false, nil
	}
	next, err := relief.Next(HoldTransitions, h.State, relief.ActPersonLiftHold)
	if err != nil {
		return h, false, err
	}
	if placed, _ := relief.LastBy(h.Acts, relief.ActPersonHold); relief.SameOfficial(placed, actor.By) {
		return h, false, relief.Errorf(relief.CodeSamePerson, "%s placed the hold: another official lifts it", actor.By.Name)
	}
	if err := actor.Follows(h.Acts); err != nil {
		return h, false, err
	}
	h.State = next
	h.Acts = append(slices.Clip(h.Acts), actor.Entry(relief.ActPersonLiftHold))
	return h, true, nil
}
