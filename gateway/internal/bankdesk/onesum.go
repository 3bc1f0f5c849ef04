package bankdesk

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/boltstore"
)

// bookedAsPayments sums the entries of statements of which finance says that they are payments that were recorded in another way: many banks
// book a payment file in one sum, and tell its payments' results in a list or a status report. visit gives the tallies that an entry counts
// in, nil for none.
func bookedAsPayments(tx *boltstore.Tx, visit func(x *Exception) (paid, back *Tally)) error {
	for c := bucketExceptions.All(tx); c.Next(); {
		x, err := c.Value()
		if err != nil {
			return err
		}
		r := x.Resolution
		if x.Booked == nil || r == nil || r.Action != ActionClassify || r.As != string(statement.Payment) || withdrawnStatement(tx, x.Message, x.Place) {
			continue
		}
		amount := *x.Booked
		to, back := visit(&x)
		if amount > 0 {
			to = back
		}
		if to != nil {
			to.Count++
			to.Sum += relief.Fen(max(amount, -amount))
		}
	}
	return nil
}
