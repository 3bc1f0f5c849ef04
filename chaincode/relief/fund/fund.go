package fund

import (
	"slices"

	"relieftrail/chaincode/relief"
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

// Targets are the targets of indicators, fixed in the act that issues the funds (R33): of the four of R34, and of others.
type Targets struct {
	Coverage     *Percent `json:"coverage"`
	Timeliness   *Percent `json:"timeliness"`
	Accuracy     *Percent `json:"accuracy"`
	Satisfaction *Percent `json:"satisfaction"`
	// Others are targets of other indicators that are computed from the ledger, by their names: see OtherTargets.
	Others map[string]Percent `json:"others,omitempty"`
}

// OtherTargets are the indicators beside those of R34 that a tranche may have a target of.
var OtherTargets = []string{
	"budget_execution", "unspent", "passed_down", "timeliness_amount", "by_class", "returned_again", "published", "decision", "recheck", "exit_death",
	"accuracy_known", "coverage_known",
}

// Tranche is an amount of money issued for one or several programmes and a region (资金下达).
type Tranche struct {
	TrancheTerms
	State       State                 `json:"state"`
	Balances    Balances              `json:"balances"`
	CarriedTo   relief.TrancheID      `json:"carried_to,omitempty"`  // of the next year: what comes back later goes there
	Adjustments []Adjustment          `json:"adjustments,omitempty"` // what was proposed for it, and what became of that
	Moves       []Move                `json:"moves,omitempty"`       // what came to it and left it otherwise than by batches
	Acts        []relief.HistoryEntry `json:"acts"`

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

// Issue issues a tranche. programmes are those of the terms; existing is the record that already has its id, nil for none.
func Issue(terms TrancheTerms, programmes []programme.Programme, existing *Tranche, actor relief.Actor) (Tranche, bool, error) {
	if err := terms.validate(); err != nil {
		return Tranche{}, false, err
	}
	if terms.Parent != "" {
		return Tranche{}, false, relief.FieldErrorf("parent", "a tranche with a parent is allocated, not issued")
	}
	return newTranche(terms, programmes, existing, actor, relief.ActFundIssue)
}

// Allocate gives part of a tranche to a region below it. programmes are those of the parent.
func Allocate(
	parent Tranche, a Allocation, programmes []programme.Programme, existing *Tranche, actor relief.Actor,
) (newParent, child Tranche, changed bool, err error) {
	terms := parent.TrancheTerms
	terms.ID, terms.Region, terms.Amount, terms.Account, terms.Parent, terms.Targets = a.ID, a.Region, a.Amount, a.Account, parent.ID, a.Targets
	if err := terms.validate(); err != nil {
		return parent, child, false, err
	}
	if !parent.Region.Covers(a.Region) || parent.Region == a.Region {
		return parent, child, false, &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "an allocation goes to a region inside the tranche's region " + string(parent.Region)}
	}
	if child, changed, err = newTranche(terms, programmes, existing, actor, relief.ActFundAllocate); err != nil || !changed {
		return parent, child, changed, err
	}
	parent, err = parent.Move(relief.ActFundAllocate, actor, a.Amount, (*Balances).AvailableBalance, (*Balances).allocated)
	if err != nil {
		return parent, child, false, err
	}
	parent.noteMove(Move{Kind: Allocated, From: parent.ID, To: child.ID, Amount: a.Amount})
	return parent, child, true, nil
}

func newTranche(
	terms TrancheTerms, programmes []programme.Programme, existing *Tranche, actor relief.Actor, act relief.Act,
) (Tranche, bool, error) {
	if existing != nil {
		if existing.sameTerms(&terms) && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Tranche{}, false, relief.Errorf(relief.CodeConflict, "tranche %s exists with other content", terms.ID)
	}
	for i := range programmes {
		current, err := programmes[i].Current()
		if err != nil {
			return Tranche{}, false, err
		}
		if !current.Region.Covers(terms.Region) && !terms.Region.Covers(current.Region) {
			return Tranche{}, false, &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "the tranche's region and the region " +
				string(current.Region) + " of programme " + string(current.ID) + " have nothing in common"}
		}
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

// Close closes a tranche. PENDING while it has money: what is available is carried over, taken back or refunded first, by two
// officials. So closing moves nothing.
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
	if err := actor.Follows(t.Acts); err != nil {
		return t, false, err
	}
	switch b := &t.Balances; {
	case b.Reserved != 0 || b.InReturn != 0:
		return t, false, relief.Errorf(relief.CodePending, "tranche %s has %s reserved and %s in return; close or cancel its batches first",
			t.ID, b.Reserved, b.InReturn)
	case b.Available != 0:
		return t, false, relief.Errorf(relief.CodePending, "tranche %s has %s available; carry it over, have it taken back or refund it first",
			t.ID, b.Available)
	}
	t.State = next
	t.record(relief.ActFundClose, actor)
	return t, true, nil
}

// AvailableBalance is the part that no batch has reserved.
func (b *Balances) AvailableBalance() *relief.Fen { return &b.Available }

// ReservedBalance is the part that sealed batches have reserved.
func (b *Balances) ReservedBalance() *relief.Fen { return &b.Reserved }

func (b *Balances) allocated() *relief.Fen { return &b.Allocated }

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
	t.record(act, actor)
	return t, t.Balances.Check()
}

func (t *Tranche) record(act relief.Act, actor relief.Actor) {
	t.Acts = append(slices.Clone(t.Acts), actor.Entry(act))
}
