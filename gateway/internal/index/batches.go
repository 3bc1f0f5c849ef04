package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// BatchQuery says which batches are wanted. Empty fields match every batch.
type BatchQuery struct {
	Programme relief.ProgrammeID
	Period    relief.Period
	Periods   PeriodRange
	State     payment.BatchState
	Region    relief.Region    // of the batch, or a region around it
	Meets     relief.Region    // the batch's region lies inside this one or around it
	Tranche   relief.TrancheID // the batch's only one, or one of its sources
}

// Batches lists batches in the order of their ids. The cursor is the id of the last batch of the page before.
func (ix *Index) Batches(ctx context.Context, q BatchQuery, cursor string, limit int) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("b.id > ?", cursor)
	if q.Programme != "" {
		w.Add("b.programme = ?", string(q.Programme))
	}
	if !q.Period.IsZero() {
		w.Add("b.period = ?", int64(q.Period.Code()))
	}
	q.Periods.conditions(&w, "b.period")
	if q.State != "" {
		w.Add("b.state = ?", string(q.State))
	}
	if q.Region != "" {
		w.Add("b.region >= ? AND b.region <= ?", string(q.Region), string(q.Region)+"~")
	}
	if q.Meets != "" {
		w.Add("(b.region >= ? AND b.region <= ? OR ? LIKE b.region || '%')", string(q.Meets), string(q.Meets)+"~", string(q.Meets))
	}
	if q.Tranche != "" {
		w.Add("(b.tranche = ? OR b.n IN (SELECT s.batch FROM batch_sources s WHERE s.tranche = ?))", string(q.Tranche), string(q.Tranche))
	}
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(relief.KindBatch, cursor); err != nil {
			return err
		}
		if page.Unreadable, err = r.missing(relief.KindBatch); err != nil {
			return err
		}
		last, seen := "", 0
		return r.each("SELECT b.id, v.value, v.deleted FROM batches b JOIN keys k ON k.n = b.n JOIN versions v ON v.key = k.n AND v.place = k.place WHERE "+
			w.String()+" ORDER BY b.id LIMIT "+w.Arg(limit+1), func(rows *sql.Rows) error {
			if seen++; seen > limit {
				page.Next = last
				return nil
			}
			return take(&page, relief.KindBatch, rows, &last)
		}, w.Args...)
	})
	return page, err
}
