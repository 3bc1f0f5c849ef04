package oversight

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Publication is the published list (公开名单) of an accounting period: whether and since when the rows of a closed month are shown to
// anybody. Two officials publish it and two take it down before its time. What it adds up to is in the month's statement and stays.
type Publication struct {
	Programme relief.ProgrammeID    `json:"programme"`
	County    relief.Region         `json:"county"`
	Period    relief.Period         `json:"period"`
	State     PublicationState      `json:"state"`
	Due       relief.Day            `json:"due"`                   // the last day on which the list is in time
	First     relief.Day            `json:"first_shown,omitempty"` // the day on which it was published for the first time
	Shown     *ShownList            `json:"shown,omitempty"`       // what is shown until its day
	Proposed  *ListChange           `json:"proposed,omitempty"`    // what waits for another official
	Acts      []relief.HistoryEntry `json:"acts"`
}

// ShownList is a list that is shown.
type ShownList struct {
	Month       int        `json:"month"`        // the version of the month
	Version     int        `json:"version"`      // of the list: 1, and one more with each correction
	PublishedOn relief.Day `json:"published_on"` // the first version's day
	OnlineUntil relief.Day `json:"online_until"` // the last day
}

// ListChange is a list to be shown, or the end of one.
type ListChange struct {
	Month  int            `json:"month,omitempty"`  // the version of the month to be shown; 0 to take the list down
	Reason TakeDownReason `json:"reason,omitempty"` // of taking it down
	SHA256 string         `json:"sha256"`           // of what is proposed; whoever decides names it
}

// TakeDownReason is why a list is taken down before its time.
type TakeDownReason string

// The reasons.
const (
	DownPrivacy TakeDownReason = "privacy" // somebody can be recognized, or is in danger
	DownWrong   TakeDownReason = "wrong"   // what is shown is wrong, and no corrected list is there yet
	DownOrdered TakeDownReason = "ordered" // a court or a superior has ordered it
)

// ListDecision agrees with a proposed change or refuses it.
type ListDecision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
}

// ListDue is the last day on which the list of a period is in time: working days after its pay-by day, by the programme within what the
// founding fixed.
func ListDue(p *programme.Programme, fixed programme.Parameters, period relief.Period, days *relief.Calendar) (relief.Day, error) {
	payBy, v, err := PayBy(p, period)
	if err != nil {
		return "", err
	}
	return days.AddWorkdays(payBy, fixed.PublishWorkdays(v)), nil
}

// NewPublication is the record of a list of which nothing was proposed yet.
func NewPublication(m *Month, due relief.Day) Publication {
	return Publication{Programme: m.Programme, County: m.County, Period: m.Period, State: PublicationNone, Due: due}
}

// ProposeList proposes to show the rows of a month's last version. The same proposal by the same official changes nothing.
func ProposeList(p Publication, m *Month, actor relief.Actor) (Publication, bool, error) {
	if p.Shown != nil && p.Shown.Month == m.Version {
		return p, false, relief.Errorf(relief.CodeConflict, "第 %d 版已公开 · version %d of the month is shown already", m.Version, m.Version)
	}
	return p.propose(ListChange{Month: m.Version}, relief.ActOversightProposeList, actor)
}

// ProposeTakeDown proposes to take a list down before its time.
func ProposeTakeDown(p Publication, reason TakeDownReason, actor relief.Actor) (Publication, bool, error) {
	if reason != DownPrivacy && reason != DownWrong && reason != DownOrdered {
		return p, false, relief.FieldErrorf("reason", "撤下原因须为 privacy、wrong 或 ordered · the reason must be privacy, wrong or ordered")
	}
	return p.propose(ListChange{Reason: reason}, relief.ActOversightTakeDownList, actor)
}

func (p Publication) propose(change ListChange, act relief.Act, actor relief.Actor) (Publication, bool, error) {
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, false, err
	}
	change.SHA256 = p.digest(&change)
	if p.Proposed != nil && *p.Proposed == change && actor.Repeats(p.Acts, act) {
		return p, false, nil
	}
	next, err := relief.Next(PublicationTransitions, p.State, act)
	if err != nil {
		return p, false, err
	}
	p.State, p.Proposed = next, &change
	p, err = p.act(act, actor)
	return p, err == nil, err
}

// digest is the SHA-256 of a change of this list, after so many acts: a decision is of one proposal.
func (p *Publication) digest(change *ListChange) string {
	b, _ := json.Marshal(struct { //nolint:errchkjson // texts and numbers
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
		Period    relief.Period      `json:"period"`
		Shown     *ShownList         `json:"shown"`
		Month     int                `json:"month"`
		Reason    TakeDownReason     `json:"reason"`
	}{p.Programme, p.County, p.Period, p.Shown, change.Month, change.Reason})
	sum := sha256.Sum256(append([]byte("relieftrail/list-change/v1\n"), b...))
	return hex.EncodeToString(sum[:])
}

// Digests reports whether what is proposed has the digest of what it says.
func (p *Publication) Digests() bool {
	return p.Proposed == nil || p.digest(p.Proposed) == p.Proposed.SHA256
}

// DecideList carries out what is proposed, or refuses it, by another official than the proposer. A list is shown from today on for the
// programme's days, and for no longer when it is corrected.
func DecideList(p Publication, d ListDecision, days int, today relief.Day, actor relief.Actor) (Publication, error) {
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, err
	}
	act := actAgreed
	switch {
	case p.Proposed == nil:
		return p, relief.Errorf(relief.CodeWrongState, "名单没有待办的提议 · nothing is proposed about the list")
	case d.SHA256 != p.Proposed.SHA256:
		return p, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "提议已变化，请重新查看 · the proposal has the digest " + p.Proposed.SHA256 + ": read it again"}
	case !d.Agree && p.Shown != nil:
		act = actRefusedShown
	case !d.Agree:
		act = actRefused
	case p.Proposed.Month == 0:
		act = actTakenDown
	}
	by := p.Acts[len(p.Acts)-1].By
	if relief.SameOfficial(by, actor.By) {
		return p, relief.Errorf(relief.CodeSamePerson, "%s proposed it: another official decides", by.Name)
	}
	next, err := relief.Next(PublicationTransitions, p.State, act)
	if err != nil {
		return p, err
	}
	if d.Agree {
		p.Shown = p.Proposed.shown(p.Shown, days, today)
		if p.First == "" {
			p.First = today
		}
	}
	p.State, p.Proposed = next, nil
	return p.act(relief.ActOversightDecideList, actor)
}

// shown is what the change makes of a list; nil takes it down.
func (c *ListChange) shown(before *ShownList, days int, today relief.Day) *ShownList {
	if c.Month == 0 {
		return nil
	}
	now := ShownList{Month: c.Month, Version: 1, PublishedOn: today, OnlineUntil: today.Add(days - 1)}
	if before != nil {
		now = *before
		now.Month, now.Version = c.Month, before.Version+1
	}
	return &now
}

// OnLine reports whether the list is shown on a day.
func (p *Publication) OnLine(today relief.Day) bool {
	return p.Shown != nil && today <= p.Shown.OnlineUntil
}

func (p Publication) act(act relief.Act, actor relief.Actor) (Publication, error) {
	if err := actor.Follows(p.Acts); err != nil {
		return p, err
	}
	p.Acts = append(slices.Clip(p.Acts), actor.Entry(act))
	return p, nil
}

// PublicationStatement is what the public log says of a list.
type PublicationStatement struct {
	At        string             `json:"at"`
	Kind      string             `json:"kind"`
	Schema    string             `json:"schema"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	State     PublicationState   `json:"state"`
	Due       relief.Day         `json:"due"`
	First     relief.Day         `json:"first_shown,omitempty"`
	Shown     *ShownList         `json:"shown,omitempty"`
	Proposed  *ListChange        `json:"proposed,omitempty"`
}

// Statement is the list's state as the public log has it, proposals and why a list is taken down among it.
func (p *Publication) Statement() ([]byte, error) {
	at, err := p.Acts[len(p.Acts)-1].At.MarshalText()
	if err != nil {
		return nil, err
	}
	return Canonical(PublicationStatement{
		string(at), relief.KindPublication, StatementSchema, p.Programme, p.County, p.Period, p.State, p.Due, p.First, p.Shown, p.Proposed,
	})
}
