package casework

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// NeedState is the state of a need.
type NeedState string

// The states.
const (
	NeedFound     NeedState = "found"
	NeedTakenUp   NeedState = "taken_up"
	NeedDismissed NeedState = "dismissed"
)

// Need is a person who may need relief and has not applied, found by matching (R13). The township follows it up.
type Need struct {
	ID        relief.NeedID         `json:"id"`
	Subject   relief.SubjectRef     `json:"subject"`
	Region    relief.Region         `json:"region"`
	Programme relief.ProgrammeID    `json:"programme"` // the programme that may help
	Source    relief.DepartmentID   `json:"source"`    // the department whose data show the need
	SHA256    string                `json:"sha256"`    // salted, of the data
	State     NeedState             `json:"state"`
	Case      relief.CaseID         `json:"case,omitempty"`
	Reason    string                `json:"reason,omitempty"` // why the need was dismissed
	Acts      []relief.HistoryEntry `json:"acts"`
}

// NeedTerms is the input for recording a need.
type NeedTerms struct {
	ID        relief.NeedID       `json:"id"`
	Subject   relief.SubjectRef   `json:"subject"`
	Region    relief.Region       `json:"region"`
	Programme relief.ProgrammeID  `json:"programme"`
	Source    relief.DepartmentID `json:"source"`
	SHA256    string              `json:"sha256"`
}

// FindNeed records a need. existing is the record that already has its id, nil for none.
func FindNeed(t NeedTerms, existing *Need, actor relief.Actor) (Need, bool, error) {
	switch {
	case t.ID == "":
		return Need{}, false, relief.FieldErrorf("id", "the need's id is missing")
	case t.Subject.IsZero():
		return Need{}, false, relief.FieldErrorf("subject", "the reference of the person in need is missing")
	case t.Region.County() == "":
		return Need{}, false, relief.FieldErrorf("region", "the need's region must be a county or lie inside one: six digits or more")
	case t.Source == "" || t.Programme == "":
		return Need{}, false, relief.FieldErrorf("source", "the department or the programme that may help is missing")
	case !form.IsSHA256(t.SHA256):
		return Need{}, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return Need{}, false, err
	}
	if existing != nil {
		e := existing
		if (NeedTerms{e.ID, e.Subject, e.Region, e.Programme, e.Source, e.SHA256}) == t && relief.SameOfficial(e.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Need{}, false, relief.Errorf(relief.CodeConflict, "need %s exists with other content", t.ID)
	}
	return Need{
		ID: t.ID, Subject: t.Subject, Region: t.Region, Programme: t.Programme, Source: t.Source, SHA256: t.SHA256,
		State: NeedFound, Acts: []relief.HistoryEntry{actor.Entry(relief.ActNeedFind)},
	}, true, nil
}

// TakeUp ends a need by an application of the person's household.
func (n Need) TakeUp(c *Case, actor relief.Actor) (Need, bool, error) {
	if n.State == NeedTakenUp && n.Case == c.ID {
		return n, false, nil
	}
	found := false
	for _, m := range c.Members {
		found = found || m == n.Subject
	}
	if !found {
		return n, false, relief.FieldErrorf("need", "the need is not of a member of this household")
	}
	return n.move(relief.ActCaseApply, actor, func(n *Need) { n.Case = c.ID })
}

// DismissNeed ends a need that turned out not to exist.
func DismissNeed(n Need, reason string, actor relief.Actor) (Need, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return n, false, err
	}
	if err := relief.RequireRegion(actor.By, n.Region); err != nil {
		return n, false, err
	}
	if actor.Repeats(n.Acts, relief.ActNeedDismiss) && n.Reason == reason {
		return n, false, nil
	}
	return n.move(relief.ActNeedDismiss, actor, func(n *Need) { n.Reason = reason })
}

func (n Need) move(act relief.Act, actor relief.Actor, change func(*Need)) (Need, bool, error) {
	next, err := relief.Next(NeedTransitions, n.State, act)
	if err != nil {
		return n, false, err
	}
	if err := actor.Follows(n.Acts); err != nil {
		return n, false, err
	}
	n.State = next
	change(&n)
	n.Acts = append(n.Acts[:len(n.Acts):len(n.Acts)], actor.Entry(act))
	return n, true, nil
}
