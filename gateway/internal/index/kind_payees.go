package index

import (
	"context"

	"relieftrail/chaincode/relief/roll"
)

// storePayees stores whom the money of a segment's people is paid to, and for whom that has changed.
func storePayees(ctx context.Context, w *writer, wr *write) error {
	programme, county, segment, err := rollKey(wr.key)
	if err != nil {
		return err
	}
	after, err := roll.ParsePayees(wr.value)
	if err != nil {
		return err
	}
	size, err := w.fittingSize(ctx, programme, wr, after.Len())
	if err != nil {
		return err
	}
	rollID, err := w.roll(ctx, rollName{programme, county})
	if err != nil {
		return err
	}
	first := entryNumber(rollID, segment*size)
	s, err := w.statement(ctx, "SELECT value FROM payees WHERE n = $1")
	if err != nil {
		return err
	}
	var value []byte
	if err := noRows(s.QueryRowContext(ctx, first).Scan(&value)); err != nil {
		return err
	}
	before, err := roll.ParsePayees(value)
	if err != nil {
		return err
	}
	if err := w.payeeChanges(ctx, wr.txPos, first, before, after); err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO payees (n, value) VALUES ($1, $2) "+
		"ON CONFLICT (n) DO UPDATE SET value = excluded.value", first, wr.value)
}

// payeeChanges stores which payees differ from the version before. first is the number of the segment's first entry.
func (w *writer) payeeChanges(ctx context.Context, txPos, first int64, before, after roll.Payees) error {
	for i := range before.Len() {
		was, is := before.Payee(i), after.Payee(i)
		if was == is {
			continue // the same, or given again with the same name and account
		}
		err := w.exec(ctx, "INSERT INTO payee_changes (entry, place, name, account) VALUES ($1, $2, $3, $4)",
			first+int64(i), txPos, boolNumber(was.Name != is.Name), boolNumber(was.Account != is.Account))
		if err != nil {
			return err
		}
	}
	return nil
}

func boolNumber(b bool) int {
	if b {
		return 1
	}
	return 0
}
