package index

import (
	"context"
	"database/sql"
	"encoding/base64"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// TransferQuery says which transfers are wanted, over all batches. Empty fields match every transfer.
type TransferQuery struct {
	Batch     relief.BatchID
	Programme relief.ProgrammeID
	Account   relief.Period // the accounting period
	Accounts  PeriodRange
	Tranche   relief.TrancheID
	Region    relief.Region // of the person when it was paid
	State     payment.State
	Answered  DayRange // credited or returned on these days

	scanned int // payments that a page has looked at
}

func (q *TransferQuery) check() error {
	if err := q.Answered.check("to"); err != nil {
		return err
	}
	return (&PaymentQuery{State: q.State}).Check()
}

func (q *TransferQuery) keeps(t *payment.Transfer) bool {
	if q.State != "" && t.State != q.State || q.Region != "" && (len(t.Payments) == 0 || !q.Region.Covers(t.Payments[0].Region)) {
		return false
	}
	day := relief.Day(t.CreditedOn)
	if t.ReturnedOn != "" {
		day = relief.Day(t.ReturnedOn)
	}
	d := q.Answered
	return d.Empty() || day != "" && day >= d.From && (d.To == "" || day <= d.To)
}

// batches adds the conditions on a batch b that may have such transfers.
func (q *TransferQuery) batches(w *sqldb.Where) {
	if q.Batch != "" {
		w.Add("b.id = ?", string(q.Batch))
	}
	if q.Programme != "" {
		w.Add("b.programme = ?", string(q.Programme))
	}
	if !q.Account.IsZero() {
		w.Add("b.period = ?", int64(q.Account.Code()))
	}
	if q.Region != "" {
		county := string(q.Region[:min(len(q.Region), 6)])
		w.Add("r.county >= ? AND r.county <= ?", county, county+"~")
	}
	(&PaymentFilter{Tranche: q.Tranche, Accounts: q.Accounts}).onBatch(w)
	if paymentStates[q.State] == stateListed {
		w.Add("b.state = ?", batchStateOf(q.State))
	}
	if !q.Answered.Empty() {
		from, to := q.Answered.numbers()
		w.Add("EXISTS (SELECT 1 FROM batch_days d WHERE d.batch = b.n AND d.day BETWEEN ? AND ?)", from, to)
	}
}

// batchesAtOnce bounds the batches of one page of transfers.
const batchesAtOnce = 50

// AllTransfers lists transfers batch after batch, in the order of the batches' ids. A page may be short and still have a next one.
func (ix *Index) AllTransfers(ctx context.Context, q TransferQuery, cursor string, limit int) (page Page[payment.Transfer], err error) {
	page.Items = []payment.Transfer{}
	id, after, err := parseTransferCursor(cursor)
	if err != nil {
		return page, err
	}
	if err := q.check(); err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindPayees, relief.KindBatch); err != nil {
			return err
		}
		batches, err := r.transferBatches(&q, id)
		if err != nil {
			return err
		}
		for i := range batches {
			b := &batches[i]
			if b.id != id {
				after = -1
			}
			if len(page.Items) == limit || i == batchesAtOnce {
				page.Next = transferCursor(batches[i-1].id, numberMask)
				return nil
			}
			next, err := r.batchTransfers(&page, b, after, limit, &q)
			if err != nil {
				return err
			}
			if next >= 0 {
				page.Next = transferCursor(b.id, next)
				return nil
			}
		}
		return nil
	})
	return page, err
}

// transferBatches are the batches from an id on that may have such transfers.
func (r *reader) transferBatches(q *TransferQuery, from string) (out []transferBatch, err error) {
	var w sqldb.Where
	w.Add("b.id >= ?", from)
	q.batches(&w)
	err = r.each("SELECT b.n, b.roll, b.period, b.earlier, b.id FROM batches b JOIN rolls r ON r.n = b.roll WHERE "+w.String()+
		" ORDER BY b.id LIMIT "+w.Arg(batchesAtOnce+1), func(rows *sql.Rows) error {
		var b transferBatch
		err := rows.Scan(&b.n, &b.roll, &b.period, &b.earlier, &b.id)
		out = append(out, b)
		return err
	}, w.Args...)
	return out, err
}

// transferCursor names the batch and the roll number after which a page begins.
func transferCursor(id string, number int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(id + "/" + strconv.FormatInt(number, 36)))
}

func parseTransferCursor(text string) (id string, after int64, err error) {
	if text == "" {
		return "", -1, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", 0, errCursor
	}
	id, number, there := strings.Cut(string(b), "/")
	if _, err := relief.ParseBatchID(id); err != nil || !there {
		return "", 0, errCursor
	}
	if after, err = strconv.ParseInt(number, 36, 64); err != nil || after < 0 || after > numberMask {
		return "", 0, errCursor
	}
	return id, after, nil
}
