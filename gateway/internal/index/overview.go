package index

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
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

// KindTotal is a batch's payments of one kind: how many, what counts against what is owed, and what of it is deducted.
type KindTotal struct {
	Kind relief.PaymentKind `json:"kind"`
	Total
	Deducted relief.Fen `json:"deducted"`
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
	Listed       Total           `json:"listed"`        // all payments, and what is transferred: what the control totals say
	Transfers    Total           `json:"transfers"`     // what the bank is told: one for a person
	Kinds        []KindTotal     `json:"kinds"`         // in the order regular, arrears, top-ups, grants
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
		o.Listed, o.Transfers, o.Kinds = c.listed, c.transfers, c.kinds
		o.OtherBatches, o.Previous, o.Townships = c.elsewhere, c.previous, c.townships()
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
		n := entryNumber(c.roll, d.Number)
		if _, err := r.one("SELECT subject, value FROM entries WHERE n = $1", []any{n}, &subject, &value); err != nil {
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
