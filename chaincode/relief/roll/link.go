package roll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// LinkReason says why a human being has two references.
type LinkReason string

// The reasons.
const (
	LinkNumber LinkReason = "number" // the identity number was corrected
	LinkEpoch  LinkReason = "epoch"  // references are made with another key
)

// LinkState is the state of a link.
type LinkState string

// The states of a link.
const (
	LinkProposed  LinkState = "proposed"
	LinkConfirmed LinkState = "linked"
	LinkRefused   LinkState = "refused"
	LinkWithdrawn LinkState = "withdrawn"
)

// LinkStates lists the states.
var LinkStates = []LinkState{LinkProposed, LinkConfirmed, LinkRefused, LinkWithdrawn}

// A confirmation has a row for each outcome.
const (
	actLinkAgree  relief.Act = "person.confirm_link (agreed)"
	actLinkRefuse relief.Act = "person.confirm_link (refused)"
)

// LinkTransitions is the life cycle of a link. A link that is confirmed stays: what was paid under the earlier reference was paid
// to the human being.
var LinkTransitions = []relief.Transition[LinkState]{
	{From: LinkProposed, Act: actLinkAgree, To: LinkConfirmed, Why: "another official agrees: both references are one person's from now on"},
	{From: LinkProposed, Act: actLinkRefuse, To: LinkRefused, Why: "another official does not agree, with a reason"},
	{From: LinkProposed, Act: relief.ActPersonWithdrawLink, To: LinkWithdrawn, Why: "the proposal was wrong, or the person's entries have changed"},
	{From: LinkRefused, Act: relief.ActPersonProposeLink, To: LinkProposed, Why: "proposed again"},
	{From: LinkWithdrawn, Act: relief.ActPersonProposeLink, To: LinkProposed, Why: "proposed again"},
}

// MaxLinked is the largest number of references of one human being.
const MaxLinked = 8

// LinkTerms say which reference is another one's human being, and why. From is the reference until now, To the one from now on.
type LinkTerms struct {
	From           relief.SubjectRef `json:"earlier"`
	To             relief.SubjectRef `json:"later"`
	Reason         LinkReason        `json:"reason"`
	EvidenceSHA256 string            `json:"evidence_sha256,omitempty"` // salted, of what shows the right identity number
}

// LinkedDetails is the hash of the sealed details that stand under the reference from now on, of a programme.
type LinkedDetails struct {
	Programme relief.ProgrammeID `json:"programme"`
	SHA256    string             `json:"sha256"`
}

// Link joins two references of one human being: one official proposes it, another confirms it. The person's numbers on rolls end
// with it, and others open under the later reference.
type Link struct {
	LinkTerms
	Region  relief.Region         `json:"region"`
	Details []LinkedDetails       `json:"details,omitempty"` // of the programmes on whose rolls the person is
	SHA256  string                `json:"sha256"`            // of what takes effect; the confirmation names it
	State   LinkState             `json:"state"`
	Refusal string                `json:"refusal,omitempty"` // why it was refused
	Opened  []Opened              `json:"opened,omitempty"`
	Acts    []relief.HistoryEntry `json:"acts"`
}

// Linked are all references of one human being, the one of now last.
type Linked struct {
	Subjects []relief.SubjectRef `json:"subjects"`
}

// Check refuses what is no link.
func (t *LinkTerms) Check() error {
	switch {
	case t.From.IsZero():
		return relief.FieldErrorf("earlier", "the reference until now is missing")
	case t.To.IsZero() || t.To == t.From:
		return relief.FieldErrorf("later", "the reference from now on must be another one")
	case t.Reason != LinkNumber && t.Reason != LinkEpoch:
		return relief.FieldErrorf("reason", "the reason is number or epoch")
	case t.EvidenceSHA256 == "" && t.Reason == LinkNumber:
		return relief.FieldErrorf("evidence_sha256", "a corrected identity number needs the salted SHA-256 of its evidence")
	case t.EvidenceSHA256 != "" && !form.IsSHA256(t.EvidenceSHA256):
		return relief.FieldErrorf("evidence_sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	return nil
}

// ProposedAgain reports whether the same official proposes the same once more, while it is open or after it was confirmed. The
// details may be sealed anew.
func (l *Link) ProposedAgain(t *LinkTerms, actor relief.Actor) bool {
	if l.LinkTerms != *t || l.State != LinkProposed && l.State != LinkConfirmed {
		return false
	}
	proposer, ok := relief.LastBy(l.Acts, relief.ActPersonProposeLink)
	return ok && relief.SameOfficial(proposer, actor.By)
}

// ProposeLink proposes to link two references. existing is the earlier reference's record, nil for none; region is where the
// person's entry or case is.
func ProposeLink(t LinkTerms, existing *Link, region relief.Region, details []LinkedDetails, actor relief.Actor) (Link, error) {
	if err := t.Check(); err != nil {
		return Link{}, err
	}
	l := Link{State: LinkProposed}
	if existing != nil {
		l = *existing
		switch l.State {
		case LinkProposed:
			return l, relief.Errorf(relief.CodePending, "a link of this reference is proposed already: confirm, refuse or withdraw it first")
		case LinkConfirmed:
			return l, relief.Errorf(relief.CodeConflict, "the reference is linked to another one already")
		}
		var err error
		if l.State, err = relief.Next(LinkTransitions, l.State, relief.ActPersonProposeLink); err != nil {
			return l, err
		}
		if err := actor.Follows(l.Acts); err != nil {
			return l, err
		}
	}
	l.LinkTerms, l.Region, l.Details, l.Refusal = t, region, details, ""
	var err error
	if l.SHA256, err = l.Digest(len(l.Acts)); err != nil {
		return l, err
	}
	l.Acts = append(slices.Clip(l.Acts), actor.Entry(relief.ActPersonProposeLink))
	return l, nil
}

// Digest is the SHA-256 of what takes effect. The number of acts before the proposal tells proposals of the same apart.
func (l *Link) Digest(after int) (string, error) {
	b, err := json.Marshal(struct {
		LinkTerms
		Details []LinkedDetails `json:"details"`
		After   int             `json:"after"`
	}{l.LinkTerms, l.Details, after})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the link cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/link/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// DecideLink confirms or refuses a link, by another official than the one who proposed it. The caller has a confirmed link take
// effect.
func DecideLink(l Link, d ChangeDecision, actor relief.Actor) (Link, bool, error) {
	if err := relief.RequireRegion(actor.By, l.Region); err != nil {
		return l, false, err
	}
	act := actLinkRefuse
	switch {
	case d.Agree && d.Reason != "":
		return l, false, relief.FieldErrorf("reason", "only a refusal has a reason")
	case d.Agree:
		act = actLinkAgree
	default:
		if err := relief.CheckText("reason", d.Reason, 1, maxChangeReason); err != nil {
			return l, false, err
		}
	}
	if d.SHA256 != l.SHA256 {
		return l, false, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "the link has the digest " + l.SHA256 + ": read it again"}
	}
	if actor.Repeats(l.Acts, relief.ActPersonConfirmLink) && (l.State == LinkConfirmed) == d.Agree && l.Refusal == d.Reason {
		return l, false, nil
	}
	next, err := relief.Next(LinkTransitions, l.State, act)
	if err != nil {
		return l, false, err
	}
	if proposer, _ := relief.LastBy(l.Acts, relief.ActPersonProposeLink); relief.SameOfficial(proposer, actor.By) {
		return l, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the link: another official confirms or refuses it", actor.By.Name)
	}
	l.Refusal = d.Reason
	return l.record(next, relief.ActPersonConfirmLink, actor)
}

// WithdrawLink takes a proposal back.
func WithdrawLink(l Link, actor relief.Actor) (Link, bool, error) {
	if err := relief.RequireRegion(actor.By, l.Region); err != nil {
		return l, false, err
	}
	if actor.Repeats(l.Acts, relief.ActPersonWithdrawLink) {
		return l, false, nil
	}
	next, err := relief.Next(LinkTransitions, l.State, relief.ActPersonWithdrawLink)
	if err != nil {
		return l, false, err
	}
	return l.record(next, relief.ActPersonWithdrawLink, actor)
}

func (l Link) record(next LinkState, act relief.Act, actor relief.Actor) (Link, bool, error) {
	if err := actor.Follows(l.Acts); err != nil {
		return l, false, err
	}
	l.State = next
	l.Acts = append(slices.Clip(l.Acts), actor.Entry(act))
	return l, true, nil
}

// Join gives the references of one human being after two of them were linked: those of the earlier reference, then those of the
// later one. Both references are the present ones of their human being.
func Join(from, to []relief.SubjectRef) (Linked, error) {
	if len(from)+len(to) > MaxLinked {
		return Linked{}, relief.Errorf(relief.CodeInvalid, "a person has at most %d references", MaxLinked)
	}
	return Linked{slices.Concat(from, to)}, nil
}

// Replaced reports whether a reference is not the present one of its human being, and gives that one.
func (l *Linked) Replaced(ref relief.SubjectRef) (relief.SubjectRef, bool) {
	if l == nil || len(l.Subjects) == 0 {
		return ref, false
	}
	last := l.Subjects[len(l.Subjects)-1]
	return last, last != ref
}
