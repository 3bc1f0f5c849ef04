package draw

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
)

// The bounds of a plan.
const (
	MaxMonths      = 12
	MaxSize        = 1000
	MaxLeast       = 10
	MaxReserves    = 5
	MaxInspectors  = 60
	MaxRevealHours = 720
	MaxOpenDays    = 180
	maxCommitDays  = 90
)

// MinCommitted is how many agencies must have committed before there is a frame: a nonce of one alone would be its choice.
const MinCommitted = 2

// Purpose is what a draw is for.
type Purpose string

// The purposes.
const (
	FollowUp   Purpose = "follow_up"  // visits to households that were paid (R29)
	Evaluation Purpose = "evaluation" // a third party's (R31)
	Audit      Purpose = "audit"
)

// Terms say what is drawn from and how. They are fixed before anybody knows the frame.
type Terms struct {
	Purpose  Purpose       `json:"purpose"`
	County   relief.Region `json:"county"`
	Months   []MonthName   `json:"months"`          // the closed months, in this order
	Size     int           `json:"size"`            // how many units are drawn
	Least    int           `json:"min_per_stratum"` // of each stratum, or all that it has
	Reserves int           `json:"reserves"`        // for each stratum
	// CloseAt is when the frame may be made, by those who have committed by then.
	CloseAt     time.Time   `json:"close_at"`
	RevealHours int         `json:"reveal_hours"` // from the frame on
	Inspectors  []Inspector `json:"inspectors"`   // of whom two are drawn for each unit
	// Sealed has the agency that plans tell its nonce last, so many days after the others at most: until then it alone knows who is drawn.
	Sealed   bool `json:"sealed,omitempty"`
	OpenDays int  `json:"open_days,omitempty"`
}

// Inspector is an official who may be drawn to visit.
type Inspector struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
	ID     string `json:"id,omitempty"` // staff number, as their entry has it
	// Serves is the township or village that the official serves, where they inspect nobody; "" for none.
	Serves relief.Region `json:"serves,omitempty"`
}

// Nonce is what an agency adds to the seed.
type Nonce struct {
	Agency     string `json:"agency"` // MSP id
	Commitment Hash   `json:"commitment,omitzero"`
	Nonce      Hash   `json:"nonce,omitzero"`
	Withheld   bool   `json:"withheld"` // it did not commit, or not reveal, in time
}

// Plan is a draw, from its plan to what was drawn.
type Plan struct {
	ID relief.PlanID `json:"id"`
	Terms
	State  State    `json:"state"`
	Keeper string   `json:"keeper,omitempty"` // MSP id of the agency whose nonce seals the draw
	Nonces []Nonce  `json:"nonces"`           // of all agencies, in the order of their MSP ids
	Frame  *Frame   `json:"frame,omitempty"`
	Seed   Hash     `json:"seed,omitzero"`
	Drawn  *Outcome `json:"drawn,omitempty"`
	// Visited is what became of the units, once the draw is finished.
	Visited *Visited              `json:"visited,omitempty"`
	Acts    []relief.HistoryEntry `json:"acts"`
}

// Outcome is what the units that were drawn add up to; DrawnUnits has them.
type Outcome struct {
	Units    int  `json:"units"`
	Reserves int  `json:"reserves"`
	Root     Hash `json:"root"` // RFC 6962, over their leaf hashes as entries, in the order of strata and ranks
}

// New plans a draw. agencies are the MSP ids of those who commit; each inspector has the staff number of their entry.
func New(id relief.PlanID, t Terms, agencies []string, actor relief.Actor) (Plan, error) {
	p := Plan{ID: id, Terms: t, State: Planned}
	if id == "" {
		return p, relief.FieldErrorf("id", "缺少编号 · the id is missing")
	}
	p.CloseAt = t.CloseAt.UTC().Truncate(time.Second)
	if err := p.check(actor); err != nil {
		return p, err
	}
	for _, agency := range slices.Sorted(slices.Values(agencies)) {
		p.Nonces = append(p.Nonces, Nonce{Agency: agency})
	}
	if p.Sealed {
		p.Keeper = actor.By.Agency
		if _, err := p.own(actor); err != nil {
			return p, err
		}
	}
	return p.act(relief.ActOversightPlan, actor)
}

// Whole reports whether the plan has what its state needs, for a value that was stored.
func (p *Plan) Whole() bool {
	framed, drawn := p.State != Planned && p.State != Committed, p.State == Drawn || p.State == Finished
	return slices.Contains(States, p.State) && len(p.Months) > 0 && len(p.Months) <= MaxMonths && framed == (p.Frame != nil) && p.Sealed == (p.Keeper != "") &&
		p.Seed.IsZero() == (p.State != Seeded && !drawn) && drawn == (p.Drawn != nil) && (p.State == Finished) == (p.Visited != nil)
}

func (t *Terms) check(actor relief.Actor) error {
	for _, c := range []struct {
		field    string
		is       int
		from, to int
	}{
		{"months", len(t.Months), 1, MaxMonths},
		{"size", t.Size, 1, MaxSize},
		{"min_per_stratum", t.Least, 0, MaxLeast},
		{"reserves", t.Reserves, 0, MaxReserves},
		{"reveal_hours", t.RevealHours, 1, MaxRevealHours},
		{"open_days", t.OpenDays, t.fewestOpenDays(), t.mostOpenDays()},
	} {
		if c.is < c.from || c.is > c.to {
			return relief.FieldErrorf(c.field, "须为 %d 至 %d · it must be %d to %d, not %d", c.from, c.to, c.from, c.to, c.is)
		}
	}
	if t.County == "" || t.County.County() != t.County {
		return relief.FieldErrorf("county", "a county is written with six digits")
	}
	if err := relief.RequireRegion(actor.By, t.County); err != nil {
		return err
	}
	if !slices.Contains([]Purpose{FollowUp, Evaluation, Audit}, t.Purpose) {
		return relief.FieldErrorf("purpose", "用途须为 follow_up、evaluation 或 audit · the purpose must be follow_up, evaluation or audit")
	}
	if until := t.CloseAt.Sub(actor.At); until <= 0 || until > maxCommitDays*24*time.Hour {
		return relief.FieldErrorf("close_at", "须在此后 %d 天内 · it must lie ahead, by at most %d days", maxCommitDays, maxCommitDays)
	}
	for i, m := range t.Months {
		if m.Programme == "" || m.Period.IsZero() || slices.Contains(t.Months[:i], m) {
			return relief.FieldErrorf("months", "each month has a programme and a period, and is there once")
		}
	}
	return t.checkInspectors()
}

// fewestOpenDays and mostOpenDays bound the days for which a draw may stay sealed: none for an open one.
func (t *Terms) fewestOpenDays() int { return min(1, t.mostOpenDays()) }

func (t *Terms) mostOpenDays() int {
	if t.Sealed {
		return MaxOpenDays
	}
	return 0
}

func (t *Terms) checkInspectors() error {
	if n := len(t.Inspectors); n == 1 || n > MaxInspectors {
		return relief.FieldErrorf("inspectors", "检查人员须为 2 至 %d 人，或不抽取 · there must be 2 to %d inspectors, or none", MaxInspectors, MaxInspectors)
	}
	for i := range t.Inspectors {
		own := &t.Inspectors[i]
		if slices.ContainsFunc(t.Inspectors[:i], func(o Inspector) bool { return o.Agency == own.Agency && o.ID == own.ID }) {
			return relief.FieldErrorf("inspectors", "同一检查人员重复 · an inspector is named twice: %s of %s", own.Name, own.Agency)
		}
		if own.Serves != "" && (len(own.Serves) < townshipDigits || !t.County.Covers(own.Serves)) {
			return relief.FieldErrorf("inspectors", "an inspector serves a township or village of the county, or none")
		}
	}
	return nil
}

// Commit notes the hash of an agency's nonce. The same hash changes nothing; another is refused.
func Commit(p Plan, commitment Hash, actor relief.Actor) (Plan, bool, error) {
	own, err := p.own(actor)
	switch {
	case err != nil:
		return p, false, err
	case commitment.IsZero():
		return p, false, relief.FieldErrorf("commitment", "缺少承诺值 · the commitment is missing")
	case own.Commitment == commitment:
		return p, false, nil
	case !own.Commitment.IsZero():
		return p, false, relief.Errorf(relief.CodeConflict, "本机构已承诺 · the agency has committed to another nonce")
	case p.State == Planned && !actor.At.Before(p.CloseAt):
		return p, false, relief.Errorf(relief.CodeLate, "承诺时间已过 · the time to commit is over")
	}
	own.Commitment = commitment
	as := relief.ActOversightCommit
	if !slices.ContainsFunc(p.Nonces, func(n Nonce) bool { return n.Commitment.IsZero() }) {
		as = actCommitLast
	}
	return p.changed(relief.ActOversightCommit, as, actor)
}

// own are the plan's nonces again, and that of the actor's agency among them.
func (p *Plan) own(actor relief.Actor) (*Nonce, error) {
	p.Nonces = slices.Clone(p.Nonces)
	for i := range p.Nonces {
		if p.Nonces[i].Agency == actor.By.Agency {
			return &p.Nonces[i], nil
		}
	}
	return nil, relief.Errorf(relief.CodeForbidden, "%s is no agency of this draw", actor.By.Agency)
}

// changed does an act, by the row of the transition table that it has.
func (p Plan) changed(act, as relief.Act, actor relief.Actor) (Plan, bool, error) {
	next, err := relief.Next(Transitions, p.State, as)
	if err != nil {
		return p, false, err
	}
	p.State = next
	p, err = p.act(act, actor)
	return p, err == nil, err
}

// MayFrame refuses a frame that nobody may make yet, before the months are read.
func (p *Plan) MayFrame(actor relief.Actor) error {
	if _, err := relief.Next(Transitions, p.State, relief.ActOversightFrame); err != nil {
		return err
	}
	if actor.At.Before(p.CloseAt) {
		return relief.Errorf(relief.CodePending, "%s 前不能固定抽样框 · the frame can be fixed from %s on", p.CloseAt.Format(time.RFC3339), p.CloseAt.Format(time.RFC3339))
	}
	if p.count(func(n *Nonce) bool { return !n.Commitment.IsZero() }) < MinCommitted {
		return relief.Errorf(relief.CodeWrongState, "至少 %d 个机构承诺后方可抽取 · nothing is drawn unless %d agencies have committed: plan another draw", MinCommitted, MinCommitted)
	}
	if p.Sealed && p.keeps().Commitment.IsZero() {
		return relief.Errorf(relief.CodeWrongState, "%s 未承诺，不能密封抽取 · %s has not committed, so nothing can be sealed: plan another draw", p.Keeper, p.Keeper)
	}
	return nil
}

// keeps is the nonce that seals the draw.
func (p *Plan) keeps() *Nonce {
	return &p.Nonces[slices.IndexFunc(p.Nonces, func(n Nonce) bool { return n.Agency == p.Keeper })]
}

func (p *Plan) count(is func(*Nonce) bool) (n int) {
	for i := range p.Nonces {
		if is(&p.Nonces[i]) {
			n++
		}
	}
	return n
}

// Fix fixes the frame. From then on the agencies that have committed reveal their nonces.
func Fix(p Plan, f Frame, actor relief.Actor) (Plan, error) {
	if err := p.MayFrame(actor); err != nil {
		return p, err
	}
	p.Nonces = slices.Clone(p.Nonces)
	for i := range p.Nonces {
		p.Nonces[i].Withheld = p.Nonces[i].Commitment.IsZero()
	}
	f.RevealBy = actor.At.UTC().Truncate(time.Second).Add(time.Duration(p.RevealHours) * time.Hour)
	p.Frame = &f
	p, _, err := p.changed(relief.ActOversightFrame, relief.ActOversightFrame, actor)
	return p, err
}

// Reveal tells an agency's nonce. After the last one the seed is known; the nonce that seals a draw comes after all others and opens it. The
// same nonce again changes nothing.
func Reveal(p Plan, nonce Hash, actor relief.Actor) (Plan, bool, error) {
	own, err := p.own(actor)
	if err != nil {
		return p, false, err
	}
	if !own.Nonce.IsZero() && own.Nonce == nonce {
		return p, false, nil
	}
	if err := p.mayReveal(own); err != nil {
		return p, false, err
	}
	if nonce.IsZero() || own.Commitment != Commitment(own.Agency, p.ID, nonce) {
		return p, false, errNonce
	}
	own.Nonce = nonce
	as := relief.ActOversightReveal
	switch waiting := p.count(func(n *Nonce) bool { return n.Nonce.IsZero() && !n.Withheld }); {
	case waiting == 0 && p.Sealed:
		as = actOpen
	case waiting == 0:
		as = actRevealLast
	case waiting == 1 && p.Sealed:
		as = actRevealSealed
	}
	if as == actOpen || as == actRevealLast {
		p.seed()
	}
	return p.changed(relief.ActOversightReveal, as, actor)
}

var errNonce = relief.FieldErrorf("nonce", "与承诺值不符 · the nonce is not the one that the agency has committed to")

// mayReveal refuses a nonce before its time, or from an agency that is late.
func (p *Plan) mayReveal(own *Nonce) error {
	if p.Sealed && p.State == Framed && own.Agency == p.Keeper {
		return relief.Errorf(relief.CodePending, "其他机构公布随机数后方可公开 · the nonce that seals the draw is told after all others")
	}
	if p.State == Sealed && own.Agency != p.Keeper {
		return relief.Errorf(relief.CodeLate, "公布时间已过 · the time to reveal is over")
	}
	_, err := relief.Next(Transitions, p.State, relief.ActOversightReveal)
	if p.State == Sealed {
		_, err = relief.Next(Transitions, p.State, actOpen)
	}
	return err //nolint:wrapcheck // of this module
}

// OpenBy is until when a sealed draw is opened.
func (p *Plan) OpenBy() time.Time { return p.Frame.RevealBy.AddDate(0, 0, p.OpenDays) }

// Foresee is a sealed draw with the seed that it will have, for the agency that knows the nonce. Nothing of it is written.
func Foresee(p Plan, nonce Hash) (Plan, error) {
	if _, err := relief.Next(Transitions, p.State, actOpen); err != nil {
		return p, err
	}
	p.Nonces = slices.Clone(p.Nonces)
	own := p.keeps()
	if nonce.IsZero() || own.Commitment != Commitment(own.Agency, p.ID, nonce) {
		return p, errNonce
	}
	own.Nonce = nonce
	p.seed()
	return p, nil
}

// Default goes on without the nonces that were not told in time, and names their agencies. A sealed draw that was not opened in time is
// void: who would be drawn without the nonce that sealed it, everybody knew.
func Default(p Plan, actor relief.Actor) (Plan, error) {
	as := relief.ActOversightDefault
	if p.Sealed {
		as = actDefaultSealed
	}
	if p.State == Sealed {
		as = actNeverOpened
	}
	if _, err := relief.Next(Transitions, p.State, as); err != nil {
		return p, err
	}
	until := p.Frame.RevealBy
	if p.State == Sealed {
		until = p.OpenBy()
	}
	if actor.At.Before(until) {
		return p, relief.Errorf(relief.CodePending, "%s 前各机构仍可公布随机数 · the agencies may reveal their nonces until %s", until.Format(time.RFC3339), until.Format(time.RFC3339))
	}
	if p.count(func(n *Nonce) bool { return !n.Nonce.IsZero() }) == 0 {
		return p, relief.Errorf(relief.CodeWrongState, "尚无机构公布随机数 · no agency has revealed its nonce")
	}
	p.Nonces = slices.Clone(p.Nonces)
	for i := range p.Nonces {
		n := &p.Nonces[i]
		n.Withheld = n.Nonce.IsZero() && (n.Agency != p.Keeper || as == actNeverOpened)
	}
	if as == relief.ActOversightDefault {
		p.seed()
	}
	p, _, err := p.changed(relief.ActOversightDefault, as, actor)
	return p, err
}

// seed makes the seed of the nonces that were told.
func (p *Plan) seed() {
	var nonces []Hash
	for i := range p.Nonces {
		if !p.Nonces[i].Nonce.IsZero() {
			nonces = append(nonces, p.Nonces[i].Nonce)
		}
	}
	p.Seed = Hash(NewSeed(p.ID, p.Frame.Size, p.Frame.Root, nonces))
}

func (p Plan) act(act relief.Act, actor relief.Actor) (Plan, error) {
	if err := actor.Follows(p.Acts); err != nil {
		return p, err //nolint:wrapcheck // of this module
	}
	p.Acts = append(slices.Clip(p.Acts), actor.Entry(act))
	return p, nil
}
