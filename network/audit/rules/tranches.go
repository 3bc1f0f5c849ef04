package rules

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// adjusted checks what came to a tranche and left it otherwise than by batches: earlier moves stay, each new one is of an act of the
// transaction, one that was proposed was confirmed by another official, and the tranche at the other end has it, too.
func (e *txChanges) adjusted(name string, before, t *fund.Tranche) {
	var moves []fund.Move
	acts := 0
	if before != nil {
		moves, acts = before.Moves, len(before.Acts)
		if before.CarriedTo != "" && before.CarriedTo != t.CarriedTo {
			e.report(Money, "%s was carried over to %s and now says %s", name, before.CarriedTo, t.CarriedTo)
		}
	}
	e.adjustments(name, t)
	if len(t.Moves) < len(moves) || !slices.Equal(moves, t.Moves[:len(moves)]) {
		e.report(Money, "the earlier moves of money of %s are changed", name)
		return
	}
	for i := range t.Moves[len(moves):] {
		m := &t.Moves[len(moves)+i]
		if m.Amount <= 0 || m.From != t.ID && m.To != t.ID || m.From == m.To || m.Act < acts || m.Act >= len(t.Acts) {
			e.report(BadRecord, "%s has a move of money that is none of the transaction's", name)
			continue
		}
		for _, id := range []relief.TrancheID{m.From, m.To} {
			if id != "" {
				e.tranches[id] = true
			}
		}
		e.moved(name, t, m)
	}
}

// adjustments checks that no official decided about an adjustment that the same official proposed.
func (e *txChanges) adjustments(name string, t *fund.Tranche) {
	for i := range t.Adjustments {
		a := &t.Adjustments[i]
		switch {
		case a.Act >= len(t.Acts) || a.Decided >= len(t.Acts) || a.Number != i+1:
			e.report(BadRecord, "%s: adjustment %d is by no act of it", name, a.Number)
		case a.Decided != 0 && relief.SameOfficial(t.Acts[a.Act].By, t.Acts[a.Decided].By):
			e.report(BadRecord, "%s: %s of %s decided about the adjustment that the same official proposed", name,
				t.Acts[a.Act].By.Name, t.Acts[a.Act].By.Agency)
		}
	}
}

// moved checks a new move of money against what allows it: an allocation, a confirmed adjustment, or a closed tranche that money came
// back to.
func (e *txChanges) moved(name string, t *fund.Tranche, m *fund.Move) {
	if m.Kind == fund.Allocated || m.From != t.ID && m.Kind != fund.ToppedUp || m.To != t.ID && m.Kind == fund.ToppedUp {
		return // the other tranche has the adjustment
	}
	if m.Adjustment == 0 {
		if t.State != fund.TrancheClosed {
			e.report(Money, "%s of %s left %s without a confirmed adjustment", m.Kind, m.Amount, name)
		}
		return
	}
	i := m.Adjustment - 1
	if i < 0 || i >= len(t.Adjustments) {
		e.report(BadRecord, "%s has a move of money by an adjustment that it does not have", name)
		return
	}
	if a := &t.Adjustments[i]; a.State != fund.AdjustmentConfirmed || a.Decided != m.Act || a.Kind != m.Kind || a.Amount != m.Amount ||
		a.Reason != m.Reason || a.Document != m.Document {
		e.report(Money, "%s has a move of money that differs from adjustment %d", name, m.Adjustment)
	}
}

// addMoves adds to balances what a tranche's moves make of them.
func addMoves(want *fund.Balances, t *fund.Tranche) {
	for i := range t.Moves {
		switch m := &t.Moves[i]; {
		case m.To == t.ID && (m.Kind == fund.ToppedUp || m.Kind == fund.CarriedOver):
			want.ToppedUp += m.Amount
		case m.From != t.ID:
		case m.Kind == fund.TakenBack:
			want.TakenBack += m.Amount
		case m.Kind == fund.CarriedOver:
			want.CarriedOver += m.Amount
		case m.Kind == fund.Refunded:
			want.Refunded += m.Amount
		}
	}
}

// fromAbove is what the tranche above has allocated to a tranche after its first amount, less what it took back; it may be negative.
func fromAbove(t *fund.Tranche) (sum relief.Fen) {
	for i := range t.Moves {
		switch m := &t.Moves[i]; {
		case m.Kind == fund.ToppedUp && m.To == t.ID && m.From == t.Parent && t.Parent != "":
			sum += m.Amount
		case m.Kind == fund.TakenBack && m.From == t.ID:
			sum -= m.Amount
		}
	}
	return sum
}

// bothEnds checks that the other tranche of each move of money has it, too.
func (e *txChanges) bothEnds(t *fund.Tranche) {
	for i := range t.Moves {
		m := &t.Moves[i]
		other := m.From
		if other == t.ID {
			other = m.To
		}
		if other == "" {
			continue
		}
		if o := e.Tranches[other]; o == nil || !slices.ContainsFunc(o.Moves, sameMove(t, o, m)) && m.Kind != fund.Allocated {
			e.report(Money, "tranche %s has a move of %s that tranche %s does not have", t.ID, m.Amount, other)
		}
	}
}

// sameMove finds a move of a tranche among those of another one: by the same transaction.
func sameMove(t, o *fund.Tranche, m *fund.Move) func(fund.Move) bool {
	return func(n fund.Move) bool {
		inBoth := m.Act < len(t.Acts) && n.Act < len(o.Acts) && t.Acts[m.Act].Tx == o.Acts[n.Act].Tx
		n.Act = m.Act
		return inBoth && n == *m
	}
}
