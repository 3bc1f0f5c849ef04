package index

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// paid is one person's payment in a period.
type paid struct {
	number uint32
	amount relief.Fen
	region int64 // of 12 digits
	listed int64 // the tx position of its last listing
	own    bool  // in the batch that is compared
}

// payeeChange is the changes of a payee since the last payment.
type payeeChange struct {
	place         int64
	name, account bool
}

// comparison is a batch and the period before it, by roll number.
type comparison struct {
	batch, roll       int64
	name              rollName
	period, earlier   relief.Period // of the batch: its accounting period, and the first one that it may hold payments of
	low, high         int64         // of the regions in the batch's
	now, before       []paid
	changes           map[uint32]payeeChange // of people in the batch
	previous          *PreviousPeriod
	listed, elsewhere Total
	transfers         Total
	kinds             []KindTotal
}

// comparison reads both periods: each lies together in the table of payments, in the order of roll numbers.
func (r *reader) comparison(id relief.BatchID) (*comparison, error) {
	c := &comparison{changes: map[uint32]payeeChange{}}
	var region, programme string
	var code, earlier int64
	found, err := r.one("SELECT n, roll, programme, region, period, earlier FROM batches WHERE id = $1", []any{string(id)},
		&c.batch, &c.roll, &programme, &region, &code, &earlier)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNotFound(relief.KindBatch)
	}
	c.name = rollName{relief.ProgrammeID(programme), relief.Region(region).County()}
	if err := r.requireRoll(c.name); err != nil {
		return nil, err
	}
	c.low, c.high = regionDigits(relief.Region(region))
	if c.period, err = relief.PeriodFromCode(uint16(code)); err != nil { //nolint:gosec // 16 bits on the ledger
		return nil, err
	}
	if c.earlier, err = relief.PeriodFromCode(uint16(earlier)); err != nil { //nolint:gosec // 16 bits on the ledger
		return nil, err
	}
	if c.now, err = r.paidIn(c, c.period, payment.BatchCancelled); err != nil {
		return nil, err
	}
	for _, p := range c.now {
		if !p.own {
			c.elsewhere.add(p.amount)
		}
	}
	if err := r.batchTotals(c); err != nil {
		return nil, err
	}
	if err := r.periodBefore(c, region, code); err != nil {
		return nil, err
	}
	return c, r.payeeChanges(c)
}

// periodBefore reads the last earlier period that has a sealed batch of the region, or of one around or inside it.
func (r *reader) periodBefore(c *comparison, region string, code int64) error {
	var last sql.NullInt64
	_, err := r.one("SELECT max(b.period) FROM batches b WHERE b.roll = $1 AND b.period < $2 AND b.state NOT IN ($3, $4) AND "+
		"(b.region >= $5 AND b.region <= $6 OR substr($5, 1, length(b.region)) = b.region)",
		[]any{c.roll, code, string(payment.BatchOpen), string(payment.BatchCancelled), region, region + "~"}, &last)
	if err != nil || !last.Valid {
		return err
	}
	period, err := relief.PeriodFromCode(uint16(last.Int64)) //nolint:gosec // 16 bits on the ledger
	if err != nil {
		return err
	}
	if c.before, err = r.paidIn(c, period, payment.BatchCancelled, payment.BatchOpen); err != nil {
		return err
	}
	c.previous = &PreviousPeriod{Period: period}
	for _, p := range c.before {
		c.previous.add(p.amount)
	}
	return nil
}

// paidIn lists what people who live in the region were paid for a period in its own month or quarter, one for a person: by the
// batch if it pays them, or else by the last attempt. Several grants are one sum. Payments of batches in some states are left
// out, and so are top-ups and what a later period has paid.
func (r *reader) paidIn(c *comparison, period relief.Period, without ...payment.BatchState) (list []paid, err error) {
	first, last := spanLow(c.roll, period), spanLow(c.roll, period)+spanSize-1
	args := []any{first, last, c.low, c.high}
	states := make([]string, len(without))
	for i, s := range without {
		args = append(args, string(s))
		states[i] = fmt.Sprintf("$%d", len(args))
	}
	err = r.each("SELECT p.n, p.kind, p.amount, p.listed, p.batch, e.region FROM payments p CROSS JOIN batches b CROSS JOIN entries e "+
		"WHERE p.n BETWEEN $1 AND $2 AND b.n = p.batch AND e.n = "+sqlEntryOfPayment("p.n")+
		" AND e.region BETWEEN $3 AND $4 AND b.period = "+sqlPeriodOfPayment("p.n")+fmt.Sprintf(" AND p.kind <> %d", relief.PaymentTopUp)+
		" AND b.state NOT IN ("+
		strings.Join(states, ", ")+") ORDER BY p.n", func(rows *sql.Rows) error {
		var n, kind, batch int64
		var p paid
		if err := rows.Scan(&n, &kind, &p.amount, &p.listed, &batch, &p.region); err != nil {
			return err
		}
		_, _, p.number, _ = paymentParts(n)
		p.own = batch == c.batch
		if k := len(list) - 1; k >= 0 && list[k].number == p.number {
			switch {
			case relief.PaymentKind(kind) == relief.PaymentGrant && list[k].own == p.own: //nolint:gosec // four kinds
				list[k].amount += p.amount
			case !list[k].own:
				list[k] = p
			}
			return nil
		}
		list = append(list, p)
		return nil
	}, args...)
	return list, err
}

// payeeChanges finds the payees of the batch who have changed since their last payment. Whoever was never paid is new and
// not changed.
func (r *reader) payeeChanges(c *comparison) error {
	all := map[uint32][]payeeChange{}
	err := r.each("SELECT entry, place, name, account FROM payee_changes WHERE entry BETWEEN $1 AND $2 ORDER BY entry, place",
		func(rows *sql.Rows) error {
			var entry, name, account int64
			var change payeeChange
			if err := rows.Scan(&entry, &change.place, &name, &account); err != nil {
				return err
			}
			change.name, change.account = name != 0, account != 0
			_, number := entryParts(entry)
			all[number] = append(all[number], change)
			return nil
		}, entryNumber(c.roll, 0), entryNumber(c.roll, numberMask))
	if err != nil || len(all) == 0 {
		return err
	}
	for i := range c.now {
		p := &c.now[i]
		if !p.own || all[p.number] == nil {
			continue
		}
		paidAt, err := r.lastListing(c, p.number)
		if err != nil {
			return err
		}
		var since payeeChange
		for _, change := range all[p.number] {
			if paidAt != 0 && change.place > paidAt {
				since = payeeChange{change.place, since.name || change.name, since.account || change.account}
			}
		}
		if since.place != 0 {
			c.changes[p.number] = since
		}
	}
	return nil
}

// lastListing is the tx position at which a person's last payment before the batch's period was listed; 0 for none.
func (r *reader) lastListing(c *comparison, number uint32) (int64, error) {
	if b := c.paidBefore(number); b != nil {
		return b.listed, nil
	}
	first, last := attemptsOf(0, number)
	low, _ := rollSpans(c.roll)
	var listed sql.NullInt64
	_, err := r.one("SELECT max(p.listed) FROM spans s CROSS JOIN payments p CROSS JOIN batches b "+
		"WHERE s.low >= $1 AND s.low < $2 AND p.n BETWEEN s.low + $3 AND s.low + $4 AND b.n = p.batch AND b.state <> $5",
		[]any{low, spanLow(c.roll, c.period), first, last, string(payment.BatchCancelled)}, &listed)
	return listed.Int64, err
}

func (c *comparison) paidBefore(number uint32) *paid {
	i, found := slices.BinarySearchFunc(c.before, number, func(p paid, n uint32) int { return int(p.number) - int(n) })
	if !found {
		return nil
	}
	return &c.before[i]
}
