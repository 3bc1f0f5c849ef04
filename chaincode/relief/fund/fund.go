package fund

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// Percent is hundredths of a percent, written "98.00".
type Percent int32

// UnmarshalText reads a percentage with two places, 0.00 to 100.00.
func (p *Percent) UnmarshalText(b []byte) error {
	f, err := relief.ParseFen(string(b))
	if err != nil || f > 10000 {
		return relief.FieldErrorf("targets", "a target is a percentage with two places, 0.00 to 100.00")
	}
	*p = Percent(f) //nolint:gosec // at most 10000
	return nil
}

// MarshalText writes the percentage with two places.
func (p Percent) MarshalText() ([]byte, error) { return []byte(relief.Fen(p).String()), nil }

// Targets are the targets of the four indicators of R34, fixed in the act that issues the funds (R33).
type Targets struct {
	Coverage     *Percent `json:"coverage"`
	Timeliness   *Percent `json:"timeliness"`
	Accuracy     *Percent `json:"accuracy"`
	Satisfaction *Percent `json:"satisfaction"`
}

// Balances are the parts of a tranche's money. Issued and Recovered are always the sum of the others.
type Balances struct {
	Issued    relief.Fen `json:"issued"`
	Recovered relief.Fen `json:"recovered"` // came back from people who were paid too much
	Allocated relief.Fen `json:"allocated"`
	Reserved  relief.Fen `json:"reserved"`
	Paid      relief.Fen `json:"paid"`
	InReturn  relief.Fen `json:"in_return"`
	Refunded  relief.Fen `json:"refunded"`
	Available relief.Fen `json:"available"`
}

// Check returns an error when a part is negative or the parts do not add up to Issued and Recovered.
func (b *Balances) Check() error {
	var sum relief.Fen
	for _, part := range []relief.Fen{b.Allocated, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.Available} {
		if part < 0 {
			return relief.Errorf(relief.CodeFunds, "a part of the tranche would be negative")
		}
		var err error
		if sum, err = sum.Add(part); err != nil {
			return relief.Errorf(relief.CodeFunds, "the tranche's parts overflow")
		}
	}
	if b.Recovered < 0 || sum-b.Recovered != b.Issued {
		return relief.Errorf(relief.CodeCorrupt, "the tranche's parts add up to %s, not to %s and %s", sum, b.Issued, b.Recovered)
	}
	return nil
}

// TrancheTerms are the terms that the issuing act fixes.
type TrancheTerms struct {
	ID         relief.TrancheID   `json:"id"`
	Programme  relief.ProgrammeID `json:"programme"`
	Region     relief.Region      `json:"region"`
	Amount     relief.Fen         `json:"amount"`
	Source     string             `json:"source"`
	Account    string             `json:"account"` // the dedicated account of the agency (R21)
	FiscalYear int                `json:"fiscal_year"`
	Parent     relief.TrancheID   `json:"parent,omitempty"`
	Targets    Targets            `json:"targets"`
}

// Tranche is an amount of money issued for a programme and region (资金下达).
type Tranche struct {
	TrancheTerms
	State    State                 `json:"state"`
	Balances Balances              `json:"balances"`
	Acts     []relief.HistoryEntry `json:"acts"`

	// Inherited are the ended regions that Region has succeeded at the time of an act. It is not stored.
	Inherited relief.Inherited `json:"-"`
}

// Covers reports whether the money may pay people of a region: the region lies inside the tranche's, or inside one that ended and that the
// tranche's has succeeded.
func (t *Tranche) Covers(r relief.Region) bool { return t.Region.Covers(r) || t.Inherited.Cover(r) }

// Allocation is the input of an allocation. The other terms come from the parent tranche.
type Allocation struct {
	Parent  relief.TrancheID `json:"parent"`
	ID      relief.TrancheID `json:"id"`
	Region  relief.Region    `json:"region"`
	Amount  relief.Fen       `json:"amount"`
	Account string           `json:"account"`
	Targets Targets          `json:"targets"`
}

// Issue issues a tranche. existing is the record that already has its id, nil for none.
func Issue(terms TrancheTerms, p programme.Programme, existing *Tranche, actor relief.Actor) (Tranche, bool, error) {
	if err := terms.validate(); err != nil {
		return Tranche{}, false, err
	}
	if terms.Parent != "" {
		return Tranche{}, false, relief.FieldErrorf("parent", "a tranche with a parent is allocated, not issued")
	}
	return newTranche(terms, p, existing, actor, relief.ActFundIssue)
}

// Allocate gives part of a tranche to a region below it.
func Allocate(parent Tranche, a Allocation, p programme.Programme, existing *Tranche, actor relief.Actor) (newParent, child Tranche, changed bool, err error) {
	terms := TrancheTerms{
		ID: a.ID, Programme: parent.Programme, Region: a.Region, Amount: a.Amount, Source: parent.Source,
		Account: a.Account, FiscalYear: parent.FiscalYear, Parent: parent.ID, Targets: a.Targets,
	}
	if err := terms.validate(); err != nil {
		return parent, child, false, err
	}
	if !parent.Region.Covers(a.Region) || parent.Region == a.Region {
		return parent, child, false, &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "an allocation goes to a region inside the tranche's region " + string(parent.Region)}
	}
	if child, changed, err = newTranche(terms, p, existing, actor, relief.ActFundAllocate); err != nil || !changed {
		return parent, child, changed, err
	}
	parent, err = parent.Move(relief.ActFundAllocate, actor, a.Amount, (*Balances).AvailableBalance, (*Balances).allocated)
	return parent, child, true, err
}

func newTranche(terms TrancheTerms, p programme.Programme, existing *Tranche, actor relief.Actor, act relief.Act) (Tranche, bool, error) {
	if existing != nil {
		if sameTerms(existing.TrancheTerms, terms) && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Tranche{}, false, relief.Errorf(relief.CodeConflict, "tranche %s exists with other content", terms.ID)
	}
	current, err := p.Current()
	if err != nil {
		return Tranche{}, false, err
	}
	if !current.Region.Covers(terms.Region) && !terms.Region.Covers(current.Region) {
		return Tranche{}, false, &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "the tranche's region and the programme's region " + string(current.Region) + " have nothing in common"}
	}
	if err := relief.RequireRegion(actor.By, terms.Region); err != nil {
		return Tranche{}, false, err
	}
	return Tranche{
		TrancheTerms: terms, State: TrancheIssued,
		Balances: Balances{Issued: terms.Amount, Available: terms.Amount},
		Acts:     []relief.HistoryEntry{actor.Entry(act)},
	}, true, nil
}

func sameTerms(a, b TrancheTerms) bool {
	same := func(x, y *Percent) bool { return x != nil && y != nil && *x == *y }
	t := same(a.Targets.Coverage, b.Targets.Coverage) && same(a.Targets.Timeliness, b.Targets.Timeliness) &&
		same(a.Targets.Accuracy, b.Targets.Accuracy) && same(a.Targets.Satisfaction, b.Targets.Satisfaction)
	a.Targets, b.Targets = Targets{}, Targets{}
	return t && a == b
}

func (t *TrancheTerms) validate() error {
	if _, err := relief.ParseTrancheID(string(t.ID)); err != nil {
		return err
	}
	g := t.Targets
	switch {
	case t.Region == "":
		return relief.FieldErrorf("region", "the tranche's region is missing")
	case t.Amount <= 0 || t.Amount > relief.MaxFen:
		return relief.FieldErrorf("amount", "the tranche's amount must be above zero")
	case t.FiscalYear < 2000 || t.FiscalYear > 2199:
		return relief.FieldErrorf("fiscal_year", "the fiscal year must be 2000 to 2199")
	case g.Coverage == nil || g.Timeliness == nil || g.Accuracy == nil || g.Satisfaction == nil:
		return relief.FieldErrorf("targets", "the act must fix four targets: coverage, timeliness, accuracy and satisfaction (R33)")
	}
	if err := relief.CheckText("source", t.Source, 1, 100); err != nil {
		return err
	}
	if len(t.Account) < 8 || len(t.Account) > 32 || !form.IsDigits(t.Account) {
		return relief.FieldErrorf("account", "the dedicated account must have 8 to 32 digits")
	}
	return nil
}

// Refund gives available money back to the source of the tranche.
func Refund(t Tranche, amount relief.Fen, reason string, actor relief.Actor) (Tranche, error) {
	if amount <= 0 {
		return t, relief.FieldErrorf("amount", "the refund must be above zero")
	}
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return t, err
	}
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return t, err
	}
	return t.Move(relief.ActFundRefund, actor, amount, (*Balances).AvailableBalance, (*Balances).refunded)
}

// Close refunds the available money and closes the tranche. PENDING while money is reserved or in return.
func Close(t Tranche, actor relief.Actor) (Tranche, bool, error) {
	if t.State == TrancheClosed && actor.Repeats(t.Acts, relief.ActFundClose) {
		return t, false, nil
	}
	next, err := relief.Next(Transitions, t.State, relief.ActFundClose)
	if err != nil {
		return t, false, err
	}
	if err := relief.RequireRegion(actor.By, t.Region); err != nil {
		return t, false, err
	}
	if t.Balances.Reserved != 0 || t.Balances.InReturn != 0 {
		return t, false, relief.Errorf(relief.CodePending, "tranche %s has %s reserved and %s in return; close or cancel its batches first",
			t.ID, t.Balances.Reserved, t.Balances.InReturn)
	}
	if t, err = t.Move(relief.ActFundClose, actor, t.Balances.Available, (*Balances).AvailableBalance, (*Balances).refunded); err != nil {
		return t, false, err
	}
	t.State = next
	return t, true, nil
}

// AvailableBalance is the part that no batch has reserved.
func (b *Balances) AvailableBalance() *relief.Fen { return &b.Available }

// ReservedBalance is the part that sealed batches have reserved.
func (b *Balances) ReservedBalance() *relief.Fen { return &b.Reserved }

func (b *Balances) allocated() *relief.Fen { return &b.Allocated }

func (b *Balances) refunded() *relief.Fen { return &b.Refunded }

// Move shifts an amount from one part of a tranche to another, such as from (*Balances).AvailableBalance to
// (*Balances).ReservedBalance, and records the act. FUNDS when the first part has less.
func (t Tranche) Move(act relief.Act, actor relief.Actor, amount relief.Fen, from, to func(*Balances) *relief.Fen) (Tranche, error) {
	if _, err := relief.Next(Transitions, t.State, act); err != nil {
		return t, err
	}
	if err := actor.Follows(t.Acts); err != nil {
		return t, err
	}
	if *from(&t.Balances) < amount {
		return t, relief.Errorf(relief.CodeFunds, "tranche %s has %s, less than %s", t.ID, *from(&t.Balances), amount)
	}
	*from(&t.Balances) -= amount
	*to(&t.Balances) += amount
	t.Acts = append(slices.Clone(t.Acts), actor.Entry(act))
	return t, t.Balances.Check()
}
