package index

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
)

// comparedTable says how a table is compared: in the order of its key, which is its first columns.
type comparedTable struct {
	name, columns string
	keys          int // how many columns the key has
	// txPosColumn is the number of the column with the transaction that wrote the row, -1 when there is none.
	txPosColumn int
	// record names a row's record, such as batch/b-2026-11.
	record func(r *reader, row []any) (string, error)
}

var comparedTables = []comparedTable{
	{"blocks", "number, hash, transactions", 1, 0, named("block")},
	{"transactions", "place, id, at, creator, function, code, endorsement", 1, 0, transactionRecord},
	{"identities", "n, agency, name, role, region", 1, -1, named("identity")},
	{"words", "n, word", 1, -1, named("word")},
	{"endorsements", "n, members", 1, -1, named("endorsement")},
	{"keys", "n, kind, name, place", 1, -1, keyRecord},
	{"writes", "place, key", 2, 0, keyed(1)},
	{"versions", "key, place, deleted, value", 2, 1, keyed(0)},
	{"unreadable", "kind, name, place, reason, low, high, raw, value", 2, 2, func(_ *reader, row []any) (string, error) {
		return recordName(text(row[0]), text(row[1])), nil
	}},
	{"segments", "key, value", 1, -1, keyed(0)},
	{"batches", "n, id, programme, region, period, earlier, roll, tranche, state, preparer, approver, authoriser, approved", 1, -1, keyed(0)},
	{"tranches", "n, id, region, state, fiscal_year, parent, account, " + balanceColumns, 1, -1, keyed(0)},
	{"tranche_programmes", "tranche, programme", 2, -1, keyed(0)},
	{"batch_sources", "batch, source, tranche", 2, -1, keyed(0)},
	{"batch_days", "batch, day", 2, -1, keyed(0)},
	{"transaction_days", "day, low, high", 1, -1, named("day")},
	{"deaths", "entry, subject, day, month", 1, -1, entryRecord},
	{"cases", "n, id, programme, region, head, state, due, recheck, finding, papers, confirm, notice", 1, -1, keyed(0)},
	{"case_totals", "programme, region, state, recheck, cases", 4, -1, named("case totals")},
	{"claims", "n, county, id, state", 2, -1, keyed(0)},
	{"changes", "n, id, programme, region, kind, state", 1, -1, keyed(0)},
	{"months", "n, record, roll, period, version, closed, pay_by, due, due_sum, on_time, on_time_sum, late5, late10, late30, later, paid_sum, unpaid, " +
		"returned, paid_again, credited, sum, deducted, households, persons, entered, gone, suspended, deaths", 1, 0, keyed(1)},
	{"month_villages", "month, village, credited, households, persons, sum, deducted, root", 2, 0, named("month village")},
	{"publications", "n, roll, period, due, first_shown, online_until", 1, -1, keyed(0)},
	{"list_rows", "record, village, version, content", 2, -1, keyed(0)},
	{"statements", "n, record, place, hash", 1, 2, keyed(1)},
	{"indicator_facts", "record, name, place, until, many, code, programme, region, first_month, last_month, due, num, den", 3, 2, keyed(0)},
	{"ledger_days", "day, place", 1, 1, named("day")},
	{"chunks", "batch, place, lines, sum", 2, 1, keyed(0)},
	{"rolls", "n, programme, county", 1, -1, named("roll")},
	{"spans", "low, roll, period, payments", 1, -1, named("span")},
	{"entries", "n, subject, region, place, class, exited, entered, ended, reason, value", 1, 3, entryRecord},
	{"entry_versions", "entry, place, value", 2, 1, entryRecord},
	{"payees", "n, value", 1, -1, entryRecord},
	{"payee_changes", "entry, place, name, account", 2, 1, entryRecord},
	{"payments", "n, batch, kind, amount, deducted, line, state, day, listed, answered, leaf, bank_ref", 1, 8, paymentRecord(0)},
	{"returns", "n, state, reason", 1, -1, paymentRecord(0)},
	{"residences", "n, residence", 1, -1, paymentRecord(0)},
	{"line_history", "payment, place, state, batch, kind, amount, deducted, line, day, reason, bank_ref", 2, 1, paymentRecord(0)},
	{villageTotals, totalColumns, 5, -1, keyed(0)},
	{townshipTotals, totalColumns, 5, -1, keyed(0)},
	{"leaves", "n, payment, place, length, hashes", 1, 2, paymentRecord(1)},
}

func transactionRecord(*reader, []any) (string, error) { return "transaction", nil }

func keyRecord(_ *reader, row []any) (string, error) {
	return recordName(text(row[1]), text(row[2])), nil
}

// named names a record by its kind and its first column.
func named(kind string) func(*reader, []any) (string, error) {
	return func(_ *reader, row []any) (string, error) { return kind + "/" + text(row[0]), nil }
}

// keyed names a record by the key whose number the column has.
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

// entryRecord names a roll entry.
func entryRecord(r *reader, row []any) (string, error) {
	rollID, number := entryParts(row[0].(int64))
	var programme, county string
	if _, err := r.one("SELECT programme, county FROM rolls WHERE n = $1", []any{rollID}, &programme, &county); err != nil {
		return "", err
	}
	return fmt.Sprintf("roll/%s/%s/%07d", programme, county, number), nil
}

// paymentRecord names a record by the payment whose number the column has.
func paymentRecord(column int) func(*reader, []any) (string, error) {
	return func(r *reader, row []any) (string, error) {
		roll, period, number, attempt := paymentParts(row[column].(int64))
		var programme, county string
		if _, err := r.one("SELECT programme, county FROM rolls WHERE n = $1", []any{roll}, &programme, &county); err != nil {
			return "", err
		}
		id := relief.PaymentID{
			Programme: relief.ProgrammeID(programme), County: relief.Region(county),
			Number: number, Period: period, Attempt: attempt,
		}
		return "payment/" + id.String(), nil
	}
}

// rowDifference is a difference in a row, with the transaction that it counts by.
type rowDifference struct {
	Difference
	row   []any
	txPos int64
}

// compare finds each table's first difference and returns the earliest of them. A row without a transaction of its own
// counts by the first transaction that uses it.
func compare(index, ledger *reader) (*Difference, error) {
	var earliest *rowDifference
	for i := range comparedTables {
		t := &comparedTables[i]
		d, err := t.firstDifference(index, ledger)
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", t.name, err)
		}
		if d != nil && (earliest == nil || d.txPos < earliest.txPos) {
			earliest = d
		}
	}
	if earliest == nil {
		return nil, nil
	}
	earliest.Block = blockOf(earliest.txPos)
	if strings.HasPrefix(earliest.Record, "block/") {
		return &earliest.Difference, nil
	}
	var id []byte
	if _, err := ledger.one("SELECT id FROM transactions WHERE place = $1", []any{earliest.txPos}, &id); err != nil {
		return nil, err
	}
	earliest.Transaction = hex.EncodeToString(id)
	return &earliest.Difference, nil
}

// firstDifference finds a table's first difference and names its record and transaction; nil when there is none.
func (t *comparedTable) firstDifference(index, ledger *reader) (*rowDifference, error) {
	d, err := t.compareRows(index, ledger)
	if err != nil || d == nil {
		return nil, err
	}
	owner := ledger
	if d.Ledger == nothing {
		owner = index
	}
	return d, t.locate(owner, d)
}

// firstUse finds the first transaction that uses a row, in tables without a column for it.
var firstUse = map[string]string{
	"identities":         "SELECT min(place) FROM transactions WHERE creator = $1",
	"words":              "SELECT min(place) FROM transactions WHERE function = $1 OR code = $1",
	"endorsements":       "SELECT min(place) FROM transactions WHERE endorsement = $1",
	"keys":               "SELECT min(place) FROM writes WHERE key = $1",
	"segments":           "SELECT place FROM keys WHERE n = $1",
	"batches":            "SELECT min(place) FROM writes WHERE key = $1",
	"batch_sources":      "SELECT min(place) FROM writes WHERE key = $1",
	"tranches":           "SELECT place FROM keys WHERE n = $1",
	"tranche_programmes": "SELECT min(place) FROM writes WHERE key = $1",
	"batch_days":         "SELECT min(place) FROM chunks WHERE batch = $1",
	"deaths":             "SELECT place FROM entries WHERE n = $1",
	"transaction_days":   "SELECT low FROM transaction_days WHERE day = $1",
	villageTotals:        "SELECT min(place) FROM chunks WHERE batch = $1",
	townshipTotals:       "SELECT min(place) FROM chunks WHERE batch = $1",
	"rolls": "SELECT min(place) FROM (SELECT place FROM entries WHERE " + sqlRollOfEntry("n") + " = $1 " +
		"UNION ALL SELECT place FROM entry_versions WHERE " + sqlRollOfEntry("entry") + " = $1) v",
	"spans":      "SELECT min(listed) FROM payments WHERE " + sqlSpanOfPayment("n") + " = " + sqlSpanOfPayment("$1"),
	"returns":    "SELECT answered FROM payments WHERE n = $1",
	"residences": "SELECT listed FROM payments WHERE n = $1",
	"cases":      "SELECT place FROM keys WHERE n = $1",
	"claims":     "SELECT place FROM keys WHERE n = $1",
	"payees":     "SELECT place FROM entries WHERE n = $1",
}

// locate finds out which record a difference is in, and from which transaction on. r reads the side that has the row.
func (t *comparedTable) locate(r *reader, f *rowDifference) (err error) {
	if f.Record, err = t.record(r, f.row); err != nil {
		return err
	}
	switch {
	case t.name == "blocks":
		f.txPos = txPosOf(uint64(f.row[0].(int64)), 0) //nolint:gosec // never negative
	case t.name == "payments": // listed or answered, whichever is later
		f.txPos = max(f.row[t.txPosColumn].(int64), f.row[t.txPosColumn+1].(int64))
	case t.txPosColumn >= 0:
		f.txPos = f.row[t.txPosColumn].(int64)
	default:
		var txPos sql.NullInt64
		_, err = r.one(firstUse[t.name], []any{f.row[0]}, &txPos)
		f.txPos = txPos.Int64
	}
	return err
}

// present is shown as the value when the other side lacks the record.
const present = "that it is there"

// tableCursor walks through a table.
type tableCursor struct {
	rows *sql.Rows
	row  []any // nil at the end
}

func (c *tableCursor) next(columns int) error {
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

// compareRows walks through both tables side by side and stops at the first difference.
func (t *comparedTable) compareRows(index, ledger *reader) (*rowDifference, error) {
	columns := strings.Split(t.columns, ", ")
	key := strings.Join(columns[:t.keys], ", ")
	query := "SELECT " + t.columns + " FROM " + t.name + " ORDER BY " + key //nolint:gosec // words of comparedTables
	var sides [2]tableCursor
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
		switch order := t.order(a, b); {
		case order < 0:
			return &rowDifference{Difference: Difference{Index: present, Ledger: nothing}, row: a}, nil
		case order > 0:
			return &rowDifference{Difference: Difference{Index: nothing, Ledger: present}, row: b}, nil
		}
		if i := differingColumn(a, b); i >= 0 {
			if size, ok := leafWidths[columns[i]]; ok {
				a, b = leafOfRun(a, b, i, size)
			}
			return &rowDifference{Difference: Difference{Field: columns[i], Index: text(a[i]), Ledger: text(b[i])}, row: b}, nil
		}
	}
}

// differingColumn is the first column in which two rows differ, -1 when they are the same.
func differingColumn(a, b []any) int {
	for i := range a {
		if order(a[i], b[i]) != 0 {
			return i
		}
	}
	return -1
}

// leafWidths are the columns of the table leaves in which each leaf of a run has bytes of its own, and how many bytes.
var leafWidths = map[string]int{"hashes": hashSize}

// leafOfRun narrows two rows of leaves to the first leaf whose part of a column differs.
func leafOfRun(a, b []any, column, size int) (ours, theirs []any) {
	x, _ := a[column].([]byte)
	y, _ := b[column].([]byte)
	at := 0
	for at+size <= min(len(x), len(y)) && bytes.Equal(x[at:at+size], y[at:at+size]) {
		at += size
	}
	if len(x) != len(y) || at+size > len(x) {
		return a, b // the runs themselves differ
	}
	ours, theirs = slices.Clone(a), slices.Clone(b)
	ours[column], theirs[column] = x[at:at+size], y[at:at+size]
	theirs[1] = b[1].(int64) + int64(at/size)<<attemptBits
	return ours, theirs
}

// order compares two rows by their keys. The end of a table counts as larger than every row.
func (t *comparedTable) order(a, b []any) int {
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

// order compares two values of a column. The drivers return numbers, texts and bytes. NULL counts as the smallest.
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

// text shows a value; bytes that are not JSON are shown in hexadecimal.
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
