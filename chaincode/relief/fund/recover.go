package fund

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Heir is the tranche to which money goes that comes back after a tranche was closed: the one that it was allocated from. It is ""
// for a tranche that is not closed and for one that has none above.
func (t *Tranche) Heir() relief.TrancheID {
	if t.State != TrancheClosed {
		return ""
	}
	return t.Parent
}

// Recover adds money that came back from somebody who was paid too much. It is available again; a closed tranche keeps no money
// and refunds it at once. What was paid stays paid: the bank credited it.
func Recover(t Tranche, amount relief.Fen, actor relief.Actor) (Tranche, error) {
	if _, err := relief.Next(Transitions, t.State, relief.ActOverpaymentConfirmRecovery); err != nil {
		return t, err
	}
	if err := actor.Follows(t.Acts); err != nil {
		return t, err
	}
	sum, err := t.Balances.Issued.Add(t.Balances.Recovered)
	if err != nil || amount < 0 || sum > relief.MaxFen-amount {
		return t, relief.Errorf(relief.CodeFunds, "tranche %s cannot take so much", t.ID)
	}
	t.Balances.Recovered += amount
	if t.State == TrancheClosed {
		t.Balances.Refunded += amount
	} else {
		t.Balances.Available += amount
	}
	t.Acts = append(slices.Clip(t.Acts), actor.Entry(relief.ActOverpaymentConfirmRecovery))
	return t, t.Balances.Check()
}
