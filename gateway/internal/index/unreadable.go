package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

// Unreadable is a value on the ledger that cannot be read. The index passes over it and goes on: what it holds of the record is
// from before, and is not given. A readable value under the same key ends that. It is the error of a question that the index
// cannot answer for such a value.
type Unreadable struct {
	Kind        string `json:"kind"`
	Key         string `json:"key"` // the key's attributes, such as dibao/530181/0000012
	Reason      string `json:"reason"`
	Block       uint64 `json:"block"`
	Transaction string `json:"transaction"`
	SHA256      string `json:"sha256"` // of the value; "" when it was deleted
}

// Name is the record's name, such as roll/dibao/530181/0000012.
func (u *Unreadable) Name() string { return recordName(u.Kind, u.Key) }

func (u *Unreadable) Error() string {
	return fmt.Sprintf("%s cannot be read (block %d, transaction %s): %s", u.Name(), u.Block, u.Transaction, u.Reason)
}

// passedOver is a row of the table unreadable.
type passedOver struct {
	Unreadable
	low, high int64 // entries of the roll for rolls and payees, payments for lines: those that the value is about
	raw       []byte
	value     []byte
}

// Values of the column deleted in the table versions.
const (
	versionThere      = 0
	versionDeleted    = 1
	versionUnreadable = 2
)

// corrupt is why a value is passed over. A store function returns it before it has written anything about the value.
type corrupt struct{ reason string }

func (c *corrupt) Error() string { return c.reason }

// asCorrupt makes the reader's refusal of a value a reason to pass over it. Any other error stays one.
func asCorrupt(err error) error {
	var refusal *relief.Error
	if errors.As(err, &refusal) && refusal.Code == relief.CodeCorrupt {
		return &corrupt{refusal.Detail}
	}
	return err
}

// check returns a reason to pass over a write.
func (wr *write) check() error {
	if !wr.gone {
		return asCorrupt(stored.Check(wr.key, wr.value))
	}
	switch wr.key.Kind {
	case relief.KindRoll, relief.KindPayees, relief.KindLines, relief.KindFurther:
		return &corrupt{"it was deleted"}
	}
	return nil
}

// passOver keeps that a write cannot be read, in place of what a store function keeps of it.
func (w *writer) passOver(ctx context.Context, tx string, wr *write, why *corrupt) error {
	if wr.n != 0 && !isSegment(wr.key.Kind) {
		if err := w.versions.Add(ctx, wr.n, wr.txPos, versionUnreadable, hashBytes(wr.value)); err != nil {
			return err
		}
	}
	low, high, err := w.numbersOf(ctx, wr.key)
	if err != nil {
		return err
	}
	err = w.exec(ctx, "INSERT INTO unreadable (kind, name, place, reason, low, high, raw, value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "+
		"ON CONFLICT (kind, name) DO UPDATE SET place = excluded.place, reason = excluded.reason, value = excluded.value",
		plain(wr.key.Kind), keyName(wr.key), wr.txPos, plain(why.reason), low, high, []byte(wr.raw), hashBytes(wr.value))
	if err != nil {
		return err
	}
	w.log.ErrorContext(ctx, "a value on the ledger cannot be read and was passed over; see gateway index unreadable",
		"record", recordName(plain(wr.key.Kind), keyName(wr.key)), "block", blockOf(wr.txPos), "tx", tx, "error", why.reason)
	w.unreadable[recordName(plain(wr.key.Kind), keyName(wr.key))] = true
	w.troubled, w.passedChanged = true, true
	return nil
}

// readable ends that a record cannot be read, after a write that can.
func (w *writer) readable(ctx context.Context, k relief.Key) error {
	if len(w.unreadable) == 0 {
		return nil
	}
	name := recordName(plain(k.Kind), keyName(k))
	if !w.unreadable[name] {
		return nil
	}
	delete(w.unreadable, name)
	w.passedChanged = true
	return w.exec(ctx, "DELETE FROM unreadable WHERE kind = $1 AND name = $2", plain(k.Kind), keyName(k))
}

func isSegment(kind string) bool {
	return kind == relief.KindRoll || kind == relief.KindPayees || holdsPayments(kind)
}

// holdsPayments reports whether the values of a kind are payments of a segment and period.
func holdsPayments(kind string) bool { return kind == relief.KindLines || kind == relief.KindFurther }

// numbersOf are the first and the last number that a segment's people or payments could have; both 0 for other records. Without
// the programme's segment size these are the numbers of the whole roll, or of the whole period.
func (w *writer) numbersOf(ctx context.Context, k relief.Key) (low, high int64, err error) {
	at, err := stored.SegmentOf(k)
	if !isSegment(k.Kind) || err != nil {
		return 0, 0, nil //nolint:nilerr // a malformed key is nobody's
	}
	rollID, err := w.roll(ctx, rollName{at.Programme, at.County})
	if err != nil {
		return 0, 0, err
	}
	first, last := uint32(0), uint32(numberMask)
	var why *corrupt
	switch size, err := w.programmeSize(ctx, at.Programme); {
	case errors.As(err, &why):
	case err != nil:
		return 0, 0, err
	case uint64(at.Segment+1)*uint64(size) <= numberMask:
		first, last = at.Segment*size, (at.Segment+1)*size-1
	}
	if !holdsPayments(k.Kind) {
		return entryNumber(rollID, first), entryNumber(rollID, last), nil
	}
	period, err := relief.ParsePeriod(k.Attrs[2])
	from := spanLow(rollID, period)
	return paymentNumber(from, first, 0), paymentNumber(from, last, attemptMask), err
}

const (
	selectPassed = "SELECT u.kind, u.name, u.place, u.reason, u.low, u.high, u.raw, u.value, t.id FROM unreadable u " +
		"JOIN transactions t ON t.place = u.place"
	passedQuery = selectPassed + " ORDER BY u.place, u.kind, u.name"
	passedOne   = selectPassed + " WHERE u.kind = $1 AND u.name = $2"
)

func scanPassed(rows *sql.Rows) (p passedOver, err error) {
	var txPos int64
	var id []byte
	err = rows.Scan(&p.Kind, &p.Key, &txPos, &p.Reason, &p.low, &p.high, &p.raw, &p.value, &id)
	p.Block, p.Transaction = blockOf(txPos), hex.EncodeToString(id)
	if len(p.value) > 0 {
		sum := sha256.Sum256(p.value)
		p.SHA256 = hex.EncodeToString(sum[:])
	}
	return p, err
}

// passed are the values that cannot be read. Nearly always there is none, which costs nothing.
func (r *reader) passed() (list []passedOver, err error) {
	if !r.troubled || r.passedRead {
		return r.passedList, nil
	}
	err = r.each(passedQuery, func(rows *sql.Rows) error {
		p, err := scanPassed(rows)
		r.passedList = append(r.passedList, p)
		return err
	})
	r.passedRead = err == nil
	return r.passedList, err
}

// require returns *Unreadable for the first value that cannot be read and is about what is asked.
func (r *reader) require(about func(p *passedOver) bool) error {
	list, err := r.passed()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(p passedOver) bool { return about(&p) }); i >= 0 {
		return &list[i].Unreadable
	}
	return nil
}

// requireRecord returns *Unreadable for a record that cannot be read. It reads no others: there may be many, and records that
// nobody has written are asked for often.
func (r *reader) requireRecord(kind, name string) error {
	if !r.troubled || r.passedRead {
		return r.require(func(p *passedOver) bool { return p.Kind == kind && p.Key == name })
	}
	var found *Unreadable
	err := r.each(passedOne, func(rows *sql.Rows) error {
		p, err := scanPassed(rows)
		found = &p.Unreadable
		return err
	}, kind, name)
	if err != nil || found == nil {
		return err
	}
	return found
}

// requireEntry returns *Unreadable when the segment of a roll entry, or its payees, cannot be read.
func (r *reader) requireEntry(n int64) error {
	return r.require(func(p *passedOver) bool { return p.hasEntry(n) })
}

func (p *passedOver) hasEntry(n int64) bool {
	return (p.Kind == relief.KindRoll || p.Kind == relief.KindPayees) && p.low <= n && n <= p.high && p.high > 0
}

func (p *passedOver) hasPayment(n int64) bool {
	rollID, _, number, _ := paymentParts(n)
	return holdsPayments(p.Kind) && p.low <= n && n <= p.high || p.hasEntry(entryNumber(rollID, number))
}

// hasLines reports whether the value is about payments to a roll number in the spans from low to high.
func (p *passedOver) hasLines(number uint32, low, high int64) bool {
	_, _, from, _ := paymentParts(p.low)
	_, _, to, _ := paymentParts(p.high)
	return holdsPayments(p.Kind) && p.high >= low && p.low < high+spanSize && from <= number && number <= to
}

// withoutPassed leaves out payments of which the index has only what was before a value that cannot be read: those of a segment,
// and those that wait in a batch for the bank's answer.
func (r *reader) withoutPassed(w *sqldb.Where) error {
	list, err := r.passed()
	for i := range list {
		switch p := &list[i]; p.Kind {
		case relief.KindLines, relief.KindFurther:
			w.Add("NOT (p.n BETWEEN ? AND ?)", p.low, p.high)
		case relief.KindRoll, relief.KindPayees:
			w.Add("NOT ("+sqlEntryOfPayment("p.n")+" BETWEEN ? AND ?)", p.low, p.high)
		case relief.KindBatch:
			w.Add(fmt.Sprintf("NOT (b.id = ? AND p.state = %d)", stateListed), p.Key)
		}
	}
	return err
}

// requirePayment returns *Unreadable when the segment of a payment or its person's, or the payment's batch, cannot be read.
func (r *reader) requirePayment(n int64) error {
	list, err := r.passed()
	if err != nil || len(list) == 0 {
		return err
	}
	var batch string
	if _, err := r.one("SELECT b.id FROM payments p JOIN batches b ON b.n = p.batch WHERE p.n = $1", []any{n}, &batch); err != nil {
		return err
	}
	return r.require(func(p *passedOver) bool { return p.hasPayment(n) || p.Kind == relief.KindBatch && p.Key == batch })
}

// requireRoll returns *Unreadable when a total of a roll's people and payments would be wrong: any segment of the roll or of its
// payments, or any batch, cannot be read.
func (r *reader) requireRoll(name rollName) error {
	prefix := string(name.programme) + "/" + string(name.county) + "/"
	return r.require(func(p *passedOver) bool {
		return p.Kind == relief.KindBatch || isSegment(p.Kind) && strings.HasPrefix(p.Key, prefix)
	})
}

// missing names the records of some kinds that a list may lack because they cannot be read.
func (r *reader) missing(kinds ...string) (names []string, err error) {
	list, err := r.passed()
	for i := range list {
		if slices.Contains(kinds, list[i].Kind) {
			names = append(names, list[i].Name())
		}
	}
	return names, err
}

// Unreadable lists the values on the ledger that cannot be read, in ledger order.
func (ix *Index) Unreadable() []Unreadable {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.unreadable
}

// readPassed reads which values cannot be read, for those who ask without a question to the database.
func (ix *Index) readPassed(ctx context.Context) error {
	list, err := ix.passedOver(ctx)
	if err != nil {
		return err
	}
	all := make([]Unreadable, len(list))
	for i := range list {
		all[i] = list[i].Unreadable
	}
	ix.troubled.Store(len(all) > 0)
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.unreadable = all
	return nil
}

func (ix *Index) passedOver(ctx context.Context) (list []passedOver, err error) {
	rows, err := ix.db.QueryContext(ctx, passedQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanPassed(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// RepairDraft is a value that cannot be read with what a repair of it names, and the last value under its key that could be read:
// nil when the index has none. What the corrupt write was to change is not in it.
type RepairDraft struct {
	Unreadable
	Attrs []string
	Last  []byte
}

// RepairDrafts are the drafts of repairs of all values that cannot be read.
func (ix *Index) RepairDrafts(ctx context.Context) (drafts []RepairDraft, err error) {
	list, err := ix.passedOver(ctx)
	if err != nil {
		return nil, err
	}
	err = ix.view(ctx, func(r *reader) error {
		for i := range list {
			d := RepairDraft{Unreadable: list[i].Unreadable}
			if k, ok := relief.ParseKey(string(list[i].raw)); ok {
				d.Attrs = k.Attrs
			}
			if d.Last, err = r.lastReadable(&list[i]); err != nil {
				return err
			}
			drafts = append(drafts, d)
		}
		return nil
	})
	return drafts, err
}

func (r *reader) lastReadable(p *passedOver) (value []byte, err error) {
	query, args := "SELECT v.value FROM keys k JOIN versions v ON v.key = k.n WHERE k.kind = $1 AND k.name = $2 AND v.deleted = 0 "+
		"ORDER BY v.place DESC LIMIT 1", []any{p.Kind, p.Key}
	switch p.Kind {
	case relief.KindRoll, relief.KindLines, relief.KindFurther:
		query = "SELECT s.value FROM keys k JOIN segments s ON s.key = k.n WHERE k.kind = $1 AND k.name = $2"
	case relief.KindPayees:
		query, args = "SELECT value FROM payees WHERE n = $1", []any{p.low}
	}
	_, err = r.one(query, args, &value)
	return value, err
}
