package index

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// LineDifference is how one person's payment in a batch differs from the one before.
type LineDifference struct {
	Subject  relief.SubjectRef `json:"subject"`
	Number   uint32            `json:"number"` // on the roll
	Region   relief.Region     `json:"region"`
	Amount   *relief.Fen       `json:"amount,omitempty"`   // in the batch
	Previous *relief.Fen       `json:"previous,omitempty"` // in the period before
	// Of a person who is gone: what the roll says now.
	State  roll.State      `json:"state,omitempty"`
	Until  relief.Period   `json:"until,omitzero"`
	Reason roll.ExitReason `json:"reason,omitempty"`
	// Of a payee who has changed since the last payment.
	NameChanged    bool      `json:"name_changed,omitempty"`
	AccountChanged bool      `json:"account_changed,omitempty"`
	ChangedAt      time.Time `json:"changed_at,omitzero"`
}

// DifferenceList names one of the lists of differences.
type DifferenceList string

// The lists.
const (
	NewPeople      DifferenceList = "new"     // who were not paid in the period before
	GonePeople     DifferenceList = "gone"    // who were, and are in no batch of this period
	ChangedAmounts DifferenceList = "changed" // who are paid another amount than before
	ChangedPayees  DifferenceList = "payees"  // whose name or account has changed since their last payment
)

// DifferenceLists are all of them.
var DifferenceLists = []DifferenceList{NewPeople, GonePeople, ChangedAmounts, ChangedPayees}

// Total is a number of people, and what they are paid.
type Total struct {
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

func (t *Total) add(amount relief.Fen) {
	t.Count++
	t.Sum += amount
}

// Group is a list of differences: how many, what they are paid, and were paid in the period before. Items is its first
// page.
type Group struct {
	Total
	Previous relief.Fen `json:"previous_sum"`
	Page[LineDifference]
}

// Township is what the people of a township are paid in a batch, and were paid in the period before.
type Township struct {
	Region relief.Region `json:"region"`
	Total
	PreviousCount int        `json:"previous_count"`
	PreviousSum   relief.Fen `json:"previous_sum"`
}

// PreviousPeriod is the last period before a batch's that was paid in its programme and region.
type PreviousPeriod struct {
	Period relief.Period `json:"period"`
	Total
}

// Overview is a batch beside the period before: what approvers look at.
type Overview struct {
	Listed       Total           `json:"listed"`
	OtherBatches Total           `json:"other_batches"` // of the same period, in the region
	Previous     *PreviousPeriod `json:"previous,omitempty"`
	New          Group           `json:"new"`
	Gone         Group           `json:"gone"`
	Changed      Group           `json:"changed"`
	Payees       Group           `json:"payees"`
	Townships    []Township      `json:"townships"`
}

// BatchOverview compares a batch with the last period before it in the same programme and region. limit is how many items
// each list has.
func (ix *Index) BatchOverview(ctx context.Context, id relief.BatchID, limit int) (o Overview, err error) {
	err = ix.view(ctx, func(r *reader) error {
		c, err := r.comparison(id)
		if err != nil {
			return err
		}
		for list, group := range map[DifferenceList]*Group{
			NewPeople: &o.New, GonePeople: &o.Gone, ChangedAmounts: &o.Changed, ChangedPayees: &o.Payees,
		} {
			group.Items = []LineDifference{}
			c.collect(list, -1, min(limit, MaxPage), group)
			if err := r.complete(c, list, group.Items); err != nil {
				return err
			}
		}
		o.Listed, o.OtherBatches, o.Previous, o.Townships = c.listed, c.elsewhere, c.previous, c.townships()
		return nil
	})
	return o, err
}

// BatchDifferences is a page of one of a batch's lists, by roll number.
func (ix *Index) BatchDifferences(
	ctx context.Context, id relief.BatchID, list DifferenceList, cursor string, limit int,
) (page Page[LineDifference], err error) {
	after, err := parseCursor('d', cursor, -1)
	if err != nil {
		return page, err
	}
	err = ix.view(ctx, func(r *reader) error {
		c, err := r.comparison(id)
		if err != nil {
			return err
		}
		group := Group{Page: Page[LineDifference]{Items: []LineDifference{}}}
		c.collect(list, after, min(limit, MaxPage), &group)
		page = group.Page
		return r.complete(c, list, page.Items)
	})
	return page, err
}

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
	period            relief.Period
	low, high         int64 // of the regions in the batch's
	now, before       []paid
	changes           map[uint32]payeeChange // of people in the batch
	previous          *PreviousPeriod
	listed, elsewhere Total
}

// comparison reads both periods: each lies together in the table of payments, in the order of roll numbers.
func (r *reader) comparison(id relief.BatchID) (*comparison, error) {
	c := &comparison{changes: map[uint32]payeeChange{}}
	var region, programme string
	var code int64
	found, err := r.one("SELECT n, roll, programme, region, period FROM batches WHERE id = $1", []any{string(id)},
		&c.batch, &c.roll, &programme, &region, &code)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errNotFound(relief.KindBatch)
	}
	c.name = rollName{relief.ProgrammeID(programme), relief.Region(region).County()}
	c.low, c.high = regionDigits(relief.Region(region))
	if c.period, err = relief.PeriodFromCode(uint16(code)); err != nil { //nolint:gosec // 16 bits on the ledger
		return nil, err
	}
	if c.now, err = r.paidIn(c, c.period, payment.BatchCancelled); err != nil {
		return nil, err
	}
	for _, p := range c.now {
		if p.own {
			c.listed.add(p.amount)
		} else {
			c.elsewhere.add(p.amount)
		}
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

// paidIn lists the payments of a period to people who live in the region, one for a person: that of the batch if there is
// one, or else the last attempt. Payments of batches in some states are left out.
func (r *reader) paidIn(c *comparison, period relief.Period, without ...payment.BatchState) (list []paid, err error) {
	first, last := spanLow(c.roll, period), spanLow(c.roll, period)+spanSize-1
	args := []any{first, last, c.low, c.high}
	states := make([]string, len(without))
	for i, s := range without {
		args = append(args, string(s))
		states[i] = fmt.Sprintf("$%d", len(args))
	}
	err = r.each("SELECT p.n, p.amount, p.listed, p.batch, e.region FROM payments p CROSS JOIN batches b CROSS JOIN entries e "+
		"WHERE p.n BETWEEN $1 AND $2 AND b.n = p.batch AND e.n = "+sqlEntryOfPayment("p.n")+" AND e.region BETWEEN $3 AND $4 AND b.state NOT IN ("+
		strings.Join(states, ", ")+") ORDER BY p.n", func(rows *sql.Rows) error {
		var n, batch int64
		var p paid
		if err := rows.Scan(&n, &p.amount, &p.listed, &batch, &p.region); err != nil {
			return err
		}
		_, _, p.number, _ = paymentParts(n)
		p.own = batch == c.batch
		if k := len(list) - 1; k >= 0 && list[k].number == p.number {
			if !list[k].own {
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
	_, err := r.one("SELECT max(p.listed) FROM spans s CROSS JOIN payments p CROSS JOIN batches b WHERE s.low >= $1 AND s.low < $2 "+
		"AND p.n BETWEEN s.low + $3 AND s.low + $4 AND b.n = p.batch AND b.state <> $5",
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

// collect counts a list and gathers a page of it, of the roll numbers after one.
func (c *comparison) collect(list DifferenceList, after int64, limit int, group *Group) {
	c.each(func(number uint32, now, before *paid) {
		if !c.belongs(list, number, now, before) {
			return
		}
		d := LineDifference{Number: number}
		if now != nil {
			d.Amount = &now.amount
			group.add(now.amount)
		} else {
			group.Count++
		}
		if before != nil {
			d.Previous = &before.amount
			group.Previous += before.amount
		}
		switch {
		case int64(number) <= after:
		case len(group.Items) < limit:
			group.Items = append(group.Items, d)
		case group.Next == "":
			group.Next = cursorOf('d', int64(group.Items[limit-1].Number))
		}
	})
}

func (c *comparison) belongs(list DifferenceList, number uint32, now, before *paid) bool {
	own := now != nil && now.own
	switch list {
	case NewPeople:
		return own && before == nil
	case GonePeople:
		return now == nil
	case ChangedAmounts:
		return own && before != nil && now.amount != before.amount
	default:
		_, changed := c.changes[number]
		return own && changed
	}
}

// each visits everybody who is in one of the periods, by roll number.
func (c *comparison) each(visit func(number uint32, now, before *paid)) {
	i, k := 0, 0
	for i < len(c.now) || k < len(c.before) {
		switch {
		case k == len(c.before) || i < len(c.now) && c.now[i].number < c.before[k].number:
			visit(c.now[i].number, &c.now[i], nil)
			i++
		case i == len(c.now) || c.before[k].number < c.now[i].number:
			visit(c.before[k].number, nil, &c.before[k])
			k++
		default:
			visit(c.now[i].number, &c.now[i], &c.before[k])
			i, k = i+1, k+1
		}
	}
}

// complete adds what the roll and the ledger say of the people on a page.
func (r *reader) complete(c *comparison, list DifferenceList, items []LineDifference) error {
	for i := range items {
		d := &items[i]
		var subject, value []byte
		if _, err := r.one("SELECT subject, value FROM entries WHERE n = $1", []any{entryNumber(c.roll, d.Number)}, &subject, &value); err != nil {
			return err
		}
		e, err := entry(relief.SubjectRef(subject), value, c.name, d.Number)
		if err != nil {
			return err
		}
		d.Subject, d.Region = e.Subject, e.Region
		switch list {
		case GonePeople:
			d.State, d.Until, d.Reason = e.State, e.Until, e.ExitReason
		case ChangedPayees:
			change := c.changes[d.Number]
			d.NameChanged, d.AccountChanged = change.name, change.account
			var at int64
			if _, err := r.one("SELECT at FROM transactions WHERE place = $1", []any{change.place}, &at); err != nil {
				return err
			}
			d.ChangedAt = time.UnixMilli(at).UTC()
		}
	}
	return nil
}

// townships adds up the batch, and the period before, by township. Somebody whose region is a county counts for it.
func (c *comparison) townships() []Township {
	list := []Township{}
	places := map[int64]int{} // region of 9 digits → its place in the list
	of := func(region int64) *Township {
		nine := region / 1000
		at, known := places[nine]
		if !known {
			name := fmt.Sprintf("%09d", nine)
			at, places[nine] = len(list), len(list)
			list = append(list, Township{Region: relief.Region(strings.TrimSuffix(name, "000"))})
		}
		return &list[at]
	}
	for i := range c.now {
		if p := &c.now[i]; p.own {
			of(p.region).add(p.amount)
		}
	}
	for i := range c.before {
		t := of(c.before[i].region)
		t.PreviousCount++
		t.PreviousSum += c.before[i].amount
	}
	slices.SortFunc(list, func(a, b Township) int { return strings.Compare(string(a.Region), string(b.Region)) })
	return list
}
