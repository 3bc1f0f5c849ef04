package programme

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// RateState is the state of a rate.
type RateState string

// The states of a rate.
const (
	RateProposed  RateState = "proposed"
	RateConfirmed RateState = "confirmed"
	RateRefused   RateState = "refused"
	RateWithdrawn RateState = "withdrawn"
)

// RateStates lists the states.
var RateStates = []RateState{RateProposed, RateConfirmed, RateRefused, RateWithdrawn}

// actRefuseRate is the refusal in the transition table.
const actRefuseRate relief.Act = relief.ActProgrammeConfirmRate + " (refuse)"

// RateTransitions is the life cycle of the rate of a period: two agencies set what everybody is paid, as they do a programme's version.
var RateTransitions = []relief.Transition[RateState]{
	{From: RateProposed, Act: relief.ActProgrammeConfirmRate, To: RateConfirmed, Why: "finance co-signs what civil affairs proposed (R4)"},
	{From: RateProposed, Act: actRefuseRate, To: RateRefused, Why: "the other agency does not agree, with a reason"},
	{From: RateProposed, Act: relief.ActProgrammeWithdrawRate, To: RateWithdrawn, Why: "the proposal was wrong"},
	{From: RateConfirmed, Act: relief.ActProgrammeProposeRate, To: RateProposed, Why: "another rate, while nobody is on the roll by the one before"},
	{From: RateRefused, Act: relief.ActProgrammeProposeRate, To: RateProposed, Why: "proposed again"},
	{From: RateWithdrawn, Act: relief.ActProgrammeProposeRate, To: RateProposed, Why: "proposed again"},
}

// RateTerms are what a programme that takes its people from other rolls pays in a period.
type RateTerms struct {
	Programme    relief.ProgrammeID    `json:"programme"`
	Period       relief.Period         `json:"period"`                  // a month
	Amount       relief.Fen            `json:"amount,omitempty"`        // for a person, or for a household
	ClassAmounts map[string]relief.Fen `json:"class_amounts,omitempty"` // for a person of the class
	Document     string                `json:"document"`                // the number of the paper that sets it
}

// Rate is the rate of a period. There is one for each period of a programme, and it is kept.
type Rate struct {
	RateTerms
	Region relief.Region         `json:"region"` // the programme's
	Digest string                `json:"digest"` // of the terms; the confirmation names it
	State  RateState             `json:"state"`
	Reason string                `json:"reason,omitempty"`  // of a refusal
	UsedBy relief.ImportID       `json:"used_by,omitempty"` // what first put people on the roll by it: the rate is fixed then
	Acts   []relief.HistoryEntry `json:"acts"`
}

// RateDecision is the word of the one who confirms: on which rate, by its digest.
type RateDecision struct {
	Digest string `json:"digest"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// Of is what somebody is paid: amount by the programme's unit for a class and a number of persons. 0 when the rate has none for the class.
func (r *Rate) Of(by RateUnit, class string, persons uint8) relief.Fen {
	switch by {
	case RateByHousehold:
		return r.Amount
	case RateByClass:
		return r.ClassAmounts[class] * relief.Fen(persons)
	case RateByPerson:
	}
	return r.Amount * relief.Fen(persons)
}

// check refuses a rate that the programme's version cannot have.
func (t *RateTerms) check(v *Version) error {
	switch {
	case !v.FromRolls():
		return &relief.Error{Code: relief.CodeWrongState, Field: "programme", Detail: "only a programme that takes its people from other rolls has rates of periods"}
	case t.Period.IsZero() || t.Period.Quarterly():
		return relief.FieldErrorf("period", "a month is written 2026-11")
	case t.Period.Before(v.Starts):
		return relief.FieldErrorf("period", "the programme's version starts with %s", v.Starts)
	}
	if err := t.checkAmounts(v.RateBy); err != nil {
		return err
	}
	return relief.CheckText("document", t.Document, 1, 100)
}

// checkAmounts refuses amounts that are not by what the programme says.
func (t *RateTerms) checkAmounts(by RateUnit) error {
	switch {
	case by == RateByClass && (t.Amount != 0 || len(t.ClassAmounts) < 1 || len(t.ClassAmounts) > 26):
		return relief.FieldErrorf("class_amounts", "the programme's rates are by class: name 1 to 26 classes, and no amount")
	case by != RateByClass && (t.Amount <= 0 || t.Amount > relief.MaxFen/99 || len(t.ClassAmounts) > 0):
		return relief.FieldErrorf("amount", "the programme's rates are one amount above 0.00, by %s", by)
	}
	for _, class := range slices.Sorted(maps.Keys(t.ClassAmounts)) {
		if amount := t.ClassAmounts[class]; !form.IsClass(class) || amount <= 0 || amount > relief.MaxFen/99 {
			return relief.FieldErrorf("class_amounts", "a class must be one letter A–Z, and its amount above zero")
		}
	}
	return nil
}

// digest is the SHA-256 of the terms and of how many acts came before, so that two proposals of the same can be told apart.
func (t *RateTerms) digest(after int) (string, error) {
	b, err := json.Marshal(struct {
		RateTerms
		After int `json:"after"`
	}{*t, after}) // maps are written in the order of their keys
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the rate cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/rate/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

func (t *RateTerms) same(other *RateTerms) bool {
	return t.Programme == other.Programme && t.Period == other.Period && t.Amount == other.Amount && t.Document == other.Document &&
		maps.Equal(t.ClassAmounts, other.ClassAmounts)
}

// ProposeRate proposes the rate of a period. existing is the period's record, nil for none. changed is false when the same official has
// proposed the same already.
func ProposeRate(t RateTerms, v *Version, existing *Rate, actor relief.Actor) (r Rate, changed bool, err error) {
	if err := t.check(v); err != nil {
		return r, false, err
	}
	if err := relief.RequireRegion(actor.By, v.Region); err != nil {
		return r, false, err
	}
	r.State = RateProposed
	if existing != nil {
		r = *existing
		proposer, _ := relief.LastBy(r.Acts, relief.ActProgrammeProposeRate)
		switch again := relief.SameOfficial(proposer, actor.By) && r.same(&t); {
		case again && (r.State == RateProposed || r.State == RateConfirmed):
			return r, false, nil
		case r.UsedBy != "":
			return r, false, &relief.Error{Code: relief.CodeConflict, Field: "period",
				Detail: "people are on the roll for " + t.Period.String() + " by import " + string(r.UsedBy) + ": the rate of a period does not change any more"}
		case r.State == RateProposed:
			return r, false, relief.Errorf(relief.CodePending, "a rate of %s is proposed already: confirm, refuse or withdraw it first", t.Period)
		}
		if r.State, err = relief.Next(RateTransitions, r.State, relief.ActProgrammeProposeRate); err != nil {
			return r, false, err
		}
	}
	r.RateTerms, r.Region, r.Reason = t, v.Region, ""
	if r.Digest, err = t.digest(len(r.Acts)); err != nil {
		return r, false, err
	}
	return r.record(r.State, relief.ActProgrammeProposeRate, actor)
}

// ConfirmRate agrees to a rate or refuses it. SAME_PERSON for the agency that proposed it, as for a programme's version.
func ConfirmRate(r Rate, d RateDecision, actor relief.Actor) (Rate, bool, error) {
	act, done := relief.ActProgrammeConfirmRate, RateConfirmed
	if !d.Agree {
		act, done = actRefuseRate, RateRefused
		if err := relief.CheckText("reason", d.Reason, 1, 200); err != nil {
			return r, false, err
		}
	} else if d.Reason != "" {
		return r, false, relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if err := relief.RequireRegion(actor.By, r.Region); err != nil {
		return r, false, err
	}
	if d.Digest != r.Digest {
		return r, false, &relief.Error{Code: relief.CodeConflict, Field: "digest",
			Detail: "the rate has another digest than the one that is confirmed: read it again"}
	}
	if r.State == done && r.Reason == d.Reason && actor.Repeats(r.Acts, relief.ActProgrammeConfirmRate) {
		return r, false, nil
	}
	next, err := relief.Next(RateTransitions, r.State, act)
	if err != nil {
		return r, false, err
	}
	if by, _ := relief.LastBy(r.Acts, relief.ActProgrammeProposeRate); relief.SameOfficial(by, actor.By) || by.Agency == actor.By.Agency {
		return r, false, relief.Errorf(relief.CodeSamePerson, "the agency that proposed a rate may not confirm it")
	}
	r.Reason = d.Reason
	return r.record(next, relief.ActProgrammeConfirmRate, actor)
}

// WithdrawRate takes back a proposal.
func WithdrawRate(r Rate, actor relief.Actor) (Rate, bool, error) {
	if err := relief.RequireRegion(actor.By, r.Region); err != nil {
		return r, false, err
	}
	if r.State == RateWithdrawn && actor.Repeats(r.Acts, relief.ActProgrammeWithdrawRate) {
		return r, false, nil
	}
	next, err := relief.Next(RateTransitions, r.State, relief.ActProgrammeWithdrawRate)
	if err != nil {
		return r, false, err
	}
	return r.record(next, relief.ActProgrammeWithdrawRate, actor)
}

func (r Rate) record(next RateState, act relief.Act, actor relief.Actor) (Rate, bool, error) {
	if err := actor.Follows(r.Acts); err != nil {
		return r, false, err
	}
	r.State = next
	r.Acts = append(slices.Clip(r.Acts), actor.Entry(act))
	return r, true, nil
}

// InForce refuses to pay by a rate that is not confirmed. r is nil for a period without one.
func (r *Rate) InForce(period relief.Period) error {
	if r == nil || r.State != RateConfirmed {
		return &relief.Error{Code: relief.CodeWrongState, Field: "period",
			Detail: "the programme has no confirmed rate of " + period.String() + ": propose it, and have finance confirm it"}
	}
	return nil
}
