package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeTranche stores a version of a tranche, and the columns that tranches are searched by.
func storeTranche(ctx context.Context, w *writer, wr *write) error {
	if err := storeVersion(ctx, w, wr); err != nil || wr.gone {
		return err
	}
	var t fund.Tranche
	if err := json.Unmarshal(wr.value, &t); err != nil {
		return err
	}
	for _, programme := range t.Pool() {
		err := w.exec(ctx, "INSERT INTO tranche_programmes (tranche, programme) VALUES ($1, $2) ON CONFLICT (tranche, programme) DO NOTHING",
			wr.n, string(programme))
		if err != nil {
			return err
		}
	}
	b := &t.Balances
	return w.exec(ctx, "INSERT INTO tranches (n, id, region, state, fiscal_year, parent, account, "+balanceColumns+") "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "+
		"ON CONFLICT (n) DO UPDATE SET state = excluded.state, account = excluded.account, issued = excluded.issued, topped_up = excluded.topped_up, "+
		"recovered = excluded.recovered, allocated = excluded.allocated, reserved = excluded.reserved, paid = excluded.paid, in_return = excluded.in_return, "+
		"refunded = excluded.refunded, taken_back = excluded.taken_back, carried_over = excluded.carried_over, available = excluded.available",
		wr.n, string(t.ID), string(t.Region), string(t.State), int64(t.FiscalYear), string(t.Parent), t.Account,
		int64(b.Issued), int64(b.ToppedUp), int64(b.Recovered), int64(b.Allocated), int64(b.Reserved), int64(b.Paid), int64(b.InReturn), int64(b.Refunded),
		int64(b.TakenBack), int64(b.CarriedOver), int64(b.Available))
}

// balanceColumns are the columns of a tranche's balances.
const balanceColumns = "issued, topped_up, recovered, allocated, reserved, paid, in_return, refunded, taken_back, carried_over, available"

// TrancheQuery says which tranches are wanted. Empty fields match every tranche.
type TrancheQuery struct {
	Programme  relief.ProgrammeID // one of those that it pays for
	Region     relief.Region      // in a region or inside it
	State      fund.State
	FiscalYear int
	Parent     relief.TrancheID
	Account    string
	// Meets keeps tranches of regions that lie inside one of these, or around the first.
	Meets []relief.Region
}

func (q *TrancheQuery) conditions(w *sqldb.Where) {
	if q.Programme != "" {
		w.Add("EXISTS (SELECT 1 FROM tranche_programmes p WHERE p.tranche = t.n AND p.programme = ?)", string(q.Programme))
	}
	if q.Region != "" {
		w.Add("t.region >= ? AND t.region <= ?", string(q.Region), string(q.Region)+"~")
	}
	if q.State != "" {
		w.Add("t.state = ?", string(q.State))
	}
	if q.Parent != "" {
		w.Add("t.parent = ?", string(q.Parent))
	}
	if q.Account != "" {
		w.Add("t.account = ?", q.Account)
	}
	if q.FiscalYear != 0 {
		w.Add("t.fiscal_year = ?", int64(q.FiscalYear))
	}
	if len(q.Meets) > 0 {
		met := "? LIKE t.region || '%'"
		values := []any{string(q.Meets[0])}
		for _, region := range q.Meets {
			met += " OR t.region >= ? AND t.region <= ?"
			values = append(values, string(region), string(region)+"~")
		}
		w.Add("("+met+")", values...)
	}
}

// Tranches lists tranches in the order of their ids. The cursor is the id of the last tranche of the page before.
func (ix *Index) Tranches(ctx context.Context, q TrancheQuery, cursor string, limit int) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("t.id > ?", cursor)
	q.conditions(&w)
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(relief.KindTranche, cursor); err != nil {
			return err
		}
		if page.Unreadable, err = r.missing(relief.KindTranche); err != nil {
			return err
		}
		last, seen := "", 0
		return r.each("SELECT t.id, v.value, v.deleted FROM (SELECT t.id, t.n FROM tranches t WHERE "+w.String()+" ORDER BY t.id LIMIT "+w.Arg(limit+1)+
			") t JOIN keys k ON k.n = t.n JOIN versions v ON v.key = k.n AND v.place = k.place ORDER BY t.id", func(rows *sql.Rows) error {
			if seen++; seen > limit {
				page.Next = last
				return nil
			}
			return take(&page, relief.KindTranche, rows, &last)
		}, w.Args...)
	})
	return page, err
}

// trancheDetail shows a tranche's balances, and what its last act proposed or moved.
func trancheDetail(t *fund.Tranche) map[string]string {
	b := &t.Balances
	detail := map[string]string{
		"state": string(t.State), "issued": b.Issued.String(), "topped_up": b.ToppedUp.String(), "recovered": b.Recovered.String(),
		"allocated": b.Allocated.String(), "reserved": b.Reserved.String(), "paid": b.Paid.String(), "in_return": b.InReturn.String(),
		"refunded": b.Refunded.String(), "taken_back": b.TakenBack.String(), "carried_over": b.CarriedOver.String(),
		"available": b.Available.String(),
	}
	last := len(t.Acts) - 1
	for i := range t.Adjustments {
		if a := &t.Adjustments[i]; a.Act == last || a.Decided == last {
			detail["adjustment"], detail["adjustment_state"] = strconv.Itoa(a.Number), string(a.State)
			about(detail, string(a.Kind)+" "+a.Amount.String(), a.Reason, a.Document)
			if a.Refusal != "" {
				detail["refusal"] = a.Refusal
			}
		}
	}
	var moves []string
	for i := range t.Moves {
		if m := &t.Moves[i]; m.Act == last {
			moves = append(moves, string(m.Kind)+" "+m.Amount.String()+" "+place(string(m.From))+" > "+place(string(m.To)))
			about(detail, "", m.Reason, m.Document)
		}
	}
	if len(moves) > 0 {
		detail["moved"] = strings.Join(moves, ", ")
	}
	return detail
}

// about adds what is said of an adjustment.
func about(detail map[string]string, what, reason, document string) {
	for name, value := range map[string]string{"proposed": what, "reason": reason, "document": document} {
		if value != "" {
			detail[name] = value
		}
	}
}

// place names a tranche, or outside.
func place(tranche string) string {
	if tranche == "" {
		return "outside"
	}
	return tranche
}

// yearEndDetail shows what an agency signed.
func yearEndDetail(y *fund.YearEnd) map[string]string {
	return map[string]string{
		"state": string(y.State), "sha256": y.SHA256, "signatures": strconv.Itoa(len(y.Signatures)), "tranches": strconv.Itoa(len(y.Tranches)),
		"reserved": y.Reserved.String(), "in_return": y.InReturn.String(), "available": y.Available.String(),
		"overpayments": strconv.Itoa(len(y.Overpayments)), "outstanding": y.Outstanding.String(),
	}
}

// YearEndTrail lists who signed the year's end of a county. Each step has the sums of the list that was signed.
func (ix *Index) YearEndTrail(ctx context.Context, id relief.YearEndID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		steps, err = r.recordSteps(relief.KindYearEnd, string(id), "")
		return err
	})
	return inOrder(steps), err
}
