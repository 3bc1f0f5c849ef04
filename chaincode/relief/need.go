package relief

// NeedState is where a newly found need stands.
type NeedState string

// The states.
const (
	NeedFound     NeedState = "found"
	NeedTakenUp   NeedState = "taken_up"
	NeedDismissed NeedState = "dismissed"
)

// Need is somebody newly in need, found by matching before they apply (R13): a work item for the township.
type Need struct {
	ID        NeedID      `json:"id"`
	Subject   SubjectRef  `json:"subject"`
	Region    Region      `json:"region"`
	Programme ProgrammeID `json:"programme"` // that may help
	Source    SourceID    `json:"source"`    // whose data told it
	SHA256    string      `json:"sha256"`    // of what was found, salted
	State     NeedState   `json:"state"`
	Case      CaseID      `json:"case,omitempty"`
	Reason    string      `json:"reason,omitempty"` // of a dismissal
	Acts      []Acted     `json:"acts"`
}

// NeedTerms is what recording a need says.
type NeedTerms struct {
	ID        NeedID      `json:"id"`
	Subject   SubjectRef  `json:"subject"`
	Region    Region      `json:"region"`
	Programme ProgrammeID `json:"programme"`
	Source    SourceID    `json:"source"`
	SHA256    string      `json:"sha256"`
}

// FindNeed records a newly found need.
func FindNeed(t NeedTerms, existing *Need, s Stamp) (Need, bool, error) {
	switch {
	case t.ID == "":
		return Need{}, false, FieldErrorf("id", "the need's id is missing")
	case t.Subject.IsZero():
		return Need{}, false, FieldErrorf("subject", "who is in need is missing")
	case t.Region.County() == "":
		return Need{}, false, FieldErrorf("region", "a need is in a county or below: six digits or more")
	case t.Source == "" || t.Programme == "":
		return Need{}, false, FieldErrorf("source", "the source and the programme that may help are missing")
	case !isSHA256(t.SHA256):
		return Need{}, false, FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	if err := RequireRegion(s.By, t.Region); err != nil {
		return Need{}, false, err
	}
	if existing != nil {
		e := existing
		if (NeedTerms{e.ID, e.Subject, e.Region, e.Programme, e.Source, e.SHA256}) == t && SamePerson(e.Acts[0].By, s.By) {
			return *existing, false, nil
		}
		return Need{}, false, Errorf(CodeConflict, "need %s exists with other content", t.ID)
	}
	return Need{
		ID: t.ID, Subject: t.Subject, Region: t.Region, Programme: t.Programme, Source: t.Source, SHA256: t.SHA256,
		State: NeedFound, Acts: []Acted{s.acted(ActCaseNeed)},
	}, true, nil
}

// TakeUp ends a need by an application of the person, or of somebody whose household they are of.
func (n Need) TakeUp(c *Case, s Stamp) (Need, bool, error) {
	if n.State == NeedTakenUp && n.Case == c.ID {
		return n, false, nil
	}
	found := false
	for _, m := range c.Members {
		found = found || m == n.Subject
	}
	if !found {
		return n, false, FieldErrorf("need", "the need is of nobody in this household")
	}
	return n.move(ActCaseApply, s, func(n *Need) { n.Case = c.ID })
}

// DismissNeed ends a need that turned out to be none.
func DismissNeed(n Need, reason string, s Stamp) (Need, bool, error) {
	if err := cleanText("reason", reason, 1, 200); err != nil {
		return n, false, err
	}
	if err := RequireRegion(s.By, n.Region); err != nil {
		return n, false, err
	}
	if s.repeats(n.Acts, ActCaseDismissNeed) && n.Reason == reason {
		return n, false, nil
	}
	return n.move(ActCaseDismissNeed, s, func(n *Need) { n.Reason = reason })
}

func (n Need) move(act Act, s Stamp, change func(*Need)) (Need, bool, error) {
	next, err := Next(NeedTransitions, n.State, act)
	if err != nil {
		return n, false, err
	}
	if err := s.follows(n.Acts); err != nil {
		return n, false, err
	}
	n.State = next
	change(&n)
	n.Acts = append(n.Acts[:len(n.Acts):len(n.Acts)], s.acted(act))
	return n, true, nil
}
