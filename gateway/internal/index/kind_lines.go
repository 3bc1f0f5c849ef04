package index

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// difference says how a packed value of payments differs from the one before it, and how many slots it has.
type difference struct {
	slots   int
	changes []payment.LineChange
	removed []payment.Line
}

// storeLines stores a packed segment of payments. Only payments that the write changes get a new version.
func storeLines(ctx context.Context, w *writer, wr *write) error {
	return w.storePayments(ctx, wr, func(value, was []byte) (difference, error) {
		after, err1 := payment.ParseLineSegment(value)
		before, err2 := payment.ParseLineSegment(was)
		if err := errors.Join(err1, err2); err != nil {
			return difference{}, err
		}
		return difference{after.Len(), after.Changes(&before), after.Removed(&before)}, nil
	})
}

// storeFurther stores the packed further payments of a segment. Their numbers are those of the period's payments: no line has
// the number of a further payment.
func storeFurther(ctx context.Context, w *writer, wr *write) error {
	return w.storePayments(ctx, wr, func(value, was []byte) (difference, error) {
		after, err1 := payment.ParseFurther(value)
		before, err2 := payment.ParseFurther(was)
		if err := errors.Join(err1, err2); err != nil {
			return difference{}, err
		}
		return difference{after.Len(), listedChanges(after.Changes(&before)), after.Removed(&before)}, nil
	})
}

// listedChanges leaves out grants that no batch holds: for the index a grant is a payment from the batch on that lists it.
func listedChanges(changes []payment.LineChange) []payment.LineChange {
	kept := changes[:0]
	for _, c := range changes {
		if c.Before.State == payment.LineGranted {
			c.Before = payment.Line{}
		}
		if c.After.State != payment.LineGranted {
			kept = append(kept, c)
		}
	}
	return kept
}

// storePayments stores a packed value of payments. compare says how it differs from the one before it.
func (w *writer) storePayments(ctx context.Context, wr *write, compare func(value, was []byte) (difference, error)) error {
	programme, county, period, segment, err := linesKey(wr.key)
	if err != nil {
		return err
	}
	was, err := w.segment(ctx, wr.n)
	if err != nil {
		return err
	}
	d, err := compare(wr.value, was)
	if err != nil {
		return err
	}
	size, err := w.fittingSize(ctx, programme, wr, d.slots)
	if err != nil {
		return err
	}
	if err := w.requireHashes(d.changes); err != nil {
		return err
	}
	if err := storeSegment(ctx, w, wr); err != nil {
		return err
	}
	rollID, err := w.roll(ctx, rollName{programme, county})
	if err != nil {
		return err
	}
	low, err := w.span(ctx, rollID, period)
	if err != nil {
		return err
	}
	at := roll.SegmentAddr{Programme: programme, County: county, Segment: segment, Size: size}
	if err := w.addUp(ctx, at, period, &d); err != nil {
		return err
	}
	if err := w.removedLines(ctx, wr.txPos, low, segment*size, d.removed); err != nil {
		return err
	}
	if err := w.bookLines(ctx, at, low, d.changes); err != nil {
		return err
	}
	return w.lineChanges(ctx, wr.txPos, low, segment*size, d.changes)
}

// requireHashes refuses a credit without the hash of its leaf once credits have one: the log could not go on behind it.
func (w *writer) requireHashes(changes []payment.LineChange) error {
	for i := range changes {
		before, after := &changes[i].Before, &changes[i].After
		if after.State != payment.LineCredited || before.State == payment.LineCredited {
			continue
		}
		hashed := after.Leaf != [hashSize]byte{}
		if w.hashedLeaves && !hashed {
			return &corrupt{"a credit has no hash of a leaf"}
		}
		w.hashedLeaves = w.hashedLeaves || hashed
	}
	return nil
}

// linesKey parses the key of a segment's lines, or of its further payments.
func linesKey(k relief.Key) (relief.ProgrammeID, relief.Region, relief.Period, uint32, error) {
	if len(k.Attrs) != 4 {
		return "", "", relief.Period{}, 0, relief.Errorf(relief.CodeCorrupt, "a segment of payments has a malformed key")
	}
	programme, err1 := relief.ParseProgrammeID(k.Attrs[0])
	county, err2 := relief.ParseRegion(k.Attrs[1])
	period, err3 := relief.ParsePeriod(k.Attrs[2])
	segment, err4 := relief.ParseSegment(k.Attrs[3])
	return programme, county, period, segment, errors.Join(err1, err2, err3, err4)
}

// chunkTotal counts the payments of one batch that one transaction changed.
type chunkTotal struct {
	id    relief.BatchID
	batch int64 // the number of the batch's key
	lines int64
	sum   relief.Fen // of what is transferred
}

func (w *writer) lineChanges(ctx context.Context, txPos, low int64, first uint32, changes []payment.LineChange) error {
	added := 0
	bankAnswers := answers{w: w, txPos: txPos}
	var noted batchDay // neighbours are mostly answered on one day
	for i := range changes {
		c := &changes[i]
		total, err := w.totalOf(ctx, c.After.Batch)
		if err != nil {
			return err
		}
		total.lines++
		total.sum += c.After.Amount - c.After.Deducted
		if c.Before.Attempt == 0 {
			added++
		}
		n := paymentNumber(low, first+uint32(c.After.Position), c.After.Attempt) //nolint:gosec // below 1000
		if err := w.archiveLine(ctx, n, c); err != nil {
			return err
		}
		if c.Before.Attempt == 0 || relisted(c) {
			w.rows++
			if err := w.payments.Add(ctx, n, total.batch, int64(c.After.Kind), int64(c.After.Amount), int64(c.After.Deducted), int64(c.After.Seq), txPos); err != nil {
				return err
			}
		}
		if err := bankAnswers.add(ctx, n, c); err != nil {
			return err
		}
		if day := (batchDay{total.batch, int64(c.After.Day)}); day != noted {
			if err := w.answeredOn(ctx, day); err != nil {
				return err
			}
			noted = day
		}
	}
	if err := bankAnswers.flush(ctx); err != nil {
		return err
	}
	// The next write may change the same payments, and one statement must not change a row twice.
	if err := w.payments.Flush(ctx); err != nil {
		return err
	}
	if added == 0 {
		return nil
	}
	return w.exec(ctx, "UPDATE spans SET payments = payments + $1 WHERE low = $2", added, low)
}

// totalOf returns the counts of a batch in the current transaction, over all segments. The pointer is valid until the next
// call.
func (w *writer) totalOf(ctx context.Context, id relief.BatchID) (*chunkTotal, error) {
	at := slices.IndexFunc(w.totals, func(t chunkTotal) bool { return t.id == id })
	if at < 0 {
		batch, err := w.keyNumber(ctx, relief.BatchKey(id))
		if err != nil {
			return nil, err
		}
		at, w.totals = len(w.totals), append(w.totals, chunkTotal{id: id, batch: batch})
	}
	return &w.totals[at], nil
}

// relisted reports whether a payment was listed before and is listed again.
func relisted(c *payment.LineChange) bool {
	before, after := &c.Before, &c.After
	return before.Attempt != 0 &&
		(!after.Answered() || before.Batch != after.Batch || before.Amount != after.Amount || before.Deducted != after.Deducted ||
			before.Kind != after.Kind || before.Seq != after.Seq)
}

// archiveLine copies to line_history what a new version replaces: the row itself holds only the last listing and the bank's
// last answer.
func (w *writer) archiveLine(ctx context.Context, n int64, c *payment.LineChange) error {
	if c.Before.Answered() {
		err := w.exec(ctx, archive+"SELECT p.n, p.answered, p.state, p.batch, p.kind, p.amount, p.deducted, p.line, p.day, "+reasonOf+
			", p.bank_ref FROM payments p WHERE p.n = $1", n)
		if err != nil {
			return err
		}
	}
	if relisted(c) {
		if err := w.exec(ctx, archiveListing, n); err != nil {
			return err
		}
	}
	if cameBack(&c.Before) && !cameBack(&c.After) {
		return w.exec(ctx, "DELETE FROM returns WHERE n = $1", n)
	}
	return nil
}

// archive begins a statement that copies a version of a payment to line_history; archiveListing copies the last listing.
const archive = "INSERT INTO line_history (payment, place, state, batch, kind, amount, deducted, line, day, reason, bank_ref) "

var archiveListing = archive + "SELECT n, listed, " + strconv.Itoa(stateListed) +
	", batch, kind, amount, deducted, line, 0, '', NULL FROM payments WHERE n = $1"

// removedLines archives payments that were taken out of an open batch, and that they were. Their rows go.
func (w *writer) removedLines(ctx context.Context, txPos, low int64, first uint32, lines []payment.Line) error {
	if len(lines) == 0 {
		return nil
	}
	if err := w.payments.Flush(ctx); err != nil {
		return err
	}
	for i := range lines {
		l := &lines[i]
		total, err := w.totalOf(ctx, l.Batch)
		if err != nil {
			return err
		}
		total.lines++
		total.sum += l.Amount - l.Deducted
		n := paymentNumber(low, first+uint32(l.Position), l.Attempt) //nolint:gosec // below 1000
		if err := w.exec(ctx, archiveListing, n); err != nil {
			return err
		}
		err = w.exec(ctx, archive+"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', NULL)",
			n, txPos, stateFree, total.batch, int64(l.Kind), int64(l.Amount), int64(l.Deducted), int64(l.Seq))
		if err != nil {
			return err
		}
		for _, table := range []string{"payments", "residences"} {
			if err := w.exec(ctx, "DELETE FROM "+table+" WHERE n = $1", n); err != nil {
				return err
			}
		}
	}
	return w.exec(ctx, "UPDATE spans SET payments = payments - $1 WHERE low = $2", len(lines), low)
}

// cameBack reports whether the bank sent the money back.
func cameBack(l *payment.Line) bool {
	return l.State == payment.LineReturned || l.State == payment.LineReversed
}

// noRows turns the error of a query without rows into nil.
func noRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}
