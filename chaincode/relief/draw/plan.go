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
	State  State                 `json:"state"`
	Nonces []Nonce               `json:"nonces"` // of all agencies, in the order of their MSP ids
	Frame  *Frame                `json:"frame,omitempty"`
	Seed   Hash                  `json:"seed,omitzero"`
	Drawn  *Outcome              `json:"drawn,omitempty"`
	Acts   []relief.HistoryEntry `json:"acts"`
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
	return p.act(relief.ActOversightPlan, actor)
}

// Whole reports whether the plan has what its state needs, for a value that was stored.
func (p *Plan) Whole() bool {
	framed := p.State == Framed || p.State == Seeded || p.State == Drawn
	return slices.Contains(States, p.State) && len(p.Months) > 0 && len(p.Months) <= MaxMonths && framed == (p.Frame != nil) &&
		p.Seed.IsZero() == (p.State != Seeded && p.State != Drawn) && (p.State == Drawn) == (p.Drawn != nil)
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
	return p.changed(relief.ActOversightCommit, actCommitLast, !slices.ContainsFunc(p.Nonces, func(n Nonce) bool { return n.Commitment.IsZero() }), actor)
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

// changed does an act, or the one that the last agency does.
func (p Plan) changed(act, lastAct relief.Act, last bool, actor relief.Actor) (Plan, bool, error) {
	as := act
	if last {
		as = lastAct
	}
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
	return nil
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
	p, _, err := p.changed(relief.ActOversightFrame, "", false, actor)
	return p, err
}

// Reveal tells an agency's nonce. After the last one the seed is known. The same nonce again changes nothing.
func Reveal(p Plan, nonce Hash, actor relief.Actor) (Plan, bool, error) {
	own, err := p.own(actor)
	if err != nil {
		return p, false, err
	}
	if !own.Nonce.IsZero() && own.Nonce == nonce {
		return p, false, nil
	}
	if _, err := relief.Next(Transitions, p.State, relief.ActOversightReveal); err != nil {
		return p, false, err
	}
	if nonce.IsZero() || own.Commitment != Commitment(own.Agency, p.ID, nonce) {
		return p, false, relief.FieldErrorf("nonce", "与承诺值不符 · the nonce is not the one that the agency has committed to")
	}
	own.Nonce = nonce
	last := p.count(func(n *Nonce) bool { return n.Nonce.IsZero() && !n.Withheld }) == 0
	if last {
		p.seed()
	}
	return p.changed(relief.ActOversightReveal, actRevealLast, last, actor)
}

// Default goes on without the nonces that were not told in time, and names their agencies.
func Default(p Plan, actor relief.Actor) (Plan, error) {
	if _, err := relief.Next(Transitions, p.State, relief.ActOversightDefault); err != nil {
		return p, err
	}
	if actor.At.Before(p.Frame.RevealBy) {
		return p, relief.Errorf(relief.CodePending, "%s 前各机构仍可公布随机数 · the agencies may reveal their nonces until %s",
			p.Frame.RevealBy.Format(time.RFC3339), p.Frame.RevealBy.Format(time.RFC3339))
	}
	if p.count(func(n *Nonce) bool { return !n.Nonce.IsZero() }) == 0 {
		return p, relief.Errorf(relief.CodeWrongState, "尚无机构公布随机数 · no agency has revealed its nonce")
	}
	p.Nonces = slices.Clone(p.Nonces)
	for i := range p.Nonces {
		p.Nonces[i].Withheld = p.Nonces[i].Nonce.IsZero()
	}
	p.seed()
	p, _, err := p.changed(relief.ActOversightDefault, "", false, actor)
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
