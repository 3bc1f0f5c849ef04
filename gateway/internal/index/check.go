package index

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
)

// Difference is the first place where the index does not say what the ledger does.
type Difference struct {
	Block       uint64
	Transaction string // "" when the difference is in no transaction
	Record      string // such as payment/dibao-530181-0000298-202611-1
	Field       string // such as amount; "" when the index has the record and the ledger not, or the other way round
	Index       string // what the index says; "(nothing)" when it has not got it
	Ledger      string // what the ledger says
}

func (d *Difference) String() string {
	s := fmt.Sprintf("block %d", d.Block)
	if d.Transaction != "" {
		s += ", transaction " + d.Transaction
	}
	s += ", " + d.Record
	if d.Field != "" {
		s += ", field " + d.Field
	}
	return s + ": the index says " + d.Index + ", the ledger " + d.Ledger
}

const nothing = "(nothing)"

// Check reads the whole ledger again, makes an index of it in a folder for temporary files, and compares row by row. It
// answers the earliest difference, nil when there is none, and how many blocks were compared. The gateway may go on.
func (ix *Index) Check(ctx context.Context, tempDir string, progress func(done, of uint64)) (d *Difference, height uint64, err error) {
	now, err := ix.ledger.Height(ctx)
	if err != nil {
		return nil, 0, err
	}
	dir, err := os.MkdirTemp(tempDir, "index-check-")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	shadow, err := Open(ctx, filepath.Join(dir, "index.db"), ix.ledger, ix.log)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, shadow.Close()) }()
	err = ix.view(ctx, func(r *reader) error {
		var text string
		if _, err := r.one("SELECT value FROM meta WHERE name = 'height'", nil, &text); err != nil {
			return err
		}
		if height, err = strconv.ParseUint(text, 10, 63); err != nil {
			return fmt.Errorf("the index's height: %w", err)
		}
		if height > now {
			d = &Difference{Block: now, Record: "meta/height", Index: text + " blocks", Ledger: strconv.FormatUint(now, 10) + " blocks"}
			return nil
		}
		if err := shadow.upTo(ctx, height, progress); err != nil {
			return err
		}
		return shadow.view(ctx, func(s *reader) error {
			d, err = compare(r, s)
			return err
		})
	})
	return d, height, err
}

// compared says how a table is compared: in the order of its key, which is its first columns.
type compared struct {
	table, columns string
	keys           int
	// place is the column that says where a row came from, -1 when the table has none.
	txPos int
	// record names a row.
	record func(r *reader, row []any) (string, error)
}

var comparedTables = []compared{
	{"blocks", "number, hash, transactions", 1, 0, named("block")},
	{"transactions", "place, id, at, creator, function, code, endorsement", 1, 0, func(*reader, []any) (string, error) { return "transaction", nil }},
	{"identities", "n, agency, name, role, region", 1, -1, named("identity")},
	{"words", "n, word", 1, -1, named("word")},
	{"endorsements", "n, members", 1, -1, named("endorsement")},
	{"keys", "n, kind, name, place", 1, -1, func(_ *reader, row []any) (string, error) { return recordName(text(row[1]), text(row[2])), nil }},
	{"writes", "place, key", 2, 0, keyed(1)},
	{"versions", "key, place, deleted, value", 2, 1, keyed(0)},
	{"segments", "key, value", 1, -1, keyed(0)},
	{"batches", "n, id, programme, region, period, roll, tranche, state, preparer, approver, authoriser", 1, -1, keyed(0)},
	{"cases", "n, id, programme, region, head, state, due, recheck, finding", 1, -1, keyed(0)},
	{"chunks", "batch, place, lines, sum", 2, 1, keyed(0)},
	{"rolls", "n, programme, county", 1, -1, named("roll")},
	{"spans", "low, roll, period, payments", 1, -1, named("span")},
	{"entries", "n, subject, region, place, value", 1, 3, entryRecord},
	{"entry_versions", "entry, place, value", 2, 1, entryRecord},
	{"payments", "n, batch, amount, line, state, day, listed, answered, leaf", 1, 6, paymentRecord(0)},
	{"returns", "n, state, reason, bank_ref", 1, -1, paymentRecord(0)},
	{"line_history", "payment, place, state, batch, amount, line, day, reason, bank_ref", 2, 1, paymentRecord(0)},
	{"leaves", "n, payment, place, hashes, bank_refs", 1, 2, paymentRecord(1)},
}

func named(kind string) func(*reader, []any) (string, error) {
	return func(_ *reader, row []any) (string, error) { return kind + "/" + text(row[0]), nil }
}

func keyed(column int) func(*reader, []any) (string, error) {
	return func(r *reader, row []any) (string, error) {
		var kind, name string
		ok, err := r.one("SELECT kind, name FROM keys WHERE n = $1", []any{row[column]}, &kind, &name)
		if err != nil || !ok {
			return "key/" + text(row[column]), err
		}
		return recordName(kind, name), nil
	}
}

func entryRecord(r *reader, row []any) (string, error) {
	rollID, number := entryParts(row[0].(int64))
	var programme, county string
	if _, err := r.one("SELECT programme, county FROM rolls WHERE n = $1", []any{rollID}, &programme, &county); err != nil {
		return "", err
	}
	return fmt.Sprintf("roll/%s/%s/%07d", programme, county, number), nil
}

func paymentRecord(column int) func(*reader, []any) (string, error) {
	return func(r *reader, row []any) (string, error) {
		roll, period, number, attempt := paymentParts(row[column].(int64))
		var programme, county string
		if _, err := r.one("SELECT programme, county FROM rolls WHERE n = $1", []any{roll}, &programme, &county); err != nil {
			return "", err
		}
		id := relief.PaymentID{Programme: relief.ProgrammeID(programme), County: relief.Region(county), Number: number, Period: period, Attempt: attempt}
		return "payment/" + id.String(), nil
	}
}

// found is a difference in a row, with its place.
type found struct {
	Difference
	row   []any
	txPos int64
}

// compare finds the earliest of the tables' first differences. Rows that have no place of their own count by the first
// transaction that uses them.
func compare(index, ledger *reader) (*Difference, error) {
	var first *found
	for i := range comparedTables {
		t := &comparedTables[i]
		f, err := t.compare(index, ledger)
		if err == nil && f != nil {
			side := ledger
			if f.Ledger == nothing {
				side = index
			}
			err = t.locate(side, f)
		}
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", t.table, err)
		}
		if f != nil && (first == nil || f.txPos < first.txPos) {
			first = f
		}
	}
	if first == nil {
		return nil, nil
	}
	first.Block = blockOf(first.txPos)
	var id []byte
	if _, err := ledger.one("SELECT id FROM transactions WHERE place = $1", []any{first.txPos}, &id); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(first.Record, "block/") {
		first.Transaction = hex.EncodeToString(id)
	}
	return &first.Difference, nil
}

// usedBy finds the first transaction that a row without a place comes from.
var usedBy = map[string]string{
	"identities":   "SELECT min(place) FROM transactions WHERE creator = $1",
	"words":        "SELECT min(place) FROM transactions WHERE function = $1 OR code = $1",
	"endorsements": "SELECT min(place) FROM transactions WHERE endorsement = $1",
	"keys":         "SELECT min(place) FROM writes WHERE key = $1",
	"segments":     "SELECT place FROM keys WHERE n = $1",
	"batches":      "SELECT min(place) FROM writes WHERE key = $1",
	"rolls": "SELECT min(place) FROM (SELECT place FROM entries WHERE " + sqlRollOfEntry("n") + " = $1 " +
		"UNION ALL SELECT place FROM entry_versions WHERE " + sqlRollOfEntry("entry") + " = $1) v",
	"spans":   "SELECT min(listed) FROM payments WHERE " + sqlSpanOfPayment("n") + " = " + sqlSpanOfPayment("$1"),
	"returns": "SELECT answered FROM payments WHERE n = $1",
	"cases":   "SELECT place FROM keys WHERE n = $1",
}

// locate names the record and the place of a difference.
func (t *compared) locate(r *reader, f *found) (err error) {
	if f.Record, err = t.record(r, f.row); err != nil {
		return err
	}
	switch {
	case t.table == "blocks":
		f.txPos = txPosOf(uint64(f.row[0].(int64)), 0) //nolint:gosec // never negative
	case t.table == "payments":
		f.txPos = max(f.row[t.txPos].(int64), f.row[t.txPos+1].(int64))
	case t.txPos >= 0:
		f.txPos = f.row[t.txPos].(int64)
	default:
		var txPos sql.NullInt64
		_, err = r.one(usedBy[t.table], []any{f.row[0]}, &txPos)
		f.txPos = txPos.Int64
	}
	return err
}

// cursorRows walks through a table.
type cursorRows struct {
	rows *sql.Rows
	row  []any // nil at the end
}

func (c *cursorRows) next(columns int) error {
	if !c.rows.Next() {
		c.row = nil
		return c.rows.Err()
	}
	row := make([]any, columns)
	into := make([]any, columns)
	for i := range row {
		into[i] = &row[i]
	}
	c.row = row
	return c.rows.Scan(into...)
}

func (t *compared) compare(index, ledger *reader) (*found, error) {
	columns := strings.Split(t.columns, ", ")
	query := "SELECT " + t.columns + " FROM " + t.table + " ORDER BY " + strings.Join(columns[:t.keys], ", ") //nolint:gosec // comparedTables' own words
	var sides [2]cursorRows
	for i, r := range []*reader{index, ledger} {
		rows, err := r.tx.QueryContext(r.ctx, query)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		sides[i].rows = rows
	}
	for {
		for i := range sides {
			if err := sides[i].next(len(columns)); err != nil {
				return nil, err
			}
		}
		a, b := sides[0].row, sides[1].row
		if a == nil && b == nil {
			return nil, nil
		}
		switch by := t.order(a, b); {
		case by < 0:
			return &found{Difference: Difference{Index: "that it is there", Ledger: nothing}, row: a}, nil
		case by > 0:
			return &found{Difference: Difference{Index: nothing, Ledger: "that it is there"}, row: b}, nil
		}
		for i := range columns {
			if order(a[i], b[i]) != 0 {
				if size, ok := leafWidths[columns[i]]; ok {
					a, b = leafOfRun(a, b, i, size)
				}
				return &found{Difference: Difference{Field: columns[i], Index: text(a[i]), Ledger: text(b[i])}, row: b}, nil
			}
		}
	}
}

// leafWidths are the columns of leaves in which each leaf of a run has its own bytes, and how many.
var leafWidths = map[string]int{"hashes": hashSize, "bank_refs": bankRefSize}

// leafOfRun narrows two rows of leaves to the first leaf whose part of a column differs.
func leafOfRun(a, b []any, column, size int) (ours, theirs []any) {
	x, _ := a[column].([]byte)
	y, _ := b[column].([]byte)
	at := 0
	for at+size <= min(len(x), len(y)) && bytes.Equal(x[at:at+size], y[at:at+size]) {
		at += size
	}
	if len(x) != len(y) || at+size > len(x) {
		return a, b // another run
	}
	ours, theirs = slices.Clone(a), slices.Clone(b)
	ours[column], theirs[column] = x[at:at+size], y[at:at+size]
	theirs[1] = b[1].(int64) + int64(at/size)<<attemptBits
	return ours, theirs
}

// order compares two rows by their keys; the end comes last.
func (t *compared) order(a, b []any) int {
	switch {
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	for i := range t.keys {
		if c := order(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// order compares two values of a column. Drivers give numbers, texts and bytes; a missing value comes first.
func order(a, b any) int {
	if n, ok := a.(int64); ok {
		if m, ok := b.(int64); ok {
			return cmp.Compare(n, m)
		}
	}
	x, y := raw(a), raw(b)
	return cmp.Or(boolOrder(x != nil, y != nil), bytes.Compare(x, y))
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func raw(v any) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	case nil:
		return nil
	}
	return fmt.Append(nil, v)
}

// longestTold bounds what a difference repeats of a value.
const longestShown = 200

// text is a value in words: bytes that are no text in hexadecimal.
func text(v any) string {
	if v == nil {
		return nothing
	}
	b := raw(v)
	out := string(b)
	if _, isBytes := v.([]byte); isBytes && !json.Valid(b) {
		out = hex.EncodeToString(b)
	}
	if len(out) > longestShown {
		return plain(out[:longestShown]) + "…"
	}
	return out
}
