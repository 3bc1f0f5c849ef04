package bankdesk

import (
	"context"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/boltstore"
)

// RecoveredPart is the part of an entry that was proposed as the recovery of an overpayment.
type RecoveredPart struct {
	Overpayment relief.OverpaymentID `json:"overpayment"`
	Amount      relief.Fen           `json:"amount"`
}

// left is what of an exception's entry no recovery has.
func (x *Exception) left() relief.Fen {
	if x.Amount == nil {
		return 0
	}
	left := *x.Amount
	for i := range x.Recoveries {
		left -= x.Recoveries[i].Amount
	}
	return max(left, 0)
}

// NoteRecovery keeps with an exception that a part of its entry is the recovery of an overpayment. The entry is classified as a recovery, and
// the exception is open as long as a part of it is left. Proposed again for the same overpayment it is that part which counts.
func (d *Desk) NoteRecovery(ctx context.Context, id string, part RecoveredPart, by string) error {
	d.resolving.Lock()
	defer d.resolving.Unlock()
	messages := map[string]bool{}
	err := d.store.Update(func(tx *boltstore.Tx) error {
		x, found, err := bucketExceptions.Get(tx, id)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		x.recovered(part)
		x.State = StateOpen
		x.Resolution = &Resolution{Action: ActionClassify, As: string(statement.Recovery), By: by, At: d.options.Now().UTC()}
		if x.left() == 0 {
			x.State = StateResolved
			messages[x.Message] = true
		}
		return putException(tx, &x)
	})
	if err != nil {
		return err
	}
	return d.dropUnused(ctx, messages)
}

func (x *Exception) recovered(part RecoveredPart) {
	for i := range x.Recoveries {
		if x.Recoveries[i].Overpayment == part.Overpayment {
			x.Recoveries[i].Amount = part.Amount
			return
		}
	}
	x.Recoveries = append(x.Recoveries, part)
}
