package draw

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// MaxPictures bounds the pictures of a visit.
const MaxPictures = 10

// Visit is what two officials found at a unit that was drawn, or at a reserve whose turn it was (R29, R30). One of them records it, the other
// confirms it.
type Visit struct {
	Plan   relief.PlanID `json:"plan"`
	County relief.Region `json:"county"`
	Unit   int           `json:"place"` // its place among the units that were drawn, from 0
	Leaf   Hash          `json:"leaf"`
	State  VisitState    `json:"state"`
	VisitTerms
	SHA256 string                `json:"sha256"` // of what was recorded; whoever confirms names it
	Acts   []relief.HistoryEntry `json:"acts"`
}

// VisitTerms are what was found, and who was there beside the official who records it.
type VisitTerms struct {
	MadeOn   relief.Day  `json:"made_on"`
	With     Visitor     `json:"with"`
	Replaced []Replaced  `json:"replaced"` // of the inspectors who were drawn, those who were not there
	Result   VisitResult `json:"result"`
	Received Received    `json:"received,omitempty"`  // of a household that was met: whether the money came
	Standing Standing    `json:"situation,omitempty"` // and whether it lives as the case has it
	Pictures []Picture   `json:"pictures"`
}

// Visitor is an official who visits.
type Visitor struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	ID     string `json:"id,omitempty"` // staff number, as their entry has it
}

func (v *Visitor) official() relief.Official {
	return relief.Official{Agency: v.Agency, ID: v.ID, Name: v.Name}
}

// Replaced is an inspector who was drawn and does not visit.
type Replaced struct {
	Agency string         `json:"agency"`
	ID     string         `json:"id"` // staff number
	Reason ReplacedReason `json:"reason"`
}

// ReplacedReason is why an inspector does not visit.
type ReplacedReason string

// The reasons.
const (
	Recused    ReplacedReason = "recused" // they know the household, or acted in its case since
	Away       ReplacedReason = "away"    // ill, or on leave
	LeftOffice ReplacedReason = "left_office"
)

// VisitResult is how a visit ended.
type VisitResult string

// The results. After any other than Met a reserve of the stratum has its turn.
const (
	Met      VisitResult = "met"
	Absent   VisitResult = "absent"
	Moved    VisitResult = "moved"
	Deceased VisitResult = "deceased"
	Refused  VisitResult = "refused"
)

// VisitResults are all of them.
var VisitResults = []VisitResult{Met, Absent, Moved, Deceased, Refused}

// Received is whether the money of the unit's payment came.
type Received string

// The answers.
const (
	ReceivedAll  Received = "all"
	ReceivedPart Received = "part"
	ReceivedNone Received = "none"
)

// Standing is whether a household lives as its case has it.
type Standing string

// The answers. A change is a question to the case's review and decides nothing.
const (
	AsRecorded Standing = "as_recorded"
	Changed    Standing = "changed"
)

// Picture is the hash of a picture that was taken.
type Picture struct {
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type"`
}

// At is all that a visit is held against.
type At struct {
	Plan    *Plan
	Drawn   *DrawnUnits
	Unit    int        // the unit's place
	Earlier []*Visit   // of a reserve: the visits of its stratum's units before it, nil for one without
	Home    *Household // what keeps officials from visiting it
	Before  *Visit     // what is recorded of the unit; nil for nothing
}

// Earlier are the places of the units of a reserve's stratum before it: none of a unit that was drawn.
func (d *DrawnUnits) Earlier(unit int) (places []int) {
	if !d.Units[unit].Reserve {
		return nil
	}
	for i := unit - 1; i >= 0 && d.Units[i].Stratum == d.Units[unit].Stratum; i-- {
		places = append(places, i)
	}
	return places
}

// FindUnit refuses a unit that was not drawn.
func (d *DrawnUnits) FindUnit(unit int) error {
	if unit < 0 || unit >= len(d.Units) {
		return relief.FieldErrorf("place", "没有抽中此单元 · no such unit was drawn")
	}
	return nil
}

// MayVisit refuses visits before the units are known, and after the draw is finished.
func (p *Plan) MayVisit() error {
	if p.State != Drawn {
		return relief.Errorf(relief.CodeWrongState, "抽取后、结束前方可登记核查 · visits are recorded from the draw until it is finished")
	}
	return nil
}

// RecordVisit records a visit by one of the two who made it: again after the other has returned it, or to correct it before the other confirms it. The
// same again changes nothing.
func RecordVisit(at *At, t VisitTerms, actor relief.Actor) (Visit, bool, error) {
	t.Replaced, t.Pictures = append([]Replaced{}, t.Replaced...), append([]Picture{}, t.Pictures...)
	v := Visit{Plan: at.Plan.ID, County: at.Plan.County, Unit: at.Unit, Leaf: at.Drawn.Units[at.Unit].Leaf, State: VisitNone, VisitTerms: t}
	if at.Before != nil {
		v.State, v.Acts = at.Before.State, at.Before.Acts
	}
	v.SHA256 = v.digest()
	as := relief.ActOversightVisit
	if v.State == VisitRecorded && actor.Repeats(v.Acts, relief.ActOversightVisit) {
		if as = actCorrectVisit; at.Before.SHA256 == v.SHA256 {
			return *at.Before, false, nil
		}
	}
	if err := at.mayVisit(actor); err != nil {
		return v, false, err
	}
	if err := at.turn(); err != nil {
		return v, false, err
	}
	if err := t.check(at, actor); err != nil {
		return v, false, err
	}
	if err := at.visitors(&t, actor.By); err != nil {
		return v, false, err
	}
	v, err := v.act(relief.ActOversightVisit, as, actor)
	return v, err == nil, err
}

// VisitDecision confirms a visit or returns it.
type VisitDecision struct {
	SHA256 string `json:"sha256"`
	Agree  bool   `json:"agree"`
}

// ConfirmVisit confirms what is recorded, by the other visitor, or returns it.
func ConfirmVisit(at *At, d VisitDecision, actor relief.Actor) (Visit, error) {
	v := *at.Before
	act := relief.ActOversightConfirmVisit
	if !d.Agree {
		act = actReturnVisit
	}
	if _, err := relief.Next(VisitTransitions, v.State, act); err != nil {
		return v, err
	}
	if by := v.Acts[len(v.Acts)-1].By; relief.SameOfficial(by, actor.By) {
		return v, relief.Errorf(relief.CodeSamePerson, "%s recorded it: the other visitor confirms", by.Name)
	}
	if !relief.SameOfficial(v.With.official(), actor.By) {
		return v, relief.Errorf(relief.CodeForbidden, "只有同行人员可确认 · the other visitor confirms: %s", v.With.Name)
	}
	if d.SHA256 != v.SHA256 {
		return v, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "记录已变化，请重新查看 · what is recorded has the digest " + v.SHA256 + ": read it again"}
	}
	if err := at.mayVisit(actor); err != nil {
		return v, err
	}
	return v.act(relief.ActOversightConfirmVisit, act, actor)
}

// mayVisit refuses an official who has to do with the household.
func (at *At) mayVisit(actor relief.Actor) error {
	if err := at.Plan.MayVisit(); err != nil {
		return err
	}
	if err := relief.RequireRegion(actor.By, at.Plan.County); err != nil && !at.Plan.County.Covers(actor.By.Region) {
		return err
	}
	if len(actor.By.Region) >= townshipDigits && actor.By.Region.Covers(at.Home.Village) {
		return relief.Errorf(relief.CodeForbidden, "本乡镇（村）的工作人员不得核查本地 · who serves the township or village does not visit there")
	}
	return at.Home.recuses(actor.By)
}

func (h *Household) recuses(o relief.Official) error {
	if slices.ContainsFunc(h.Acted, func(a relief.Official) bool { return relief.SameOfficial(a, o) }) {
		return relief.Errorf(relief.CodeForbidden, "%s 办理过该户，应当回避 · %s did an act in the household's case", o.Name, o.Name)
	}
	return nil
}

// turn refuses a reserve before its turn: each stands in for one unit that was not met, in their order.
func (at *At) turn() error {
	unit := &at.Drawn.Units[at.Unit]
	if !unit.Reserve {
		return nil
	}
	unmet, reserves := 0, 0
	for _, v := range at.Earlier {
		if v != nil && v.State == VisitConfirmed && v.Result != Met {
			unmet++
		}
		if v != nil && at.Drawn.Units[v.Unit].Reserve && v.State == VisitConfirmed {
			reserves++
		}
	}
	first := unit.Rank - at.Plan.Frame.Strata[unit.Stratum].Take // of the reserves, from 1
	if reserves < first-1 || unmet < first {
		return relief.Errorf(relief.CodePending, "尚未轮到此备选 · it is not this reserve's turn: reserves stand in for units that were not met, in their order")
	}
	return nil
}

// check refuses what a visit cannot be.
func (t *VisitTerms) check(at *At, actor relief.Actor) error {
	met := t.Result == Met
	switch {
	case !slices.Contains(VisitResults, t.Result):
		return relief.FieldErrorf("result", "the result must be met, absent, moved, deceased or refused")
	case met != slices.Contains([]Received{ReceivedAll, ReceivedPart, ReceivedNone}, t.Received):
		return relief.FieldErrorf("received", "见到人时须填写是否收到 · of a household that was met, and of no other: all, part or none")
	case met != slices.Contains([]Standing{AsRecorded, Changed}, t.Standing):
		return relief.FieldErrorf("situation", "见到人时须填写家庭状况 · of a household that was met, and of no other: as_recorded or changed")
	case t.MadeOn < relief.DefaultCalendar.Day(at.Plan.framedAt()) || t.MadeOn > relief.DefaultCalendar.Day(actor.At):
		return relief.FieldErrorf("made_on", "须在固定抽样框之日至今日之间 · it must lie between the day of the frame and today")
	case met && len(t.Pictures) == 0 || len(t.Pictures) > MaxPictures:
		return relief.FieldErrorf("pictures", "须有 1 至 %d 张照片，未见到人时可无 · there must be 1 to %d pictures, or none where nobody was met", MaxPictures, MaxPictures)
	}
	for i, p := range t.Pictures {
		if !form.IsSHA256(p.SHA256) || !slices.Contains([]string{"image/jpeg", "image/png", "image/heic", "image/webp"}, p.MediaType) || slices.Contains(t.Pictures[:i], p) {
			return relief.FieldErrorf("pictures", "a picture has a SHA-256 of 64 hexadecimal digits in small letters and a media type, and is there once")
		}
	}
	return nil
}

// visitors refuses two who are not those who were drawn, or stand in for them for a reason that is named.
func (at *At) visitors(t *VisitTerms, by relief.Official) error {
	with := t.With.official()
	if relief.SameOfficial(by, with) {
		return relief.Errorf(relief.CodeSamePerson, "核查须两人 · two officials visit")
	}
	if err := at.Home.recuses(with); err != nil {
		return err
	}
	drawn := at.Drawn.Units[at.Unit].Inspectors
	missing := 0
	for _, o := range drawn {
		if relief.SameOfficial(o, by) || relief.SameOfficial(o, with) {
			continue
		}
		missing++
		if !slices.ContainsFunc(t.Replaced, func(r Replaced) bool { return r.is(o) }) {
			return relief.FieldErrorf("replaced", "抽中的检查人员未到场须说明原因 · it must say why an inspector who was drawn was not there: %s", o.Name)
		}
	}
	if missing != len(t.Replaced) {
		return relief.FieldErrorf("replaced", "it names those who were drawn and were not there, and nobody else")
	}
	for _, o := range []relief.Official{by, with} {
		if !slices.ContainsFunc(drawn, func(d relief.Official) bool { return relief.SameOfficial(d, o) }) {
			if err := at.standsIn(o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Replaced) is(o relief.Official) bool {
	return r.Agency == o.Agency && r.ID == o.ID && slices.Contains([]ReplacedReason{Recused, Away, LeftOffice}, r.Reason)
}

// standsIn refuses an official who is none of the plan's inspectors, or serves the village. A plan without inspectors leaves them open.
func (at *At) standsIn(o relief.Official) error {
	if len(at.Plan.Inspectors) == 0 {
		return nil
	}
	i := slices.IndexFunc(at.Plan.Inspectors, func(p Inspector) bool { return p.Agency == o.Agency && p.ID == o.ID })
	if i < 0 || at.Plan.Inspectors[i].Serves.Covers(at.Home.Village) {
		return relief.Errorf(relief.CodeForbidden, "%s 不是可派的检查人员 · %s is no inspector of this draw, or serves the village", o.Name, o.Name)
	}
	return nil
}

// digest is the SHA-256 of what is recorded of a unit: a confirmation is of that and nothing else.
func (v *Visit) digest() string {
	b, _ := json.Marshal(struct { //nolint:errchkjson // texts and numbers
		Plan relief.PlanID `json:"plan"`
		Unit int           `json:"place"`
		VisitTerms
	}{v.Plan, v.Unit, v.VisitTerms})
	sum := sha256.Sum256(append([]byte("relieftrail/visit/v1\n"), b...))
	return hex.EncodeToString(sum[:])
}

// Digests reports whether the visit has the digest of what it says.
func (v *Visit) Digests() bool { return v.digest() == v.SHA256 }

func (v Visit) act(act, as relief.Act, actor relief.Actor) (Visit, error) {
	next, err := relief.Next(VisitTransitions, v.State, as)
	if err != nil {
		return v, err
	}
	if err := actor.Follows(v.Acts); err != nil {
		return v, err //nolint:wrapcheck // of this module
	}
	v.State, v.Acts = next, append(slices.Clip(v.Acts), actor.Entry(act))
	return v, nil
}
