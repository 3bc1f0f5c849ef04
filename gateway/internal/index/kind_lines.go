package index

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"relieftrail/chaincode/relief"
)

// storeLines takes a segment of payments apart: each payment's version is its own change only.
func storeLines(ctx context.Context, w *writer, wr *write) error {
	programme, county, period, segment, err := linesKey(wr.key)
	if err != nil {
		return err
	}
	if wr.gone {
		return relief.Errorf(relief.CodeCorrupt, "a segment of payments was deleted")
	}
	size, err := w.programmeSize(ctx, programme)
	if err != nil {
		return err
	}
	value, err := storeSegment(ctx, w, wr)
	if err != nil {
		return err
	}
	before, err := relief.ParseLineSegment(value)
	if err != nil {
		return err
	}
	after, err := relief.ParseLineSegment(wr.value)
	if err != nil {
		return err
	}
	roll, err := w.roll(ctx, rollName{programme, county})
	if err != nil {
		return err
	}
	low, err := w.span(ctx, roll, period)
	if err != nil {
		return err
	}
	return w.lineChanges(ctx, wr.place, low, segment*size, after.Changes(&before))
}

// linesKey takes the key of a segment of payments apart.
func linesKey(k relief.Key) (relief.ProgrammeID, relief.Region, relief.Period, uint32, error) {
	if len(k.Attrs) != 4 {
		return "", "", relief.Period{}, 0, relief.Errorf(relief.CodeCorrupt, "a key of a lines segment")
	}
	programme, err1 := relief.ParseProgrammeID(k.Attrs[0])
	county, err2 := relief.ParseRegion(k.Attrs[1])
	period, err3 := relief.ParsePeriod(k.Attrs[2])
	segment, err4 := relief.ParseSegment(k.Attrs[3])
	return programme, county, period, segment, errors.Join(err1, err2, err3, err4)
}

// chunkTotal is what one transaction changed of one batch.
type chunkTotal struct {
	batch int64
	lines int64
	sum   relief.Fen
}

func (w *writer) lineChanges(ctx context.Context, place, low int64, first uint32, changes []relief.LineChange) error {
	added := 0
	for i := range changes {
		c := &changes[i]
		batch, err := w.keyNumber(ctx, relief.BatchKey(c.After.Batch))
		if err != nil {
			return err
		}
		w.count(batch, c.After.Amount)
		if c.Before.Attempt == 0 {
			added++
		}
		n := paymentNumber(low, first+uint32(c.After.Position), c.After.Attempt) //nolint:gosec // below 1000
		if err := w.lineChange(ctx, place, n, batch, c); err != nil {
			return err
		}
	}
	// The next write may touch the same payments, which one statement must not do twice.
	if err := w.payments.flush(ctx); err != nil {
		return err
	}
	if added == 0 {
		return nil
	}
	return w.exec(ctx, "UPDATE spans SET payments = payments + $1 WHERE low = $2", added, low)
}

// count adds a payment that the transaction changed to what it changed of a batch, in whichever segments.
func (w *writer) count(batch int64, amount relief.Fen) {
	at := slices.IndexFunc(w.totals, func(t chunkTotal) bool { return t.batch == batch })
	if at < 0 {
		at, w.totals = len(w.totals), append(w.totals, chunkTotal{batch: batch})
	}
	w.totals[at].lines++
	w.totals[at].sum += amount
}

// lineChange writes what a payment has become. Its listing and the bank's answer have their places in the row; a
// version that neither of them tells any more moves to line_history first.
func (w *writer) lineChange(ctx context.Context, place, n, batch int64, c *relief.LineChange) error {
	before, after := &c.Before, &c.After
	if err := w.keepVersions(ctx, place, n, before, after); err != nil {
		return err
	}
	return w.putLine(ctx, place, n, batch, before, after)
}

// keepVersions moves what the row tells no more to line_history.
func (w *writer) keepVersions(ctx context.Context, place, n int64, before, after *relief.Line) error {
	relisted := before.Attempt != 0 && (!after.Answered() || before.Batch != after.Batch || before.Amount != after.Amount || before.Seq != after.Seq)
	if before.Answered() {
		if err := w.exec(ctx, keepVersion+"SELECT n, answered, state, batch, amount, line, day, reason, bank_ref FROM payments WHERE n = $1", n); err != nil {
			return err
		}
	}
	if relisted {
		if err := w.exec(ctx, keepVersion+"SELECT n, listed, 1, batch, amount, line, 0, '', NULL FROM payments WHERE n = $1", n); err != nil {
			return err
		}
		if err := w.exec(ctx, "UPDATE payments SET listed = $1 WHERE n = $2", place, n); err != nil {
			return err
		}
	}
	return nil
}

// putLine writes the row, and the leaf of a new credit.
func (w *writer) putLine(ctx context.Context, place, n, batch int64, before, after *relief.Line) error {
	var answered, leaf int64
	var reason string
	var bankRef []byte
	if after.Answered() {
		answered = place
		bankRef = after.BankRef[:]
		if after.Reason != [4]byte{} {
			reason = string(after.Reason[:])
		}
	}
	if after.State == relief.LineCredited && before.State != relief.LineCredited {
		if err := w.leaves.add(ctx, w.leafCount, n, place, leafHash(after)); err != nil {
			return err
		}
		w.leafCount++
		leaf = w.leafCount
		w.rows++
	}
	if err := w.returned(ctx, n, before, after, reason); err != nil {
		return err
	}
	w.rows++
	return w.payments.add(ctx, n, batch, int64(after.Amount), int64(after.Seq), slices.Index(lineStates, after.State),
		int64(after.Day), reason, bankRef, place, answered, leaf)
}

// returned keeps the list of what came back.
func (w *writer) returned(ctx context.Context, n int64, before, after *relief.Line, reason string) error {
	back := func(l *relief.Line) bool { return l.State == relief.LineSentBack || l.State == relief.LineReversed }
	switch {
	case back(after):
		return w.exec(ctx, "INSERT INTO returns (n, state, reason) VALUES ($1, $2, $3) "+
			"ON CONFLICT (n) DO UPDATE SET state = excluded.state, reason = excluded.reason", n, slices.Index(lineStates, after.State), reason)
	case back(before):
		return w.exec(ctx, "DELETE FROM returns WHERE n = $1", n)
	}
	return nil
}

const keepVersion = "INSERT INTO line_history (payment, place, state, batch, amount, line, day, reason, bank_ref) "

// leafHash is the hash of a credited payment's leaf, nil where the ledger has none.
func leafHash(l *relief.Line) []byte {
	if l.Leaf == [32]byte{} {
		return nil
	}
	return l.Leaf[:]
}

func noRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
