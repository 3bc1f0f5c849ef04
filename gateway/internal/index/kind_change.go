package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeChange stores a version of a change of a roll entry, and the columns by which changes are searched.
func storeChange(ctx context.Context, w *writer, wr *write) error {
	if err := storeVersion(ctx, w, wr); err != nil || wr.gone {
		return err
	}
	var c roll.Change
	if err := json.Unmarshal(wr.value, &c); err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO changes (n, id, programme, region, kind, state) VALUES ($1, $2, $3, $4, $5, $6) "+
		"ON CONFLICT (n) DO UPDATE SET state = excluded.state",
		wr.n, string(c.ID), string(c.Programme), string(c.Region), string(c.Kind), string(c.State))
}

// ChangeQuery says which changes are wanted. Empty fields match every change.
type ChangeQuery struct {
	Programme relief.ProgrammeID
	Region    relief.Region // in a region or inside it
	State     roll.ChangeState
	Kind      roll.ChangeKind
}

// Changes lists the matching changes of roll entries in the order of their ids. The cursor is the id of the last change of
// the page before.
func (ix *Index) Changes(ctx context.Context, q ChangeQuery, cursor string, limit int) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("c.id > ?", cursor)
	if q.Programme != "" {
		w.Add("c.programme = ?", string(q.Programme))
	}
	if q.Region != "" {
		w.Add("c.region >= ? AND c.region <= ?", string(q.Region), string(q.Region)+"~")
	}
	if q.State != "" {
		w.Add("c.state = ?", string(q.State))
	}
	if q.Kind != "" {
		w.Add("c.kind = ?", string(q.Kind))
	}
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(relief.KindChange, cursor); err != nil {
			return err
		}
		if page.Unreadable, err = r.missing(relief.KindChange); err != nil {
			return err
		}
		last, seen := "", 0
		return r.each("SELECT c.id, v.value, v.deleted FROM (SELECT c.id, c.n FROM changes c WHERE "+w.String()+" ORDER BY c.id LIMIT "+w.Arg(limit+1)+
			") c JOIN keys k ON k.n = c.n JOIN versions v ON v.key = k.n AND v.place = k.place ORDER BY c.id", func(rows *sql.Rows) error {
			if seen++; seen > limit {
				page.Next = last
				return nil
			}
			return take(&page, relief.KindChange, rows, &last)
		}, w.Args...)
	})
	return page, err
}

// changeSteps are the steps of the changes of one roll entry.
func (r *reader) changeSteps(name rollName, number uint32) (steps []Step, err error) {
	prefix := relief.NewChangeID(name.programme, name.county, number, 0).Entry() + "-c"
	var ids []string
	err = r.each("SELECT id FROM changes WHERE id > $1 AND id < $2 ORDER BY n", func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, prefix, prefix+"~")
	for _, id := range ids {
		more, err := r.recordSteps(relief.KindChange, id, "")
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, err
}
