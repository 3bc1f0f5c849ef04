package index

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// reader reads at one height.
type reader struct {
	ctx   context.Context
	tx    *sql.Tx
	names *names
}

func (r *reader) each(query string, f func(*sql.Rows) error, args ...any) error {
	return sqldb.Each(r.ctx, r.tx, query, f, args...)
}

// one reads one row; ok is false when there is none.
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

// transactionColumns are what seen.columns takes.
const transactionColumns = "t.place, t.id, t.at, t.creator, t.function, t.code, t.endorsement"

// seen is a transaction as the tables have it.
type txRow struct {
	txPos                                    int64
	id                                       []byte
	at, creator, function, code, endorsement int64
}

func (s *txRow) columns() []any {
	return []any{&s.txPos, &s.id, &s.at, &s.creator, &s.function, &s.code, &s.endorsement}
}

// transaction names what the numbers of a transaction stand for.
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

// record is the value of a record as it stands, nil when there is none.
func (r *reader) record(kind, name string) ([]byte, error) {
	var value []byte
	_, err := r.one(latestVersion, []any{kind, name}, &value)
	return value, err
}

// version is one version of a record that is a JSON document.
type version struct {
	tx    ledger.Transaction
	value []byte
}

// versions lists a record's versions, oldest first.
func (r *reader) versions(kind, name string) ([]version, error) {
	var found []txRow
	var out []version
	err := r.each("SELECT "+transactionColumns+", v.value FROM keys k JOIN versions v ON v.key = k.n JOIN transactions t ON t.place = v.place "+
		"WHERE k.kind = $1 AND k.name = $2 ORDER BY v.place", func(rows *sql.Rows) error {
		var s txRow
		var v version
		err := rows.Scan(append(s.columns(), &v.value)...)
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

// roll is a roll's number, 0 when the index has none.
func (r *reader) roll(programme relief.ProgrammeID, county relief.Region) (n int64, err error) {
	_, err = r.one("SELECT n FROM rolls WHERE programme = $1 AND county = $2", []any{string(programme), string(county)}, &n)
	return n, err
}

// standing is where a person stands on a programme's roll, or has stood.
type rollHolding struct {
	roll.Entry
	roll, txPos int64
	now         bool
}

// standings lists where a person stands or has stood, in the order of the programmes and of time. Entitlements do not overlap, so the
// entry that begins last is where they stand now.
func (r *reader) rollHoldings(ref relief.SubjectRef) (out []rollHolding, err error) {
	err = r.each("SELECT r.programme, r.county, e.n, e.place, e.value FROM entries e CROSS JOIN rolls r "+
		"WHERE e.subject = $1 AND r.n = "+sqlRollOfEntry("e.n"),
		func(rows *sql.Rows) error {
			var s rollHolding
			var name rollName
			var n int64
			var value []byte
			if err := rows.Scan(&name.programme, &name.county, &n, &s.txPos, &value); err != nil {
				return err
			}
			var number uint32
			s.roll, number = entryParts(n)
			var err error
			s.Entry, err = entry(ref, value, name, number)
			out = append(out, s)
			return err
		}, ref[:])
	slices.SortFunc(out, func(a, b rollHolding) int {
		return cmp.Or(cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.From.Code(), b.From.Code()), cmp.Compare(a.txPos, b.txPos))
	})
	for i := range out {
		out[i].now = i == len(out)-1 || out[i+1].Programme != out[i].Programme
	}
	return out, err
}

// entry reads an entry as the tables have it.
func entry(ref relief.SubjectRef, value []byte, name rollName, number uint32) (roll.Entry, error) {
	return roll.UnpackEntry(append(ref[:], value...), name.programme, name.county, number)
}
