package fund

import (
	"relieftrail/chaincode/relief"
)

// Recover adds money that came back from somebody who was paid too much. It is available again; a closed tranche keeps no money
// and refunds it at once. What was paid stays paid: the bank credited it.
func Recover(t Tranche, amount relief.Fen, actor relief.Actor) (Tranche, error) {
	if _, err := relief.Next(Transitions, t.State, relief.ActOverpaymentConfirmRecovery); err != nil {
		return t, err
	}
	if err := actor.Follows(t.Acts); err != nil {
		return t, err
	}
	if amount < 0 || amount > relief.MaxFen {
		return t, relief.Errorf(relief.CodeFunds, "tranche %s cannot take so much", t.ID)
	}
	t.Balances.Recovered += amount
	t.Balances.Available += amount
	t.record(relief.ActOverpaymentConfirmRecovery, actor)
	if t.State == TrancheClosed && amount > 0 {
		return t, t.carryOut(Move{Kind: Refunded, From: t.ID, Amount: amount}, nil)
	}
	return t, t.Balances.Check()
}
