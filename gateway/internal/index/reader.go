package index

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// reader reads in one transaction, so at one height.
type reader struct {
	ctx   context.Context
	tx    *sql.Tx
	names *names

	troubled   bool // whether any value cannot be read
	passedRead bool
	passedList []passedOver
}

func (r *reader) each(query string, f func(*sql.Rows) error, args ...any) error {
	return sqldb.Each(r.ctx, r.tx, query, f, args...)
}

// one reads one row. ok is false when the query finds none.
func (r *reader) one(query string, args []any, into ...any) (ok bool, err error) {
	err = r.tx.QueryRowContext(r.ctx, query, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// height is how many blocks the index holds.
func (r *reader) height() (uint64, error) {
	var text string
	if _, err := r.one("SELECT value FROM meta WHERE name = 'height'", nil, &text); err != nil {
		return 0, err
	}
	height, err := strconv.ParseUint(text, 10, 43)
	if err != nil {
		return 0, fmt.Errorf("the index's height: %w", err)
	}
	return height, nil
}

// transactionColumns are the columns that txRow.columns reads.
const transactionColumns = "t.place, t.id, t.at, t.creator, t.function, t.code, t.endorsement"

// txRow is a row of the table transactions.
type txRow struct {
	txPos                                    int64
	id                                       []byte
	at, creator, function, code, endorsement int64
}

func (s *txRow) columns() []any {
	return []any{&s.txPos, &s.id, &s.at, &s.creator, &s.function, &s.code, &s.endorsement}
}

// transaction looks up what the numbers in a row stand for.
func (r *reader) transaction(s *txRow) (tx ledger.Transaction, err error) {
	tx = ledger.Transaction{
		ID: hex.EncodeToString(s.id), Block: blockOf(s.txPos), Index: indexInBlock(s.txPos), Time: time.UnixMilli(s.at).UTC(),
		Valid: s.code == validWord,
	}
	if tx.Creator, err = r.identity(s.creator); err != nil {
		return tx, err
	}
	if tx.Function, err = r.word(s.function); err != nil {
		return tx, err
	}
	if tx.Code, err = r.word(s.code); err != nil {
		return tx, err
	}
	tx.Endorsers, err = r.endorsers(s.endorsement)
	return tx, err
}

// transactionsAsked is how many transactions one statement asks for; the last one is repeated, so that there is one statement.
const transactionsAsked = 64

// transactionsAt finds the transactions at some places. Those that were read lately are in memory: they never change.
func (r *reader) transactionsAt(places []int64) (map[int64]*ledger.Transaction, error) {
	found := make(map[int64]*ledger.Transaction, len(places))
	var missing []any
	for _, at := range places {
		if _, known := found[at]; known {
			continue
		}
		tx, known := r.names.transactions.Get(at)
		if found[at] = tx; !known {
			missing = append(missing, at)
		}
	}
	for asked := range slices.Chunk(missing, transactionsAsked) {
		full := append(make([]any, 0, transactionsAsked), asked...)
		for len(full) < transactionsAsked {
			full = append(full, asked[0])
		}
		if err := r.readTransactions(found, full); err != nil {
			return nil, err
		}
	}
	for at, tx := range found {
		if tx == nil {
			return nil, fmt.Errorf("the index has no transaction %d of block %d", indexInBlock(at), blockOf(at))
		}
	}
	return found, nil
}

func (r *reader) readTransactions(found map[int64]*ledger.Transaction, places []any) error {
	var w sqldb.Where
	w.AddIn("t.place", places...)
	var read []txRow
	err := r.each("SELECT "+transactionColumns+" FROM transactions t WHERE "+w.String(), func(rows *sql.Rows) error {
		var s txRow
		err := rows.Scan(s.columns()...)
		read = append(read, s)
		return err
	}, w.Args...)
	if err != nil {
		return err
	}
	for i := range read {
		tx, err := r.transaction(&read[i])
		if err != nil {
			return err
		}
		found[read[i].txPos] = &tx
		r.names.transactions.Add(read[i].txPos, &tx)
	}
	return nil
}

// record is a record as a document, nil when there is none; *Unreadable for one that cannot be read.
func (r *reader) record(kind, name string) (json.RawMessage, error) {
	var value []byte
	found, err := r.one(latestVersion, []any{kind, name}, &value)
	if err != nil {
		return nil, err
	}
	if found {
		return stored.Document(kind, value)
	}
	return nil, r.requireRecord(kind, name)
}

// version is one version of a record that is a JSON document.
type version struct {
	tx      ledger.Transaction
	value   []byte
	deleted int // one of versionThere, versionDeleted, versionUnreadable
}

// versions lists a record's versions, oldest first.
func (r *reader) versions(kind, name string) ([]version, error) {
	var found []txRow
	var out []version
	err := r.each("SELECT "+transactionColumns+", v.value, v.deleted "+
		"FROM keys k JOIN versions v ON v.key = k.n JOIN transactions t ON t.place = v.place "+
		"WHERE k.kind = $1 AND k.name = $2 ORDER BY v.place", func(rows *sql.Rows) error {
		var s txRow
		var v version
		err := rows.Scan(append(s.columns(), &v.value, &v.deleted)...)
		found, out = append(found, s), append(out, v)
		return err
	}, kind, name)
	if err != nil {
		return nil, err
	}
	for i := range found {
		if out[i].tx, err = r.transaction(&found[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// roll is the number of a roll, 0 when the index has no such roll.
func (r *reader) roll(programme relief.ProgrammeID, county relief.Region) (n int64, err error) {
	_, err = r.one("SELECT n FROM rolls WHERE programme = $1 AND county = $2", []any{string(programme), string(county)}, &n)
	return n, err
}

// rollHolding is a person's entry on one roll.
type rollHolding struct {
	roll.Entry
	roll, txPos int64
	current     bool // the person's present entry of the programme; entries in other counties are past
}

// linked are all references of the human being whom a reference stands for, that one first.
func (r *reader) linked(ref relief.SubjectRef) ([]relief.SubjectRef, error) {
	refs := []relief.SubjectRef{ref}
	value, err := r.record(relief.KindLinked, ref.String())
	if err != nil || value == nil {
		return refs, err
	}
	var all roll.Linked
	if err := json.Unmarshal(value, &all); err != nil {
		return nil, err
	}
	for _, other := range all.Subjects {
		if other != ref {
			refs = append(refs, other)
		}
	}
	return refs, nil
}

// rollHoldings lists a person's present and past roll entries under all references of theirs, by programme and then by time; *Unreadable when a segment that the
// person is in cannot be read. Entitlements of one programme
// do not overlap, so the entry that begins last is the present one.
func (r *reader) rollHoldings(ref relief.SubjectRef) (out []rollHolding, err error) {
	refs, err := r.linked(ref)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		if out, err = r.holdingsOf(out, ref); err != nil {
			return nil, err
		}
	}
	for i := range out {
		if err := r.requireEntry(entryNumber(out[i].roll, out[i].Number)); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b rollHolding) int {
		return cmp.Or(cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.From.Code(), b.From.Code()), cmp.Compare(a.txPos, b.txPos))
	})
	for i := range out {
		out[i].current = i == len(out)-1 || out[i+1].Programme != out[i].Programme
	}
	return out, nil
}

// holdingsOf adds the entries under one reference.
func (r *reader) holdingsOf(out []rollHolding, ref relief.SubjectRef) ([]rollHolding, error) {
	err := r.each("SELECT r.programme, r.county, e.n, e.place, e.value FROM entries e CROSS JOIN rolls r "+
		"WHERE e.subject = $1 AND r.n = "+sqlRollOfEntry("e.n"),
		func(rows *sql.Rows) (err error) {
			var h rollHolding
			var name rollName
			var n int64
			var value []byte
			if err := rows.Scan(&name.programme, &name.county, &n, &h.txPos, &value); err != nil {
				return err
			}
			var number uint32
			h.roll, number = entryParts(n)
			h.Entry, err = entry(ref, value, name, number)
			out = append(out, h)
			return err
		}, ref[:])
	return out, err
}

// entry unpacks the value of a row of the table entries.
func entry(ref relief.SubjectRef, value []byte, name rollName, number uint32) (roll.Entry, error) {
	return roll.UnpackEntry(append(ref[:], value...), name.programme, name.county, number)
}
