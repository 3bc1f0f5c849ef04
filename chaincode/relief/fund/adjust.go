package fund

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// MaxAdjustments bounds the adjustments of a tranche.
const MaxAdjustments = 500

const (
	maxDocument = 60  // characters of a document's number
	maxReason   = 200 // characters of a reason
)

// AdjustmentTerms is what is proposed for a tranche's money.
type AdjustmentTerms struct {
	Kind     MoveKind         `json:"kind"`
	Amount   relief.Fen       `json:"amount"`
	To       relief.TrancheID `json:"to,omitempty"`       // of what is carried over: the next year's tranche
	Document string           `json:"document,omitempty"` // the document's number (文号); a top-up needs one
	Reason   string           `json:"reason"`
}

// Adjustment is a change of a tranche's money (资金调整): proposed by one official, confirmed by another.
type Adjustment struct {
	Number int `json:"number"` // from 1
	AdjustmentTerms
	SHA256  string          `json:"sha256"` // of the terms; a confirmation names it
	State   AdjustmentState `json:"state"`
	Refusal string          `json:"refusal,omitempty"`
	Act     int             `json:"act"`               // the place of the proposal in the tranche's acts
	Decided int             `json:"decided,omitempty"` // the place of the confirmation or refusal
}

// Decision agrees with an adjustment or refuses it. SHA256 is the digest that the official has seen.
type Decision struct {
	Adjustment int    `json:"adjustment"`
	SHA256     string `json:"sha256"`
	Agree      bool   `json:"agree"`
	Reason     string `json:"reason,omitempty"` // of a refusal
}

// Other is the tranche at the other end of an adjustment; "" for outside.
func (t *Tranche) Other(a *AdjustmentTerms) relief.TrancheID {
	switch a.Kind {
	case CarriedOver:
		return a.To
	case Refunded:
		return ""
	default:
		return t.Parent
	}
}

// Adjustment is a copy of the adjustment with a number.
func (t *Tranche) Adjustment(number int) (*Adjustment, error) {
	if number < 1 || number > len(t.Adjustments) {
		return nil, relief.FieldErrorf("adjustment", "the tranche has no adjustment with this number")
	}
	a := t.Adjustments[number-1]
	return &a, nil
}

// proposals are the acts of the kinds; only looked up, never ranged over.
var proposals = map[MoveKind]relief.Act{
	ToppedUp: relief.ActFundTopUp, TakenBack: relief.ActFundTakeBack, CarriedOver: relief.ActFundCarryOver, Refunded: relief.ActFundRefund,
}

// Propose proposes an adjustment. other is the tranche at its other end, nil for outside. The same proposal by the same official
// changes nothing while it is open.
func Propose(t Tranche, terms AdjustmentTerms, other *Tranche, actor relief.Actor) (Tranche, bool, error) {
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return t, false, err
	}
	if err := terms.check(&t); err != nil {
		return t, false, err
	}
	for i := range t.Adjustments {
		switch a := &t.Adjustments[i]; {
		case a.State != AdjustmentProposed:
		case a.AdjustmentTerms == terms && relief.SameOfficial(t.Acts[a.Act].By, actor.By):
			return t, false, nil
		case a.Kind == terms.Kind:
			return t, false, relief.Errorf(relief.CodePending, "adjustment %d of the tranche is not decided yet: confirm, refuse or withdraw it first", a.Number)
		}
	}
	if len(t.Adjustments) >= MaxAdjustments {
		return t, false, relief.Errorf(relief.CodeInvalid, "a tranche has at most %d adjustments", MaxAdjustments)
	}
	act := proposals[terms.Kind]
	if _, err := relief.Next(Transitions, t.State, act); err != nil {
		return t, false, err
	}
	if err := actor.Follows(t.Acts); err != nil {
		return t, false, err
	}
	if err := t.fit(&terms, other); err != nil {
		return t, false, err
	}
	a := Adjustment{Number: len(t.Adjustments) + 1, AdjustmentTerms: terms, State: AdjustmentProposed, Act: len(t.Acts)}
	var err error
	if a.SHA256, err = a.digest(t.ID); err != nil {
		return t, false, err
	}
	t.Adjustments = append(slices.Clip(t.Adjustments), a)
	t.record(act, actor)
	return t, true, nil
}

// check refuses terms that are wrong whatever the tranche has.
func (a *AdjustmentTerms) check(t *Tranche) error {
	switch {
	case a.Amount <= 0 || a.Amount > relief.MaxFen:
		return relief.FieldErrorf("amount", "the amount must be above zero")
	case a.Kind == TakenBack && t.Parent == "":
		return relief.Errorf(relief.CodeWrongState, "tranche %s was issued, not allocated: its money is refunded, not taken back", t.ID)
	case a.Kind == Refunded && t.Parent != "":
		return relief.Errorf(relief.CodeWrongState, "tranche %s was allocated from %s, which takes its money back: it is not refunded", t.ID, t.Parent)
	}
	if err := a.checkTo(t); err != nil {
		return err
	}
	fewest := 0
	if a.Kind == ToppedUp {
		fewest = 1
	}
	if err := relief.CheckText("document", a.Document, fewest, maxDocument); err != nil {
		return err
	}
	return relief.CheckText("reason", a.Reason, 1, maxReason)
}

// checkTo refuses a wrong tranche of the next year, and one that is named for nothing.
func (a *AdjustmentTerms) checkTo(t *Tranche) error {
	switch {
	case a.Kind != CarriedOver && a.To != "":
		return relief.FieldErrorf("to", "only what is carried over names another tranche")
	case a.Kind != CarriedOver:
		return nil
	case a.To == "" || a.To == t.ID:
		return relief.FieldErrorf("to", "what is carried over goes to a tranche of the next year")
	case t.CarriedTo != "" && t.CarriedTo != a.To:
		return &relief.Error{Code: relief.CodeConflict, Field: "to", Detail: "tranche " + string(t.ID) + " is carried over to " + string(t.CarriedTo) + " already"}
	}
	return nil
}

// fit refuses an adjustment that the tranches' money or terms do not allow.
func (t *Tranche) fit(a *AdjustmentTerms, other *Tranche) error {
	pays := t // the tranche that has less afterwards
	if a.Kind == ToppedUp {
		pays = other
	}
	if pays != nil && pays.Balances.Available < a.Amount {
		return relief.Errorf(relief.CodeFunds, "tranche %s has %s, less than %s", pays.ID, pays.Balances.Available, a.Amount)
	}
	if had := t.fromParent(); a.Kind == TakenBack && had < a.Amount {
		return relief.Errorf(relief.CodeFunds, "tranche %s has %s from %s, less than %s: the rest was carried over to it", t.ID, had, t.Parent, a.Amount)
	}
	if other == nil {
		return nil
	}
	if a.Kind == CarriedOver {
		if err := t.fitNext(other); err != nil {
			return err
		}
	}
	if other.State != TrancheIssued {
		return relief.Errorf(relief.CodeWrongState, "tranche %s is %s", other.ID, other.State)
	}
	return nil
}

// fitNext refuses a tranche to which the money cannot be carried over: it is of the next year, pays for the same programmes at
// least, and covers the region.
func (t *Tranche) fitNext(next *Tranche) error {
	switch {
	case next.FiscalYear != t.FiscalYear+1:
		return relief.FieldErrorf("to", "tranche %s is of the fiscal year %d: money of %d is carried over to %d",
			next.ID, next.FiscalYear, t.FiscalYear, t.FiscalYear+1)
	case !next.Covers(t.Region):
		return relief.FieldErrorf("to", "tranche %s is for %s, which does not cover %s", next.ID, next.Region, t.Region)
	}
	for _, p := range t.Pool() {
		if !next.PaysFor(p) {
			return relief.FieldErrorf("to", "tranche %s does not pay for programme %s", next.ID, p)
		}
	}
	return nil
}

// digest is the SHA-256 of what is proposed for a tranche.
func (a *Adjustment) digest(id relief.TrancheID) (string, error) {
	b, err := json.Marshal(struct {
		Tranche relief.TrancheID `json:"tranche"`
		Number  int              `json:"number"`
		AdjustmentTerms
	}{id, a.Number, a.AdjustmentTerms})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the adjustment cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/adjustment/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// Decide confirms or refuses an adjustment, by another official than the one who proposed it, whose region covers both tranches.
// other is the tranche at the other end, nil for outside; it is changed, too, when the adjustment is confirmed.
func Decide(t Tranche, other *Tranche, d Decision, actor relief.Actor) (Tranche, *Tranche, bool, error) {
	a, err := t.Adjustment(d.Adjustment)
	if err != nil {
		return t, other, false, err
	}
	if err := d.check(a); err != nil {
		return t, other, false, err
	}
	if t.decidedAgain(a, &d, actor) {
		return t, other, false, nil
	}
	act := relief.ActFundConfirm
	if !d.Agree {
		act = actRefused
	}
	if a.State, err = relief.Next(AdjustmentTransitions, a.State, act); err != nil {
		return t, other, false, err
	}
	if err := t.mayDecide(a, other, actor); err != nil {
		return t, other, false, err
	}
	a.Refusal, a.Decided = d.Reason, len(t.Acts)
	t.record(relief.ActFundConfirm, actor)
	if d.Agree {
		if other, err = t.confirm(a, other, actor); err != nil {
			return t, other, false, err
		}
	}
	t.set(a)
	return t, other, true, nil
}

func (d *Decision) check(a *Adjustment) error {
	if d.Agree && d.Reason != "" {
		return relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if !d.Agree {
		if err := relief.CheckText("reason", d.Reason, 1, maxReason); err != nil {
			return err
		}
	}
	if d.SHA256 != a.SHA256 {
		return &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the adjustment has the digest " + a.SHA256 + ": read it again"}
	}
	return nil
}

// decidedAgain reports whether an adjustment was decided in the same way by the same official.
func (t *Tranche) decidedAgain(a *Adjustment, d *Decision, actor relief.Actor) bool {
	if a.Decided == 0 || !relief.SameOfficial(t.Acts[a.Decided].By, actor.By) || a.Refusal != d.Reason {
		return false
	}
	return d.Agree && a.State == AdjustmentConfirmed || !d.Agree && a.State == AdjustmentRefused
}

func (t *Tranche) mayDecide(a *Adjustment, other *Tranche, actor relief.Actor) error {
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return err
	}
	if other != nil {
		if err := relief.RequireRegion(actor.By, other.Region); err != nil {
			return err
		}
	}
	if relief.SameOfficial(t.Acts[a.Act].By, actor.By) {
		return relief.Errorf(relief.CodeSamePerson, "%s proposed the adjustment: another official confirms or refuses it", actor.By.Name)
	}
	if _, err := relief.Next(Transitions, t.State, relief.ActFundConfirm); err != nil {
		return err
	}
	return actor.Follows(t.Acts)
}

// confirm moves the money of an adjustment.
func (t *Tranche) confirm(a *Adjustment, other *Tranche, actor relief.Actor) (*Tranche, error) {
	if err := t.fit(&a.AdjustmentTerms, other); err != nil {
		return other, err
	}
	m := Move{Kind: a.Kind, From: t.ID, To: t.Other(&a.AdjustmentTerms), Amount: a.Amount, Adjustment: a.Number, Reason: a.Reason, Document: a.Document}
	if a.Kind == ToppedUp {
		m.From, m.To = m.To, m.From
	}
	if other == nil {
		return nil, t.carryOut(m, nil)
	}
	o := *other
	if err := actor.Follows(o.Acts); err != nil {
		return other, err
	}
	o.record(relief.ActFundConfirm, actor)
	if a.Kind == CarriedOver {
		t.CarriedTo = o.ID
	}
	return &o, t.carryOut(m, &o)
}

func (t *Tranche) set(a *Adjustment) {
	t.Adjustments = slices.Clone(t.Adjustments)
	t.Adjustments[a.Number-1] = *a
}

// Withdraw takes a proposal back, by the agency whose official made it.
func Withdraw(t Tranche, number int, actor relief.Actor) (Tranche, bool, error) {
	a, err := t.Adjustment(number)
	if err != nil {
		return t, false, err
	}
	if a.State == AdjustmentWithdrawn && actor.Repeats(t.Acts, relief.ActFundWithdraw) {
		return t, false, nil
	}
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return t, false, err
	}
	if by := t.Acts[a.Act].By; by.Agency != actor.By.Agency {
		return t, false, relief.Errorf(relief.CodeForbidden, "an official of %s proposed the adjustment: that agency withdraws it", by.Agency)
	}
	if a.State, err = relief.Next(AdjustmentTransitions, a.State, relief.ActFundWithdraw); err != nil {
		return t, false, err
	}
	if _, err := relief.Next(Transitions, t.State, relief.ActFundWithdraw); err != nil {
		return t, false, err
	}
	if err := actor.Follows(t.Acts); err != nil {
		return t, false, err
	}
	t.record(relief.ActFundWithdraw, actor)
	t.set(a)
	return t, true, nil
}
