package reversal

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// The bounds of a reversal. A confirmation writes every segment that it names payments of.
const (
	MaxItems    = 500
	MaxSegments = 40
)

const (
	maxEntry  = 60  // characters of an entry's name
	maxReason = 200 // characters of a refusal's reason
)

// Answer is what a payment becomes.
type Answer string

// The answers.
const (
	Credited Answer = "credited" // the return mark was wrong: the bank did pay
	Returned Answer = "returned" // the bank took the credit back
)

// Named is one payment whose answer changes, and the entry of a bank's statement that says so. All payments of its transfer change.
type Named struct {
	Payment      relief.PaymentID   `json:"payment"`
	As           Answer             `json:"as"`
	ReturnReason string             `json:"return_reason,omitempty"` // ISO 20022, of what is returned
	Statement    relief.StatementID `json:"statement"`
	Entry        string             `json:"entry"` // the entry's name in the statement
}

// Booking is what the entry of a statement says.
type Booking struct {
	Amount   relief.Fen `json:"amount"` // what was transferred; above zero whichever way it went
	BookedOn relief.Day `json:"booked_on"`
	Ref      string     `json:"ref_sha256_128,omitempty"` // hash of the bank's reference
}

// Item is a named payment with what its entry says.
type Item struct {
	Named
	Booking
}

// Reversal changes answers of the bank for payments of one batch.
type Reversal struct {
	ID      relief.ReversalID     `json:"id"`
	Batch   relief.BatchID        `json:"batch"`
	Region  relief.Region         `json:"region"` // the batch's
	State   State                 `json:"state"`
	SHA256  string                `json:"sha256"` // of the batch and the items; a confirmation names it
	Items   []Item                `json:"items"`  // in the order of their roll numbers
	Refusal string                `json:"refusal,omitempty"`
	Acts    []relief.HistoryEntry `json:"acts"`
}

// Use says which reversal a statement's entry was named by. It is kept once the reversal is confirmed, so that an entry counts
// once.
type Use struct {
	Reversal relief.ReversalID `json:"reversal"`
}

// Decision agrees with a reversal or refuses it. SHA256 is the digest that the official has seen.
type Decision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// Sort puts what is named into the order of roll numbers, and refuses, with INVALID, too much of it, what is named twice, and
// what cannot be named together.
func Sort(named []Named) error {
	if n := len(named); n < 1 || n > MaxItems {
		return relief.FieldErrorf("items", "a reversal names 1 to %d payments, not %d", MaxItems, n)
	}
	slices.SortStableFunc(named, func(a, b Named) int { return cmp.Compare(a.Payment.Number, b.Payment.Number) })
	entries := map[[2]string]bool{} // only looked up, never ranged over
	for i := range named {
		n := &named[i]
		if err := n.check(); err != nil {
			return err
		}
		if i > 0 && named[i-1].Payment.Number == n.Payment.Number {
			return relief.FieldErrorf("items", "roll number %07d is named twice: a transfer is reversed whole", n.Payment.Number)
		}
		entry := [2]string{string(n.Statement), n.Entry}
		if entries[entry] {
			return relief.FieldErrorf("items", "entry %s is named twice: an entry is of one transfer", n.Entry)
		}
		entries[entry] = true
	}
	return nil
}

func (n *Named) check() error {
	switch {
	case n.Payment.Attempt == 0:
		return relief.FieldErrorf("payment", "the payment's id is missing")
	case n.As != Credited && n.As != Returned:
		return relief.FieldErrorf("as", "a payment becomes credited or returned")
	case n.As == Credited && n.ReturnReason != "":
		return relief.FieldErrorf("return_reason", "only what is returned has a reason")
	case n.As == Returned && len(n.ReturnReason) != 4:
		return relief.FieldErrorf("return_reason", "退票须有四位原因代码，例如 AC04 · a return has a reason of four characters such as AC04")
	case n.Statement == "":
		return relief.FieldErrorf("statement", "须指明对账单 · the statement is missing")
	}
	return relief.CheckText("entry", n.Entry, 1, maxEntry)
}

// Propose proposes a reversal. items are in the order of Sort; existing is the record that the reversal has, nil for none. The
// same proposal by the same official changes nothing while it is open and after it was confirmed.
func Propose(batch relief.BatchID, region relief.Region, items []Item, existing *Reversal, actor relief.Actor) (Reversal, bool, error) {
	r := Reversal{Batch: batch, Region: region, State: New, Items: items}
	if err := relief.RequireRegion(actor.By, region); err != nil {
		return r, false, err
	}
	var err error
	if r.SHA256, err = r.digest(); err != nil {
		return r, false, err
	}
	r.ID = relief.NewReversalID(r.SHA256)
	if existing != nil {
		if existing.SHA256 != r.SHA256 {
			return *existing, false, relief.Errorf(relief.CodeConflict, "reversal %s has other content", r.ID)
		}
		live := existing.State == Proposed || existing.State == Confirmed
		if by, _ := relief.LastBy(existing.Acts, relief.ActReversalPropose); live && relief.SameOfficial(by, actor.By) {
			return *existing, false, nil
		}
		r = *existing
	}
	if r.State, err = relief.Next(Transitions, r.State, relief.ActReversalPropose); err != nil {
		return r, false, err
	}
	r.Refusal = ""
	r, err = r.act(relief.ActReversalPropose, actor)
	return r, err == nil, err
}

// Decide confirms a reversal or refuses it, by another official than the one who proposed it.
func Decide(r Reversal, d Decision, actor relief.Actor) (Reversal, bool, error) {
	if err := d.check(&r); err != nil {
		return r, false, err
	}
	if r.decidedAgain(&d, actor) {
		return r, false, nil
	}
	if err := relief.RequireRegion(actor.By, r.Region); err != nil {
		return r, false, err
	}
	act := actAgreed
	if !d.Agree {
		act = actRefused
	}
	next, err := relief.Next(Transitions, r.State, act)
	if err != nil {
		return r, false, err
	}
	if by, _ := relief.LastBy(r.Acts, relief.ActReversalPropose); relief.SameOfficial(by, actor.By) {
		return r, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the reversal: another official confirms or refuses it", by.Name)
	}
	r.State, r.Refusal = next, d.Reason
	r, err = r.act(relief.ActReversalConfirm, actor)
	return r, err == nil, err
}

func (d *Decision) check(r *Reversal) error {
	switch {
	case d.SHA256 != r.SHA256:
		return &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the reversal has the digest " + r.SHA256 + ": read it again"}
	case d.Agree && d.Reason != "":
		return relief.FieldErrorf("reason", "only a refusal has a reason")
	case d.Agree:
		return nil
	}
	return relief.CheckText("reason", d.Reason, 1, maxReason)
}

// decidedAgain reports whether the record's last act is the same decision by the same official.
func (r *Reversal) decidedAgain(d *Decision, actor relief.Actor) bool {
	return actor.Repeats(r.Acts, relief.ActReversalConfirm) && r.Refusal == d.Reason &&
		(d.Agree && r.State == Confirmed || !d.Agree && r.State == Refused)
}

// Withdraw takes a proposal back, by the agency whose official made it.
func Withdraw(r Reversal, actor relief.Actor) (Reversal, bool, error) {
	if r.State == Withdrawn && actor.Repeats(r.Acts, relief.ActReversalWithdraw) {
		return r, false, nil
	}
	if err := relief.RequireRegion(actor.By, r.Region); err != nil {
		return r, false, err
	}
	next, err := relief.Next(Transitions, r.State, relief.ActReversalWithdraw)
	if err != nil {
		return r, false, err
	}
	if by, _ := relief.LastBy(r.Acts, relief.ActReversalPropose); by.Agency != actor.By.Agency {
		return r, false, relief.Errorf(relief.CodeForbidden, "an official of %s proposed the reversal: that agency withdraws it", by.Agency)
	}
	r.State = next
	r, err = r.act(relief.ActReversalWithdraw, actor)
	return r, err == nil, err
}

// digest is the SHA-256 of what is proposed.
func (r *Reversal) digest() (string, error) {
	b, err := json.Marshal(struct {
		Batch relief.BatchID `json:"batch"`
		Items []Item         `json:"items"`
	}{r.Batch, r.Items})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the reversal cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/reversal/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// Digests reports whether the record has the digest of what it says, and the id that follows from it.
func (r *Reversal) Digests() bool {
	digest, err := r.digest()
	return err == nil && digest == r.SHA256 && relief.NewReversalID(digest) == r.ID
}

func (r Reversal) act(act relief.Act, actor relief.Actor) (Reversal, error) {
	if err := actor.Follows(r.Acts); err != nil {
		return r, err
	}
	r.Acts = append(slices.Clip(r.Acts), actor.Entry(act))
	return r, nil
}
