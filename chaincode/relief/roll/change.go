package roll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ChangeKind says what a change does to a roll entry.
type ChangeKind string

// The kinds of changes.
const (
	ChangePayee     ChangeKind = "payee"     // other details: the name and the account that money goes to, and whatever else is kept of a person
	ChangeExit      ChangeKind = "exit"      // the household leaves the roll (R12)
	ChangeSuspend   ChangeKind = "suspend"   // nothing is paid from a period on
	ChangeResume    ChangeKind = "resume"    // paid again from a period on
	ChangeGrant     ChangeKind = "terms"     // another class, number of persons or amount from a month on, which may lie in the past
	ChangeResidence ChangeKind = "residence" // the household lives in an urban or rural place from a month on, which may lie in the past
	ChangeHead      ChangeKind = "head"      // another member leads the household, under another number
	ChangeMove      ChangeKind = "move"      // the household lives elsewhere in the county: another number
	ChangeMoveOut   ChangeKind = "move_out"  // the household moves to another county, whose programme takes it in
	ChangeMoveIn    ChangeKind = "move_in"   // the other county takes it in: a number on that county's roll
)

// ChangeKinds lists the kinds.
var ChangeKinds = []ChangeKind{
	ChangePayee, ChangeExit, ChangeSuspend, ChangeResume, ChangeGrant, ChangeResidence, ChangeHead, ChangeMove, ChangeMoveOut, ChangeMoveIn,
}

// act is the act that proposes a change of the kind.
func (k ChangeKind) act() relief.Act {
	switch k {
	case ChangePayee:
		return relief.ActRollChangePayee
	case ChangeExit:
		return relief.ActRollExit
	case ChangeSuspend:
		return relief.ActRollSuspend
	case ChangeResume:
		return relief.ActRollResume
	case ChangeGrant:
		return relief.ActRollSetTerms
	case ChangeResidence:
		return relief.ActRollSetResidence
	case ChangeHead:
		return relief.ActRollReplaceHead
	case ChangeMove:
		return relief.ActRollMove
	case ChangeMoveOut:
		return relief.ActRollMoveOut
	case ChangeMoveIn:
		return relief.ActRollMoveIn
	}
	return ""
}

// BringsDetails reports whether sealed details of a payee come with a change of the kind.
func (k ChangeKind) BringsDetails() bool {
	return k == ChangePayee || k == ChangeHead || k == ChangeMoveIn
}

// ChangeState is the state of a change.
type ChangeState string

// The states of a change.
const (
	ChangeProposed  ChangeState = "proposed"
	ChangeConfirmed ChangeState = "confirmed"
	ChangeRefused   ChangeState = "refused"
	ChangeWithdrawn ChangeState = "withdrawn"
)

// ChangeStates lists the states.
var ChangeStates = []ChangeState{ChangeProposed, ChangeConfirmed, ChangeRefused, ChangeWithdrawn}

// A confirmation has a row in the life cycles for each outcome and each kind.
const (
	ActConfirmPayee     relief.Act = "roll.confirm_change (payee)"
	ActConfirmExit      relief.Act = "roll.confirm_change (exit)"
	ActConfirmSuspend   relief.Act = "roll.confirm_change (suspend)"
	ActConfirmResume    relief.Act = "roll.confirm_change (resume)"
	ActConfirmTerms     relief.Act = "roll.confirm_change (terms)"
	ActConfirmResidence relief.Act = "roll.confirm_change (residence)"
	ActConfirmHead      relief.Act = "roll.confirm_change (head)"
	ActConfirmMove      relief.Act = "roll.confirm_change (move)"
	ActConfirmMoveOut   relief.Act = "roll.confirm_change (move_out)"
	ActConfirmMoveIn    relief.Act = "roll.confirm_change (move_in)"
	actChangeAgree      relief.Act = "roll.confirm_change (agreed)"
	actChangeRefuse     relief.Act = "roll.confirm_change (refused)"
)

// ChangeTransitions is the life cycle of a change (R43: nobody alone changes who is paid, until when, or where to).
var ChangeTransitions = []relief.Transition[ChangeState]{
	{From: ChangeProposed, Act: actChangeAgree, To: ChangeConfirmed, Why: "another official agrees: the change takes effect"},
	{From: ChangeProposed, Act: actChangeRefuse, To: ChangeRefused, Why: "another official does not agree, with a reason"},
	{From: ChangeProposed, Act: relief.ActRollWithdrawChange, To: ChangeWithdrawn, Why: "the proposal was wrong, or the entry has changed"},
}

// Change is a change of one roll entry. One official proposes it, another confirms it.
type Change struct {
	ID        relief.ChangeID    `json:"id"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Number    uint32             `json:"number"`
	Subject   relief.SubjectRef  `json:"subject"`
	Region    relief.Region      `json:"region"`
	Previous  relief.ChangeID    `json:"previous,omitempty"` // the person's change before this one, in the programme
	ChangeTerms
	ChangeBase
	SHA256  string                `json:"sha256"` // of what takes effect; the confirmation names it
	State   ChangeState           `json:"state"`
	Refusal string                `json:"refusal,omitempty"` // why it was refused
	Opened  *Opened               `json:"opened,omitempty"`  // the number under which the household goes on
	Acts    []relief.HistoryEntry `json:"acts"`
}

// ChangeTerms are what takes effect.
type ChangeTerms struct {
	Kind   ChangeKind `json:"kind"`
	Reason string     `json:"reason,omitempty"` // an ExitReason for an exit, a TermsReason for other terms, else in words
	// Payee, EvidenceSHA256 and DetailsSHA256 are of a new payee: the tags, the salted hash of the evidence, and the hash
	// of the sealed details.
	Payee
	EvidenceSHA256 string   `json:"evidence_sha256,omitempty"`
	DetailsSHA256  string   `json:"details_sha256,omitempty"`
	Corrects       Corrects `json:"corrects,omitzero"`
	// DiedOn and LastPeriod are of an exit.
	DiedOn     relief.Day    `json:"died_on,omitempty"`
	LastPeriod relief.Period `json:"last_period,omitzero"`
	// From is the first month of a suspension or after it, or of other terms, or of another residence; of another head, the first month without the former one.
	From relief.Period `json:"from,omitzero"`
	// Class, Persons and Amount are other terms, also of a household with another head or in another county. Document is the number of the paper that says so, also
	// of a residence.
	Class    string     `json:"class,omitempty"`
	Persons  uint8      `json:"persons,omitempty"`
	Amount   relief.Fen `json:"amount,omitempty"`
	Document string     `json:"document,omitempty"`
	// Residence is where the household lives.
	Residence relief.Residence `json:"residence,omitempty"`
	// SuccessionTerms are of a change that ends the number and opens another.
	SuccessionTerms
}

// Corrects are the details without a tag that a change corrects (PIPL art. 46). The contracts cannot read them: who seals the
// details says which they are, and who confirms the change compares.
type Corrects struct {
	Bank        bool `json:"bank,omitempty"`
	Phone       bool `json:"phone,omitempty"`
	HouseholdNo bool `json:"household_no,omitempty"`
	// Seal says that nothing is corrected: the details are sealed again and tagged again with the keys in use.
	Seal bool `json:"seal,omitempty"`
}

// ChangeBase says what a proposal starts from. A change is not confirmed when the entry is not so any more.
type ChangeBase struct {
	Version uint16 `json:"base_version,omitempty"` // of the private details, for a new payee
	Entry   string `json:"base_sha256,omitempty"`  // of the roll entry, for any other kind
}

// baseOf is what a change of a kind starts from.
func baseOf(part *Part, slot int, kind ChangeKind) ChangeBase {
	if kind == ChangePayee {
		return ChangeBase{Version: part.Payees.Version(slot)}
	}
	sum := sha256.New()
	sum.Write(part.Segment.slot(slot)[:rollCheck]) // without the payee
	sum.Write(part.Segment.tailOf(slot))
	return ChangeBase{Entry: hex.EncodeToString(sum.Sum(nil))}
}

// Digest is the SHA-256 of what takes effect: of which entry, from what base, and what.
func (c *Change) Digest() (string, error) {
	b, err := json.Marshal(struct {
		ID        relief.ChangeID    `json:"id"`
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
		Number    uint32             `json:"number"`
		Subject   relief.SubjectRef  `json:"subject"`
		ChangeTerms
		ChangeBase
	}{c.ID, c.Programme, c.County, c.Number, c.Subject, c.ChangeTerms, c.ChangeBase})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the change cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/change/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// ProposeChange proposes a change of the entry in a slot of part. last is the person's last change in the programme, nil
// for none. The same proposal by the same official changes nothing while it is open and after it was confirmed.
func ProposeChange(part *Part, slot int, t ChangeTerms, last *Change, cal *relief.Calendar, actor relief.Actor) (Change, bool, error) {
	e := part.Segment.Entry(slot, part.At)
	region := t.region(e.Region)
	if err := relief.RequireRegion(actor.By, region); err != nil {
		return Change{}, false, err
	}
	if last != nil {
		if last.proposedAgain(&t, actor) {
			return *last, false, nil
		}
		if last.State == ChangeProposed {
			return Change{}, false, relief.Errorf(relief.CodePending, "change %s of this entry is not decided yet: confirm, refuse or withdraw it first", last.ID)
		}
	}
	if err := t.check(part, slot, cal, actor); err != nil {
		return Change{}, false, err
	}
	c := Change{
		ID: relief.NewChangeID(e.Programme, e.County, e.Number, 1), Programme: e.Programme, County: e.County, Number: e.Number,
		Subject: e.Subject, Region: region, ChangeTerms: t, ChangeBase: baseOf(part, slot, t.Kind), State: ChangeProposed,
		Acts: []relief.HistoryEntry{actor.Entry(t.Kind.act())},
	}
	if last != nil {
		c.ID, c.Previous = relief.NewChangeID(e.Programme, e.County, e.Number, last.ID.Serial()+1), last.ID
	}
	var err error
	c.SHA256, err = c.Digest()
	return c, err == nil, err
}

// proposedAgain reports whether the same official proposes the same once more. A client may leave out the last period of
// a death, which the proposal has.
func (c *Change) proposedAgain(t *ChangeTerms, actor relief.Actor) bool {
	same := *t
	if same.DiedOn != "" && same.LastPeriod.IsZero() {
		same.LastPeriod = c.LastPeriod
	}
	if same.DiedOn != "" && same.From.IsZero() {
		same.From = c.From
	}
	same.Corrects = c.Corrects // nothing differs any more from what the change has corrected
	return c.ChangeTerms == same && (c.State == ChangeProposed || c.State == ChangeConfirmed) && relief.SameOfficial(c.Acts[0].By, actor.By)
}

// check refuses what cannot take effect on the entry as it is. It fills in the last period of a death.
func (t *ChangeTerms) check(part *Part, slot int, cal *relief.Calendar, actor relief.Actor) error {
	switch t.Kind {
	case ChangePayee:
		return t.checkPayee(part, slot)
	case ChangeExit:
		reason := ExitReason(t.Reason)
		if reason == ExitSucceeded {
			return errExitReason
		}
		last, err := LastPeriod(reason, t.DiedOn, t.LastPeriod, part.Segment.From(slot), cal, actor)
		if err != nil {
			return err
		}
		t.LastPeriod = last
		_, _, _, err = Exit(part.Segment, part.At, part.At.First()+uint32(slot), Leaving{Reason: reason, DiedOn: t.DiedOn, Last: last}) //nolint:gosec // below 1000
		return err
	case ChangeSuspend:
		if err := relief.CheckText("reason", t.Reason, 1, maxChangeReason); err != nil {
			return err
		}
		_, err := Suspend(part.Segment, slot, t.From)
		if err == nil && t.From.LastMonth() < cal.Day(actor.At).Month() {
			err = relief.FieldErrorf("from", "relief can be suspended from the current month on or a later one")
		}
		return err
	case ChangeResume:
		if err := relief.CheckText("reason", t.Reason, 0, maxChangeReason); err != nil {
			return err
		}
		_, err := Resume(part.Segment, slot, t.From)
		return err
	case ChangeGrant:
		return t.checkTerms(part, slot, cal.Day(actor.At))
	case ChangeResidence:
		return t.checkResidence(part, slot, cal.Day(actor.At))
	case ChangeHead, ChangeMove, ChangeMoveOut, ChangeMoveIn:
		return t.checkSuccession(part, slot, cal, actor)
	}
	return relief.FieldErrorf("kind", "the kind is payee, exit, suspend, resume, terms, residence, head, move, move_out or move_in")
}

// maxChangeReason is the largest number of characters of a reason in words.
const maxChangeReason = 200

func (t *ChangeTerms) checkPayee(part *Part, slot int) error {
	if err := t.checkDetails(); err != nil {
		return err
	}
	now := part.Payees.Payee(slot)
	switch {
	case !now.Valid():
		return relief.Errorf(relief.CodeWrongState, "the private details of this entry were erased")
	case now.Differs(t.Payee) == "" && t.Corrects == Corrects{}:
		return relief.FieldErrorf("account", "the entry has this name and this account already, and no other detail is corrected")
	case t.Corrects.Seal && t.Corrects != Corrects{Seal: true}:
		return relief.FieldErrorf("corrects", "details that are sealed again stay as they are: correct others by a change of their own")
	case t.Corrects.Seal && (anotherOfEpoch(now.Name, t.Payee.Name) || anotherOfEpoch(now.Account, t.Payee.Account)):
		return relief.FieldErrorf("corrects", "details that are sealed again have the same name and account")
	}
	return relief.CheckText("reason", t.Reason, 0, maxChangeReason)
}

// anotherOfEpoch reports whether two tags of one key are those of two names or accounts. Tags of two keys cannot be compared: who
// confirms the change opens both details.
func anotherOfEpoch(a, b relief.Tag) bool { return a.Epoch() == b.Epoch() && !a.Equal(b) }

// MovesMoney reports whether a payment of somebody whose payee is now another goes elsewhere by the change, or says another name
// or bank. A payment on its way keeps such a change waiting, and no other.
func (t *ChangeTerms) MovesMoney(now Payee) bool {
	return now.Differs(t.Payee) != "" || t.Corrects.Bank
}

// checkDetails refuses a payee without both tags, details or evidence.
func (t *ChangeTerms) checkDetails() error {
	switch {
	case !t.Payee.Name.Valid():
		return relief.FieldErrorf("name_tag", "the tag of the name is missing")
	case !t.Payee.Account.Valid():
		return relief.FieldErrorf("account_tag", "the tag of the account is missing")
	case !form.IsSHA256(t.EvidenceSHA256):
		return relief.FieldErrorf("evidence_sha256", "the SHA-256 of the evidence is 64 hexadecimal digits in small letters")
	case !form.IsSHA256(t.DetailsSHA256):
		return relief.FieldErrorf("details_sha256", "the SHA-256 of the sealed details is missing")
	}
	return nil
}

// ChangeDecision agrees with a change or refuses it. SHA256 is the digest that the official has seen.
type ChangeDecision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// DecideChange confirms or refuses a change, by another official than the one who proposed it. The caller has a confirmed
// change take effect.
func DecideChange(c Change, d ChangeDecision, actor relief.Actor) (Change, bool, error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return c, false, err
	}
	act := actChangeRefuse
	switch {
	case d.Agree && d.Reason != "":
		return c, false, relief.FieldErrorf("reason", "only a refusal has a reason")
	case d.Agree:
		act = actChangeAgree
	default:
		if err := relief.CheckText("reason", d.Reason, 1, maxChangeReason); err != nil {
			return c, false, err
		}
	}
	if d.SHA256 != c.SHA256 {
		return c, false, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the change has the digest " + c.SHA256 + ": read it again"}
	}
	if actor.Repeats(c.Acts, relief.ActRollConfirmChange) && (c.State == ChangeConfirmed) == d.Agree && c.Refusal == d.Reason {
		return c, false, nil
	}
	next, err := relief.Next(ChangeTransitions, c.State, act)
	if err != nil {
		return c, false, err
	}
	if relief.SameOfficial(c.Acts[0].By, actor.By) {
		return c, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the change: another official confirms or refuses it", actor.By.Name)
	}
	c.Refusal = d.Reason
	return c.record(next, relief.ActRollConfirmChange, actor)
}

// CheckBase refuses, with CONFLICT, a change of an entry that is not as the proposal found it, and what cannot take effect
// any more.
func (c *Change) CheckBase(part *Part, slot int, cal *relief.Calendar, actor relief.Actor) error {
	e := part.Segment.Entry(slot, part.At)
	if e.Programme != c.Programme || e.County != c.County || e.Number != c.Number || e.Subject != c.Subject ||
		baseOf(part, slot, c.Kind) != c.ChangeBase {
		return relief.Errorf(relief.CodeConflict, "the entry has changed since change %s was proposed: refuse or withdraw it and propose it again", c.ID)
	}
	t := c.ChangeTerms
	return t.check(part, slot, cal, actor)
}

// WithPayee is the part after entry i got other private details. It reports whether that is possible: versions of the
// details end with 65,535. p does not change.
func (p *Part) WithPayee(i int, payee Payee) (Part, bool) {
	out := p.clone()
	if i >= out.Payees.Len() || !out.Payees.set(i, payee) {
		return out, false
	}
	out.Segment.setPayeeCheck(i, payee)
	return out, true
}

// WithdrawChange takes a proposal back.
func WithdrawChange(c Change, actor relief.Actor) (Change, bool, error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return c, false, err
	}
	if actor.Repeats(c.Acts, relief.ActRollWithdrawChange) {
		return c, false, nil
	}
	next, err := relief.Next(ChangeTransitions, c.State, relief.ActRollWithdrawChange)
	if err != nil {
		return c, false, err
	}
	return c.record(next, relief.ActRollWithdrawChange, actor)
}

func (c Change) record(next ChangeState, act relief.Act, actor relief.Actor) (Change, bool, error) {
	if err := actor.Follows(c.Acts); err != nil {
		return c, false, err
	}
	c.State = next
	c.Acts = append(c.Acts[:len(c.Acts):len(c.Acts)], actor.Entry(act))
	return c, true, nil
}

// LastChange names a person's last change in a programme.
type LastChange struct {
	Change relief.ChangeID `json:"change"`
}
