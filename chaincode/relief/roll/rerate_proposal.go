package roll

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// RerateState is the state of a proposed re-rate.
type RerateState string

// The states of a proposed re-rate.
const (
	RerateProposed  RerateState = "proposed"
	RerateConfirmed RerateState = "confirmed"
	RerateRefused   RerateState = "refused"
	RerateWithdrawn RerateState = "withdrawn"
)

// RerateStates lists the states.
var RerateStates = []RerateState{RerateProposed, RerateConfirmed, RerateRefused, RerateWithdrawn}

// actRefuseRerate is the confirmer's refusal in the transition table.
const actRefuseRerate relief.Act = relief.ActRollConfirmRerate + " (refuse)"

// RerateTransitions is the life cycle of a proposed re-rate: two officials raise what a whole roll is granted, never one.
var RerateTransitions = []relief.Transition[RerateState]{
	{From: RerateProposed, Act: relief.ActRollConfirmRerate, To: RerateConfirmed, Why: "another official has seen who changes by how much and who stays behind"},
	{From: RerateProposed, Act: actRefuseRerate, To: RerateRefused, Why: "another official does not agree"},
	{From: RerateProposed, Act: relief.ActRollWithdrawRerate, To: RerateWithdrawn, Why: "it was wrong, or the roll has changed"},
	{From: RerateConfirmed, Act: relief.ActRollRerate, To: RerateConfirmed, Why: "segments of the roll are re-rated, each once"},
	{From: RerateConfirmed, Act: relief.ActRollWithdrawRerate, To: RerateWithdrawn, Why: "the segments that were not re-rated yet stay as they are"},
}

// maxRerateSegments bounds the segments of a roll that is re-rated.
const maxRerateSegments = 10000

// RerateCount is what a re-rate does to a segment, in numbers. More is what a month's amounts rise by in all.
type RerateCount struct {
	Segment uint32     `json:"segment"`
	SHA256  string     `json:"sha256"` // of RerateDigest
	Changed int        `json:"changed"`
	Behind  int        `json:"behind"`
	More    relief.Fen `json:"more"`
}

// CountRerated counts what a re-rate does to a segment.
func CountRerated(at SegmentAddr, s *Standards, changed, behind []Rerated) RerateCount {
	c := RerateCount{Segment: at.Segment, SHA256: RerateDigest(at, s, changed, behind), Changed: len(changed), Behind: len(behind)}
	for i := range changed {
		c.More += changed[i].Now - changed[i].Was
	}
	return c
}

// RerateTerms are what is proposed.
type RerateTerms struct {
	ID        relief.RerateID    `json:"id"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Version   int                `json:"version"`            // whose standards are given
	From      relief.Period      `json:"from"`               // their first month
	Document  string             `json:"document,omitempty"` // the number of the paper that raises them
	Segments  []RerateCount      `json:"segments"`           // those with people who change, or who stay behind
}

// RerateProposal is a proposed re-rate of a county's roll. Its segments have records of their own.
type RerateProposal struct {
	ID        relief.RerateID       `json:"id"`
	Programme relief.ProgrammeID    `json:"programme"`
	County    relief.Region         `json:"county"`
	Version   int                   `json:"version"`
	From      relief.Period         `json:"from"`
	Document  string                `json:"document,omitempty"`
	Segments  int                   `json:"segments"`
	Changed   int                   `json:"changed"`
	Behind    int                   `json:"behind"`
	More      relief.Fen            `json:"more"` // a month
	Digest    string                `json:"digest"`
	State     RerateState           `json:"state"`
	Reason    string                `json:"reason,omitempty"` // of a refusal
	Acts      []relief.HistoryEntry `json:"acts"`
}

// RerateSegmentRecord is a segment of a proposed re-rate on the ledger. Tx and People are there once it was re-rated: People says
// who changed by how much and who stayed behind, as AppendRerated packs it.
type RerateSegmentRecord struct {
	RerateCount
	Tx     string `json:"tx,omitempty"`
	People []byte `json:"people,omitempty"`
}

// RerateDecision is the word of the one who confirms: on which proposal, by its digest.
type RerateDecision struct {
	Digest string `json:"digest"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// Digest is what the one who confirms names: SHA-256 over the terms and all segments.
func (t *RerateTerms) Digest() string {
	b := []byte("relieftrail/rerate/v1\x00")
	for _, text := range []string{string(t.ID), string(t.Programme), string(t.County), t.From.String(), t.Document} {
		b = append(append(b, text...), 0)
	}
	number := func(n int) { b = binary.BigEndian.AppendUint64(b, uint64(n)) } //nolint:gosec // never negative: check
	number(t.Version)
	for i := range t.Segments {
		c := &t.Segments[i]
		b = append(b, c.SHA256...)
		for _, n := range []int{int(c.Segment), c.Changed, c.Behind, int(c.More)} {
			number(n)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// StandardsOf are the standards that a re-rate gives, from the programme. INVALID for a version that is not in force, that has no
// standards, or that starts later.
func StandardsOf(p *programme.Programme, version int, from relief.Period) (*Standards, error) {
	if err := checkMonth("from", from); err != nil {
		return nil, err
	}
	current, err := p.Current()
	if err != nil {
		return nil, err
	}
	v := &current.Version
	switch {
	case v.Version != version:
		return nil, relief.FieldErrorf("version", "version %d of programme %s is in force: its standards are given", v.Version, p.ID)
	case len(v.ClassAmounts) == 0:
		return nil, relief.FieldErrorf("version", "version %d of programme %s has no class_amounts", version, p.ID)
	case from.FirstMonth() < v.Starts.FirstMonth():
		return nil, relief.FieldErrorf("from", "version %d starts with %s: its standards hold from then on", version, v.Starts.Start())
	}
	s := &Standards{Version: v, From: from}
	for i := range p.Versions[:version-1] { // the last one before it that was in force
		if before := &p.Versions[i]; before.State != programme.VersionDrafted {
			s.Before = &before.Version
		}
	}
	return s, nil
}

// ProposeRerate states a re-rate. existing is the record with the id, nil for none. changed is false when the same official has
// proposed the same already.
func ProposeRerate(t *RerateTerms, p *programme.Programme, existing *RerateProposal, cal *relief.Calendar, actor relief.Actor) (out RerateProposal, changed bool, err error) {
	out = RerateProposal{
		ID: t.ID, Programme: t.Programme, County: t.County, Version: t.Version, From: t.From, Document: t.Document, Segments: len(t.Segments),
		State: RerateProposed, Acts: []relief.HistoryEntry{actor.Entry(relief.ActRollProposeRerate)},
	}
	if err := t.check(&out); err != nil {
		return out, false, err
	}
	out.Digest = t.Digest()
	if existing != nil {
		if relief.SameOfficial(existing.Acts[0].By, actor.By) && existing.Digest == out.Digest {
			return *existing, false, nil
		}
		return out, false, relief.Errorf(relief.CodeConflict, "re-rate %s exists with other content", t.ID)
	}
	if err := relief.RequireRegion(actor.By, t.County); err != nil {
		return out, false, err
	}
	if _, err := StandardsOf(p, t.Version, t.From); err != nil {
		return out, false, err
	}
	return out, true, CheckFirstMonth(t.From, ReasonStandard, t.Document, cal.Day(actor.At))
}

// check refuses terms that no roll can have, and fills in the sums of the proposal.
func (t *RerateTerms) check(p *RerateProposal) error {
	if _, err := relief.ParseRerateID(string(t.ID)); err != nil {
		return err
	}
	switch {
	case t.County.County() != t.County || t.County == "":
		return relief.FieldErrorf("county", "a county has six digits")
	case len(t.Segments) < 1 || len(t.Segments) > maxRerateSegments:
		return relief.FieldErrorf("segments", "a re-rate names 1 to %d segments: those with people who change or stay behind", maxRerateSegments)
	}
	for i := range t.Segments {
		c := &t.Segments[i]
		if i > 0 && c.Segment <= t.Segments[i-1].Segment {
			return relief.FieldErrorf("segments", "the segments are named once, in the order of their numbers")
		}
		if err := c.check(); err != nil {
			return err
		}
		p.Changed, p.Behind = p.Changed+c.Changed, p.Behind+c.Behind
		if p.More += c.More; p.More > relief.MaxFen {
			return relief.FieldErrorf("more", "a sum is 0.00 to %s", relief.MaxFen)
		}
	}
	if p.Changed == 0 {
		return relief.FieldErrorf("segments", "nobody's terms change")
	}
	return nil
}

// check refuses counts that no segment can have.
func (c *RerateCount) check() error {
	switch {
	case !form.IsSHA256(c.SHA256):
		return relief.FieldErrorf("sha256", "a SHA-256 has 64 hexadecimal digits in small letters")
	case c.Changed < 0 || c.Behind < 0 || c.Changed+c.Behind < 1 || c.Changed+c.Behind > programme.DefaultSegmentSize:
		return relief.FieldErrorf("changed", "1 to %d people of a segment change or stay behind", programme.DefaultSegmentSize)
	case c.More < 0 || c.More > relief.MaxFen:
		return relief.FieldErrorf("more", "a sum is 0.00 to %s", relief.MaxFen)
	}
	return nil
}

// ConfirmRerate agrees to a re-rate or refuses it, by another official than the one who proposed it.
func ConfirmRerate(p RerateProposal, d RerateDecision, actor relief.Actor) (RerateProposal, bool, error) {
	act, done := relief.ActRollConfirmRerate, RerateConfirmed
	if !d.Agree {
		act, done = actRefuseRerate, RerateRefused
		if err := relief.CheckText("reason", d.Reason, 1, maxChangeReason); err != nil {
			return p, false, err
		}
	} else if d.Reason != "" {
		return p, false, relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, false, err
	}
	if d.Digest != p.Digest {
		return p, false, &relief.Error{Code: relief.CodeConflict, Field: "digest",
			Detail: "the re-rate has another digest than the one that is confirmed: read it again"}
	}
	if p.State == done && p.Reason == d.Reason && actor.Repeats(p.Acts, relief.ActRollConfirmRerate) {
		return p, false, nil
	}
	next, err := relief.Next(RerateTransitions, p.State, act)
	if err != nil {
		return p, false, err
	}
	if relief.SameOfficial(p.Acts[0].By, actor.By) {
		return p, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the re-rate: another official confirms it", p.Acts[0].By.Name)
	}
	p.Reason = d.Reason
	return p.record(next, relief.ActRollConfirmRerate, actor)
}

// WithdrawRerate ends a re-rate. Segments that were re-rated stay so.
func WithdrawRerate(p RerateProposal, actor relief.Actor) (RerateProposal, bool, error) {
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, false, err
	}
	if p.State == RerateWithdrawn && actor.Repeats(p.Acts, relief.ActRollWithdrawRerate) {
		return p, false, nil
	}
	next, err := relief.Next(RerateTransitions, p.State, relief.ActRollWithdrawRerate)
	if err != nil {
		return p, false, err
	}
	return p.record(next, relief.ActRollWithdrawRerate, actor)
}

func (p RerateProposal) record(next RerateState, act relief.Act, actor relief.Actor) (RerateProposal, bool, error) {
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	p.State = next
	p.Acts = append(p.Acts[:len(p.Acts):len(p.Acts)], actor.Entry(act))
	return p, true, nil
}

// CarryRerate re-rates a segment of a confirmed re-rate, once. CONFLICT when the segment has changed since the proposal so that
// others change, or by other sums. changed is false when it was re-rated before.
func CarryRerate(p *RerateProposal, r RerateSegmentRecord, seg Segment, at SegmentAddr, s *Standards, actor relief.Actor) (after Segment, out RerateSegmentRecord, changed bool, err error) {
	if _, err := relief.Next(RerateTransitions, p.State, relief.ActRollRerate); err != nil {
		return seg, r, false, err
	}
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return seg, r, false, err
	}
	if r.Tx != "" {
		return seg, r, false, nil
	}
	after, given, behind := Rerate(seg, s)
	if CountRerated(at, s, given, behind) != r.RerateCount {
		return seg, r, false, relief.Errorf(relief.CodeConflict,
			"segment %d of the roll has changed since re-rate %s was proposed: propose another one for it", at.Segment, p.ID)
	}
	r.Tx, r.People = actor.Tx, AppendRerated(AppendRerated(nil, given), behind)
	return after, r, true, nil
}
