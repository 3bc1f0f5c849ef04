package overpayment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// Kind says how an overpayment is settled.
type Kind string

// The kinds of measures.
const (
	Recovery  Kind = "recovery"  // money that came back (追回)
	Deduction Kind = "deduction" // a plan: so much of each month's payment is not transferred (抵扣)
	WriteOff  Kind = "write_off" // given up by two agencies, with a document (核销)
)

// Kinds are all kinds of measures.
var Kinds = []Kind{Recovery, Deduction, WriteOff}

// MaxMeasures bounds the measures of an overpayment.
const MaxMeasures = 200

const (
	maxDocument = 60  // characters of a document's number
	maxReason   = 200 // characters of a refusal's reason
)

// Entry is the entry of a bank's statement by which money came back: the hash of the bank's reference, and the whole sum, which
// may be for several overpayments.
type Entry struct {
	Ref      string     `json:"ref_sha256_128"`
	Amount   relief.Fen `json:"amount"`
	BookedOn relief.Day `json:"booked_on"`
}

// Terms is what is proposed.
type Terms struct {
	Kind     Kind          `json:"kind"`
	Amount   relief.Fen    `json:"amount"`             // of a deduction: at most so much of a month's payment; 0.00 ends it
	From     relief.Period `json:"from,omitzero"`      // of a deduction: the first period
	Entry    Entry         `json:"entry,omitzero"`     // of a recovery
	Document string        `json:"document,omitempty"` // of a write-off: the document's number
}

// Measure is one thing that was decided about an overpayment (处理措施): proposed by one official, confirmed by another.
type Measure struct {
	Number int `json:"number"` // from 1
	Terms
	SHA256  string `json:"sha256"` // of the terms; a confirmation names it
	State   State  `json:"state"`
	Refusal string `json:"refusal,omitempty"`
	Act     int    `json:"act"`             // the place of the proposal in the record's acts
	Parts   []Part `json:"parts,omitempty"` // of a confirmed recovery: the payments and tranches that it falls to
}

// Part is what was recovered of a tranche's share of a payment.
type Part struct {
	Period  relief.Period    `json:"period"`
	Attempt uint8            `json:"attempt"`
	Tranche relief.TrancheID `json:"tranche"`      // that paid it
	To      relief.TrancheID `json:"to,omitempty"` // that has it now, when the one that paid it is closed
	Amount  relief.Fen       `json:"amount"`
}

// Receiver is the tranche that has the money again.
func (p *Part) Receiver() relief.TrancheID {
	if p.To != "" {
		return p.To
	}
	return p.Tranche
}

// Decision agrees with a measure or refuses it. SHA256 is the digest that the official has seen.
type Decision struct {
	Measure int    `json:"measure"`
	SHA256  string `json:"sha256"`
	Agree   bool   `json:"agree"`
	Reason  string `json:"reason,omitempty"` // of a refusal
}

// Propose proposes a measure. quarterly says which periods the programme pays. The same proposal by the same official changes
// nothing while it is open and after it was confirmed.
func Propose(o Overpayment, t Terms, now Standing, quarterly bool, cal *relief.Calendar, actor relief.Actor) (Overpayment, bool, error) {
	if err := relief.RequireRegion(actor.By, o.Region); err != nil {
		return o, false, err
	}
	if err := t.check(quarterly, cal.Day(actor.At)); err != nil {
		return o, false, err
	}
	for i := range o.Measures {
		m := &o.Measures[i]
		live := m.State == Proposed || m.State == Confirmed
		switch {
		case live && m.Terms == t && relief.SameOfficial(o.Acts[m.Act].By, actor.By):
			return o, false, nil
		case m.State == Proposed && m.Kind == t.Kind:
			return o, false, relief.Errorf(relief.CodePending, "measure %d of the overpayment is not decided yet: confirm, refuse or withdraw it first", m.Number)
		case live && t.Kind == WriteOff && m.Document == t.Document:
			return o, false, &relief.Error{Code: relief.CodeConflict, Field: "document", Detail: "the overpayment has a measure by this document already"}
		}
	}
	if len(o.Measures) >= MaxMeasures {
		return o, false, relief.Errorf(relief.CodeInvalid, "an overpayment has at most %d measures", MaxMeasures)
	}
	if err := t.fit(&now, relief.CodeInvalid); err != nil {
		return o, false, err
	}
	m := Measure{Number: len(o.Measures) + 1, Terms: t, State: Proposed, Act: len(o.Acts)}
	var err error
	if m.SHA256, err = m.digest(o.ID); err != nil {
		return o, false, err
	}
	o.Measures = append(slices.Clip(o.Measures), m)
	o, err = o.record(proposals[t.Kind], actor)
	return o, err == nil, err
}

// proposals and confirmations are the acts of the kinds; only looked up, never ranged over.
var (
	proposals = map[Kind]relief.Act{
		Recovery: relief.ActOverpaymentRecover, Deduction: relief.ActOverpaymentDeduct, WriteOff: relief.ActOverpaymentWriteOff,
	}
	confirmations = map[Kind]relief.Act{
		Recovery: relief.ActOverpaymentConfirmRecovery, Deduction: relief.ActOverpaymentConfirmDeduction,
		WriteOff: relief.ActOverpaymentConfirmWriteOff,
	}
	agreed  = map[Kind]relief.Act{Recovery: actRecovered, Deduction: actDeducted, WriteOff: actWrittenOff}
	refused = map[Kind]relief.Act{Recovery: actNotRecovered, Deduction: actNotDeducted, WriteOff: actNotOff}
)

// check refuses terms that are wrong whatever is outstanding.
func (t *Terms) check(quarterly bool, today relief.Day) error {
	if t.Amount < 0 || t.Amount > relief.MaxFen || t.Amount == 0 && t.Kind != Deduction {
		return relief.FieldErrorf("amount", "the amount must be above zero")
	}
	switch t.Kind {
	case Recovery:
		return t.Entry.check(t.Amount, today)
	case Deduction:
		if t.From.IsZero() || t.From.Quarterly() != quarterly {
			return relief.FieldErrorf("from", "the first period must be one that the programme pays for: a month or a quarter")
		}
		return nil
	case WriteOff:
		return relief.CheckText("document", t.Document, 1, maxDocument)
	default:
		return relief.FieldErrorf("kind", "the kind is recovery, deduction or write_off")
	}
}

func (e *Entry) check(recovered relief.Fen, today relief.Day) error {
	ref, err := hex.DecodeString(e.Ref)
	switch {
	case err != nil || hex.EncodeToString(ref) != e.Ref || len(ref) != len(relief.BankRefHash{}) || relief.BankRefHash(ref) == relief.BankRefHash{}:
		return relief.FieldErrorf("entry", "the entry's ref_sha256_128 is 32 hexadecimal digits in small letters, not all of them 0")
	case e.Amount < recovered || e.Amount > relief.MaxFen:
		return relief.FieldErrorf("entry", "the entry's amount must not be less than what is recovered by it")
	case e.BookedOn == "" || e.BookedOn > today:
		return relief.FieldErrorf("entry", "the entry's booked_on is the day on which the bank booked it, today at the latest")
	}
	return nil
}

// fit refuses, with a code, terms that go beyond what is outstanding.
func (t *Terms) fit(now *Standing, code relief.Code) error {
	switch {
	case t.Kind == Deduction && t.Amount == 0:
		return nil // ends a plan
	case now.Outstanding == 0:
		return relief.Errorf(relief.CodeWrongState, "nothing of the overpayment is outstanding")
	case t.Kind != Deduction && t.Amount > now.Outstanding:
		return &relief.Error{Code: code, Field: "amount", Detail: "of the overpayment " + now.Outstanding.String() + " is outstanding"}
	}
	return nil
}

// digest is the SHA-256 of what is proposed for an overpayment.
func (m *Measure) digest(id relief.OverpaymentID) (string, error) {
	b, err := json.Marshal(struct {
		Overpayment relief.OverpaymentID `json:"overpayment"`
		Number      int                  `json:"number"`
		Terms
	}{id, m.Number, m.Terms})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the measure cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/overpayment/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// Decide confirms or refuses a measure of a kind, by another official than the one who proposed it; a write-off by one of another
// agency. paid are the periods of the record; now is the standing by them. The measure has the parts of a confirmed recovery.
func Decide(o Overpayment, kind Kind, d Decision, paid []Paid, now Standing, actor relief.Actor) (Overpayment, *Measure, error) {
	m, err := o.measure(d.Measure)
	if err != nil || m.Kind != kind {
		return o, nil, relief.FieldErrorf("measure", "the overpayment has no %s with this number", kind)
	}
	if err := d.check(m); err != nil {
		return o, nil, err
	}
	if o.decidedAgain(m, &d, actor) {
		return o, nil, nil
	}
	act := agreed[kind]
	if !d.Agree {
		act = refused[kind]
	}
	next, err := o.step(m, act, actor)
	if err != nil {
		return o, nil, err
	}
	if err := o.requireAnother(m, actor); err != nil {
		return o, nil, err
	}
	m.State, m.Refusal = next, d.Reason
	if d.Agree {
		if err := o.confirm(m, paid, &now); err != nil {
			return o, nil, err
		}
	}
	o = o.With(m)
	o, err = o.record(confirmations[kind], actor)
	return o, m, err
}

func (d *Decision) check(m *Measure) error {
	if d.Agree && d.Reason != "" {
		return relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if !d.Agree {
		if err := relief.CheckText("reason", d.Reason, 1, maxReason); err != nil {
			return err
		}
	}
	if d.SHA256 != m.SHA256 {
		return &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the measure has the digest " + m.SHA256 + ": read it again"}
	}
	return nil
}

// decidedAgain reports whether the record's last act is the same decision by the same official.
func (o *Overpayment) decidedAgain(m *Measure, d *Decision, actor relief.Actor) bool {
	return actor.Repeats(o.Acts, confirmations[m.Kind]) && m.Refusal == d.Reason &&
		(d.Agree && m.State == Confirmed || !d.Agree && m.State == Refused)
}

// requireAnother refuses, with SAME_PERSON, the official who proposed a measure, and of a write-off, with FORBIDDEN, that
// official's agency.
func (o *Overpayment) requireAnother(m *Measure, actor relief.Actor) error {
	proposer := o.Acts[m.Act].By
	if relief.SameOfficial(proposer, actor.By) {
		return relief.Errorf(relief.CodeSamePerson, "%s proposed the measure: another official confirms or refuses it", actor.By.Name)
	}
	if m.Kind == WriteOff && proposer.Agency == actor.By.Agency {
		return relief.Errorf(relief.CodeForbidden, "an official of %s proposed the write-off: one of another agency confirms or refuses it", proposer.Agency)
	}
	return nil
}

// confirm is what a confirmation does beside the state.
func (o *Overpayment) confirm(m *Measure, paid []Paid, now *Standing) error {
	if err := m.fit(now, relief.CodeConflict); err != nil {
		return err
	}
	if m.Kind == Recovery {
		m.Parts = o.allocate(m.Amount, paid)
		return nil
	}
	if m.Kind != Deduction {
		return nil
	}
	if before := o.Plan(); before != nil {
		replaced := *before
		next, err := relief.Next(Transitions, replaced.State, actReplaced)
		if err != nil {
			return err
		}
		replaced.State = next
		*o = o.With(&replaced)
	}
	return nil
}

// Plan is the deduction in force; nil for none.
func (o *Overpayment) Plan() *Measure {
	for i := range o.Measures {
		if m := &o.Measures[i]; m.Kind == Deduction && m.State == Confirmed {
			return m
		}
	}
	return nil
}

// Withdraw takes a proposal back, by the agency whose official made it.
func Withdraw(o Overpayment, number int, actor relief.Actor) (Overpayment, bool, error) {
	m, err := o.measure(number)
	if err != nil {
		return o, false, err
	}
	if m.State == Withdrawn && actor.Repeats(o.Acts, relief.ActOverpaymentWithdraw) {
		return o, false, nil
	}
	if by := o.Acts[m.Act].By; by.Agency != actor.By.Agency {
		return o, false, relief.Errorf(relief.CodeForbidden, "an official of %s proposed the measure: that agency withdraws it", by.Agency)
	}
	if m.State, err = o.step(m, relief.ActOverpaymentWithdraw, actor); err != nil {
		return o, false, err
	}
	o = o.With(m)
	o, err = o.record(relief.ActOverpaymentWithdraw, actor)
	return o, err == nil, err
}

// step is the state to which an act leads a measure.
func (o *Overpayment) step(m *Measure, act relief.Act, actor relief.Actor) (State, error) {
	if err := relief.RequireRegion(actor.By, o.Region); err != nil {
		return m.State, err
	}
	return relief.Next(Transitions, m.State, act)
}

// measure is a copy of the measure with a number.
func (o *Overpayment) measure(number int) (*Measure, error) {
	if number < 1 || number > len(o.Measures) {
		return nil, relief.FieldErrorf("measure", "the overpayment has no measure with this number")
	}
	m := o.Measures[number-1]
	return &m, nil
}

// With is the record with a measure in place of the one with its number.
func (o Overpayment) With(m *Measure) Overpayment {
	o.Measures = slices.Clone(o.Measures)
	o.Measures[m.Number-1] = *m
	return o
}
