package fund

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// MoveKind says how money came to a tranche or left it.
type MoveKind string

// The kinds of moves. All but the first are proposed by one official and confirmed by another.
const (
	Allocated   MoveKind = "allocated"    // to a new tranche below (下拨)
	ToppedUp    MoveKind = "topped_up"    // from the parent, or from outside (追加)
	TakenBack   MoveKind = "taken_back"   // to the parent (收回)
	CarriedOver MoveKind = "carried_over" // to a tranche of the next year (结转)
	Refunded    MoveKind = "refunded"     // to where it came from, outside (退回)
)

// Move is money that came to a tranche or left it otherwise than by batches and people. Both tranches of a move keep it.
type Move struct {
	Act        int              `json:"act"` // the place of the act in the tranche's acts
	Kind       MoveKind         `json:"kind"`
	From       relief.TrancheID `json:"from,omitempty"` // "" for outside
	To         relief.TrancheID `json:"to,omitempty"`   // "" for outside
	Amount     relief.Fen       `json:"amount"`
	Adjustment int              `json:"adjustment,omitempty"` // its number; 0 for an allocation, and for what came back after the tranche was closed
	Reason     string           `json:"reason,omitempty"`
	Document   string           `json:"document,omitempty"`
}

// noteMove keeps a move by the tranche's last act.
func (t *Tranche) noteMove(m Move) {
	m.Act = len(t.Acts) - 1
	t.Moves = append(slices.Clip(t.Moves), m)
}

// fromParent is what the tranche has from its parent and has not given back.
func (t *Tranche) fromParent() relief.Fen {
	if t.Parent == "" {
		return 0
	}
	sum := t.Amount
	for i := range t.Moves {
		switch m := &t.Moves[i]; {
		case m.Kind == ToppedUp && m.From == t.Parent && m.To == t.ID:
			sum += m.Amount
		case m.Kind == TakenBack && m.From == t.ID:
			sum -= m.Amount
		}
	}
	return sum
}

// carryOut moves the amount between two tranches. other is the one that is not t, nil for outside. Both have recorded the act.
func (t *Tranche) carryOut(m Move, other *Tranche) error {
	b := &t.Balances
	switch m.Kind {
	case ToppedUp:
		b.ToppedUp += m.Amount
		b.Available += m.Amount
		if other != nil {
			other.Balances.Available -= m.Amount
			other.Balances.Allocated += m.Amount
		}
	case TakenBack:
		b.Available -= m.Amount
		b.TakenBack += m.Amount
		other.Balances.Allocated -= m.Amount
		other.Balances.Available += m.Amount
	case CarriedOver:
		b.Available -= m.Amount
		b.CarriedOver += m.Amount
		other.Balances.ToppedUp += m.Amount
		other.Balances.Available += m.Amount
	default:
		b.Available -= m.Amount
		b.Refunded += m.Amount
	}
	t.noteMove(m)
	if err := t.Balances.Check(); err != nil || other == nil {
		return err
	}
	other.noteMove(m)
	return other.Balances.Check()
}

// Heir is the tranche to which money goes that comes back after a tranche was closed: the one that it was carried over to, or else
// the one that it was allocated from. It is "" for a tranche that is not closed and for one that has neither.
func (t *Tranche) Heir() relief.TrancheID {
	switch {
	case t.State != TrancheClosed:
		return ""
	case t.CarriedTo != "":
		return t.CarriedTo
	default:
		return t.Parent
	}
}

// PassOn gives what has come to a closed tranche to its heir, by the tranche's last act; with no heir it is refunded. A closed
// tranche keeps no money. heir is nil for none. What the parent did not give itself, because it was carried over from the year
// before, is carried over to it.
func PassOn(t Tranche, heir *Tranche, actor relief.Actor) (Tranche, *Tranche, error) {
	amount := t.Balances.Available
	if t.State != TrancheClosed || amount <= 0 {
		return t, heir, relief.Errorf(relief.CodeCorrupt, "tranche %s has nothing to pass on", t.ID)
	}
	if heir == nil {
		err := t.carryOut(Move{Kind: Refunded, From: t.ID, Amount: amount}, nil)
		return t, nil, err
	}
	h := *heir
	act := t.Acts[len(t.Acts)-1].Act
	if _, err := relief.Next(Transitions, h.State, act); err != nil {
		return t, heir, err
	}
	h.record(act, actor)
	var back relief.Fen
	if h.ID == t.Parent && h.ID != t.CarriedTo {
		back = min(amount, t.fromParent())
	}
	if back > 0 {
		if err := t.carryOut(Move{Kind: TakenBack, From: t.ID, To: h.ID, Amount: back}, &h); err != nil {
			return t, heir, err
		}
	}
	if rest := amount - back; rest > 0 {
		if err := t.carryOut(Move{Kind: CarriedOver, From: t.ID, To: h.ID, Amount: rest}, &h); err != nil {
			return t, heir, err
		}
	}
	return t, &h, nil
}
