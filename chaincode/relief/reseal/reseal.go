package reseal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// MaxDocuments bounds the documents of a resealing; a detail page counts as one.
const MaxDocuments = 200

// maxReason bounds a refusal's reason, in characters.
const maxReason = 200

// Document is a sealed document, or a detail page of them, that is sealed again.
type Document struct {
	Name   string `json:"name"` // of its key, such as facts/c-1; see relief.ParseSealedKey
	Before string `json:"before_sha256"`
	After  string `json:"after_sha256"`
}

// Terms say which documents of a county are sealed again, with the key of which epoch.
type Terms struct {
	County    relief.Region `json:"county"`
	Epoch     uint8         `json:"epoch"`
	Documents []Document    `json:"documents"` // in the order of their names
}

// Reseal is a number of sealed documents that two officials have sealed again.
type Reseal struct {
	ID relief.ResealID `json:"id"`
	Terms
	SHA256   string                `json:"sha256"` // of the terms; a confirmation names it
	State    State                 `json:"state"`
	Outdated int                   `json:"outdated,omitempty"` // documents that were changed or erased meanwhile, and stay as they are
	Refusal  string                `json:"refusal,omitempty"`
	Acts     []relief.HistoryEntry `json:"acts"`
}

// Sealing says of a value of the collection how often it was sealed again, and what the one in force hashes to.
type Sealing struct {
	Times  uint32 `json:"times"`
	SHA256 string `json:"sha256"`
}

// Decision agrees with a resealing or refuses it. SHA256 is the digest that the official has seen.
type Decision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// Propose proposes a resealing. find gives the record that it has, nil for none. The same proposal by the same official changes
// nothing while it is open and after it was confirmed.
func Propose(t Terms, find func(relief.ResealID) (*Reseal, error), actor relief.Actor) (r Reseal, changed bool, err error) {
	if err := t.check(); err != nil {
		return r, false, err
	}
	if err := relief.RequireRegion(actor.By, t.County); err != nil {
		return r, false, err
	}
	digest, err := t.digest()
	if err != nil {
		return r, false, err
	}
	r = Reseal{ID: relief.NewResealID(digest), Terms: t, SHA256: digest, State: New}
	existing, err := find(r.ID)
	if err != nil {
		return r, false, err
	}
	if existing != nil {
		if existing.SHA256 != digest {
			return *existing, false, relief.Errorf(relief.CodeConflict, "resealing %s has other content", r.ID)
		}
		if by, _ := relief.LastBy(existing.Acts, relief.ActPersonProposeReseal); existing.State != Refused && relief.SameOfficial(by, actor.By) {
			return *existing, false, nil
		}
		r = *existing
	}
	if r.State, err = relief.Next(Transitions, r.State, relief.ActPersonProposeReseal); err != nil {
		return r, false, err
	}
	r.Refusal = ""
	r, err = r.act(relief.ActPersonProposeReseal, actor)
	return r, err == nil, err
}

// check refuses what is no list of documents: none or too many, out of order, or without their hashes.
func (t *Terms) check() error {
	switch n := len(t.Documents); {
	case t.County == "" || t.County.County() != t.County:
		return relief.FieldErrorf("county", "documents are sealed again county by county")
	case t.Epoch == 0:
		return relief.FieldErrorf("epoch", "the epoch of the key is 1 to 255")
	case n < 1 || n > MaxDocuments:
		return relief.FieldErrorf("documents", "1 to %d documents are sealed again at a time, not %d", MaxDocuments, n)
	}
	for i := range t.Documents {
		d := &t.Documents[i]
		if _, err := relief.ParseSealedKey(d.Name); err != nil {
			return err
		}
		switch {
		case i > 0 && t.Documents[i-1].Name >= d.Name:
			return relief.FieldErrorf("documents", "the documents are named once, in the order of their names")
		case !form.IsSHA256(d.Before) || !form.IsSHA256(d.After):
			return relief.FieldErrorf("documents", "a SHA-256 is 64 hexadecimal digits in small letters")
		case d.Before == d.After:
			return relief.FieldErrorf("documents", "a document that is sealed again is another one than before")
		}
	}
	return nil
}

// digest is the SHA-256 of the terms.
func (t *Terms) digest() (string, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the resealing cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/reseal/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// Decide confirms a resealing or refuses it, by another official than the one who proposed it. After an agreement the caller
// puts the documents in their places.
func Decide(r Reseal, d Decision, actor relief.Actor) (Reseal, bool, error) {
	if err := d.check(&r); err != nil {
		return r, false, err
	}
	if r.decidedAgain(&d, actor) {
		return r, false, nil
	}
	if err := relief.RequireRegion(actor.By, r.County); err != nil {
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
	if by, _ := relief.LastBy(r.Acts, relief.ActPersonProposeReseal); relief.SameOfficial(by, actor.By) {
		return r, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the resealing: another official confirms or refuses it", by.Name)
	}
	r.State, r.Refusal = next, d.Reason
	r, err = r.act(relief.ActPersonConfirmReseal, actor)
	return r, err == nil, err
}

func (d *Decision) check(r *Reseal) error {
	switch {
	case d.SHA256 != r.SHA256:
		return &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the resealing has the digest " + r.SHA256 + ": read it again"}
	case d.Agree && d.Reason != "":
		return relief.FieldErrorf("reason", "only a refusal has a reason")
	case d.Agree:
		return nil
	}
	return relief.CheckText("reason", d.Reason, 1, maxReason)
}

// decidedAgain reports whether the record's last act is the same decision by the same official.
func (r *Reseal) decidedAgain(d *Decision, actor relief.Actor) bool {
	return actor.Repeats(r.Acts, relief.ActPersonConfirmReseal) && r.Refusal == d.Reason &&
		(d.Agree && r.State == Resealed || !d.Agree && r.State == Refused)
}

func (r Reseal) act(act relief.Act, actor relief.Actor) (Reseal, error) {
	if err := actor.Follows(r.Acts); err != nil {
		return r, err
	}
	r.Acts = append(slices.Clip(r.Acts), actor.Entry(act))
	return r, nil
}
