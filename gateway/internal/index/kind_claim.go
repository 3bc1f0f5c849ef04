package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeClaims stores which counties a case's claims concern. A case that never concerned another county has nothing to store.
func storeClaims(ctx context.Context, w *writer, n int64, c *casework.Case) error {
	if len(c.Overlaps) == 0 && len(c.Answers) == 0 && len(c.Appeals) == 0 {
		return nil
	}
	if err := w.exec(ctx, "DELETE FROM claims WHERE n = $1", n); err != nil {
		return err
	}
	for _, claim := range c.ClaimsElsewhere() {
		err := w.exec(ctx, "INSERT INTO claims (n, county, id, state) VALUES ($1, $2, $3, $4)", n, string(claim.County), string(c.ID), string(claim.State))
		if err != nil {
			return err
		}
	}
	return nil
}

// ClaimQuery says which cases are wanted. Empty fields match every case.
type ClaimQuery struct {
	Region relief.Region // the county whose people are claimed, or a region above it or inside it
	State  casework.ClaimState
}

// ClaimCases lists the cases that claim people whom another county knows, in the order of their ids.
func (ix *Index) ClaimCases(ctx context.Context, q ClaimQuery, cursor string, limit int) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("c.id > ?", cursor)
	region := q.Region
	if county := region.County(); county != "" {
		region = county
	}
	if region != "" {
		w.Add("c.county >= ? AND c.county <= ?", string(region), string(region)+"~")
	}
	if q.State != "" {
		w.Add("c.state = ?", string(q.State))
	}
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(relief.KindCase, cursor); err != nil {
			return err
		}
		last, seen := "", 0
		return r.each("SELECT c.id, v.value, v.deleted FROM (SELECT DISTINCT c.id, c.n FROM claims c WHERE "+w.String()+" ORDER BY c.id LIMIT "+w.Arg(limit+1)+
			") c JOIN keys k ON k.n = c.n JOIN versions v ON v.key = k.n AND v.place = k.place ORDER BY c.id", func(rows *sql.Rows) error {
			if seen++; seen > limit {
				page.Next = last
				return nil
			}
			return take(&page, relief.KindCase, rows, &last)
		}, w.Args...)
	})
	return page, err
}

// ClaimCounts counts the cases and counties of each state, for the gateway's metrics.
func (ix *Index) ClaimCounts(ctx context.Context) (counts map[casework.ClaimState]int, err error) {
	counts = map[casework.ClaimState]int{casework.ClaimPending: 0, casework.ClaimContested: 0, casework.ClaimConfirmed: 0}
	err = ix.view(ctx, func(r *reader) error {
		return r.each("SELECT state, count(*) FROM claims GROUP BY state", func(rows *sql.Rows) error {
			var state string
			var n int
			err := rows.Scan(&state, &n)
			counts[casework.ClaimState(state)] = n
			return err
		})
	})
	return counts, err
}
