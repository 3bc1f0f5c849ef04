package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// Erasure is an act that erased a person's private details, with the cases of which the person was the head.
type Erasure struct {
	TxPos   int64 // of the act; it grows from each erasure to the next
	Subject relief.SubjectRef
	Cases   []casework.Case // as of then
}

// Erasures lists up to limit erasures after a tx position, in ledger order. through is the position up to which there are
// no others, for the next call's after.
func (ix *Index) Erasures(ctx context.Context, after int64, limit int) (found []Erasure, through int64, err error) {
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		through = max(after, txPosOf(height, 0)-1)
		var names []string
		err = r.each("SELECT k.name, w.place FROM writes w JOIN keys k ON k.n = w.key AND k.kind = $1 "+
			"JOIN versions v ON v.key = w.key AND v.place = w.place AND v.deleted <> 1 WHERE w.place > $2 ORDER BY w.place LIMIT $3",
			func(rows *sql.Rows) error {
				var e Erasure
				var name string
				err := rows.Scan(&name, &e.TxPos)
				found, names = append(found, e), append(names, name)
				return err
			}, relief.KindErasure, after, limit)
		if err != nil {
			return err
		}
		if len(found) == limit {
			through = found[limit-1].TxPos
		}
		for i := range found {
			if found[i].Subject, err = relief.ParseSubjectRef(names[i]); err != nil {
				return err
			}
			if found[i].Cases, err = r.casesOf(names[i], found[i].TxPos); err != nil {
				return err
			}
		}
		return nil
	})
	return found, through, err
}

// casesOf lists the cases of a head as they were at a tx position. Of a case that cannot be read then it is the version before:
// its files are the person's, too.
func (r *reader) casesOf(head string, txPos int64) (cases []casework.Case, err error) {
	err = r.each("SELECT v.value FROM cases c JOIN versions v ON v.key = c.n WHERE c.head = $1 AND v.deleted = 0 AND "+
		"v.place = (SELECT max(o.place) FROM versions o WHERE o.key = c.n AND o.place <= $2 AND o.deleted = 0) ORDER BY c.id",
		func(rows *sql.Rows) error {
			var value []byte
			if err := rows.Scan(&value); err != nil {
				return err
			}
			var c casework.Case
			err := json.Unmarshal(value, &c)
			cases = append(cases, c)
			return err
		}, head, txPos)
	return cases, err
}
