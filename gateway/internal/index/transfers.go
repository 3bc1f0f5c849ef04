package index

import (
	"context"
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// batchPayments reads payments p of a batch, over all periods that it may hold payments of. Arguments: the roll, the first and
// the last period, the batch.
const batchPayments = " FROM spans s CROSS JOIN payments p WHERE s.roll = $1 AND s.period BETWEEN $2 AND $3 AND p.batch = $4 AND " +
	"p.n BETWEEN s.low AND s.low + $5"

func (c *comparison) batchPayments() []any {
	return []any{c.roll, int64(c.earlier.Code()), int64(c.period.Code()), c.batch, spanSize - 1}
}

// batchTotals adds up a batch by kind and by transfer.
func (r *reader) batchTotals(c *comparison) error {
	c.kinds = []KindTotal{}
	err := r.each("SELECT p.kind, count(*), CAST(sum(p.amount) AS BIGINT), CAST(sum(p.deducted) AS BIGINT)"+batchPayments+
		" GROUP BY p.kind ORDER BY p.kind", func(rows *sql.Rows) error {
		var kind int64
		var t KindTotal
		if err := rows.Scan(&kind, &t.Count, &t.Sum, &t.Deducted); err != nil {
			return err
		}
		t.Kind = relief.PaymentKind(kind) //nolint:gosec // four kinds
		c.kinds = append(c.kinds, t)
		c.listed.Count += t.Count
		c.listed.Sum += t.Sum - t.Deducted
		return nil
	}, c.batchPayments()...)
	if err != nil {
		return err
	}
	_, err = r.one("SELECT count(*), CAST(coalesce(sum(q.transferred), 0) AS BIGINT) FROM (SELECT "+sqlNumberOfPayment("p.n")+
		" AS number, sum(p.amount - p.deducted) AS transferred"+batchPayments+" GROUP BY number) q WHERE q.transferred > 0",
		c.batchPayments(), &c.transfers.Count, &c.transfers.Sum)
	return err
}

// numbersAtOnce is how many roll numbers are looked at together for their transfers.
const numbersAtOnce = 1000

var transfersQuery = "SELECT " + paymentColumns + " FROM spans s CROSS JOIN " + paymentTables +
	"WHERE s.roll = $1 AND s.period BETWEEN $2 AND $3 AND p.batch = $4 AND p.n BETWEEN s.low + $5 AND s.low + $6 AND " +
	paymentJoin + "b.n = $4 ORDER BY p.n"

// Transfers lists what the bank is told to pay by a batch, a transfer for each person with all of its payments, in the order
// of the roll.
func (ix *Index) Transfers(ctx context.Context, id relief.BatchID, cursor string, limit int) (page Page[payment.Transfer], err error) {
	page.Items = []payment.Transfer{}
	after, err := parseCursor('t', cursor, -1)
	if err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindPayees, relief.KindBatch); err != nil {
			return err
		}
		b := transferBatch{}
		found, err := r.one("SELECT n, roll, period, earlier FROM batches WHERE id = $1", []any{string(id)}, &b.n, &b.roll, &b.period, &b.earlier)
		if err != nil {
			return err
		}
		if !found {
			return errNotFound(relief.KindBatch)
		}
		next, err := r.batchTransfers(&page, &b, after, limit, nil)
		if next >= 0 {
			page.Next = cursorOf('t', next)
		}
		return err
	})
	return page, err
}

// transferBatch is where the payments of a batch lie.
type transferBatch struct {
	n, roll, period, earlier int64
	id                       string
}

// batchTransfers adds transfers of a batch, of the roll numbers after one, to a page until it is full. next is the last roll number
// that was looked at when there may be others, −1 at the end of the batch. With a query it keeps those of the query, and ends after a
// bounded number of payments.
func (r *reader) batchTransfers(page *Page[payment.Transfer], b *transferBatch, after int64, limit int, q *TransferQuery) (next int64, err error) {
	var last sql.NullInt64
	if _, err := r.one("SELECT max(n) FROM entries WHERE n BETWEEN $1 AND $2",
		[]any{entryNumber(b.roll, 0), entryNumber(b.roll, numberMask)}, &last); err != nil {
		return 0, err
	}
	_, highest := entryParts(last.Int64)
	for from := after + 1; from <= int64(highest); from += numbersAtOnce {
		first, _ := attemptsOf(0, uint32(from))               //nolint:gosec // a roll number
		_, end := attemptsOf(0, uint32(from+numbersAtOnce-1)) //nolint:gosec // likewise
		var payments []payment.Payment
		err := r.each(transfersQuery, func(rows *sql.Rows) error {
			p, err := scanPayment(rows)
			payments = append(payments, p)
			return err
		}, b.roll, b.earlier, b.period, b.n, first, end)
		if err != nil {
			return 0, err
		}
		for _, t := range payment.Transfers(payments) {
			if q != nil && !q.keeps(&t) {
				continue
			}
			if len(page.Items) == limit {
				return int64(page.Items[limit-1].Number), nil
			}
			page.Items = append(page.Items, t)
		}
		if q != nil {
			if q.scanned += len(payments); q.scanned >= rowsScanned {
				return from + numbersAtOnce - 1, nil
			}
		}
	}
	return -1, nil
}
