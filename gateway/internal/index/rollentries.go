package index

import (
	"context"
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index/sqldb"
)

// RollQuery says which entries of a roll are wanted. Empty fields match every entry.
type RollQuery struct {
	Programme relief.ProgrammeID
	County    relief.Region
	Region    relief.Region // in a region or inside it
	Class     string
	State     roll.State
	EntryFilter
}

// EntryFilter says when entries began and ended, and why. Empty fields match every entry.
type EntryFilter struct {
	EnteredFrom, EnteredTo relief.Period // months of the first payment
	EndedFrom, EndedTo     relief.Period // months of the last one, of entries that have ended
	Died                   DayRange
	Reason                 roll.ExitReason
}

func (f *EntryFilter) matches(e *roll.Entry) bool {
	died := f.Died.Empty() || e.DiedOn != "" && e.DiedOn >= f.Died.From && (f.Died.To == "" || e.DiedOn <= f.Died.To)
	return died && beginsWithin(e.From, f.EnteredFrom, f.EnteredTo) && beginsWithin(e.Until, f.EndedFrom, f.EndedTo) &&
		(f.Reason == "" || e.ExitReason == f.Reason)
}

// beginsWithin reports whether a month lies in a range; no month lies in one that has a bound.
func beginsWithin(month, from, to relief.Period) bool {
	if from.IsZero() && to.IsZero() {
		return true
	}
	return !month.IsZero() && (from.IsZero() || month.FirstMonth() >= from.FirstMonth()) && (to.IsZero() || month.FirstMonth() <= to.LastMonth())
}

// RollEntry is an entry of a roll, and the case of its household; "" for an imported household of which no act has made one.
type RollEntry struct {
	roll.Entry
	Case relief.CaseID `json:"case,omitempty"`
}

func (q *RollQuery) matches(e *roll.Entry) bool {
	return (q.Class == "" || q.Class == e.Class) && (q.State == "" || q.State == e.State) && q.EntryFilter.matches(e)
}

// RollEntries lists the entries of a roll in the order of their numbers. A roll that nobody was ever on is empty.
func (ix *Index) RollEntries(ctx context.Context, q RollQuery, cursor string, limit int) (page Page[RollEntry], err error) {
	page.Items = []RollEntry{}
	after, err := parseCursor('e', cursor, -1)
	if err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindRoll); err != nil {
			return err
		}
		n, err := r.roll(q.Programme, q.County)
		if err != nil || n == 0 {
			return err
		}
		if err := r.rollPage(&page, &q, n, after, limit); err != nil {
			return err
		}
		return r.nameCases(page.Items, q.Programme)
	})
	return page, err
}

// rollPage reads entries until the page is full. Class and state are in the packed value: it looks at a bounded number of rows.
func (r *reader) rollPage(page *Page[RollEntry], q *RollQuery, n, after int64, limit int) error {
	passed, err := r.passed()
	if err != nil {
		return err
	}
	var w sqldb.Where
	w.Add("e.n > ? AND e.n <= ?", max(after, entryNumber(n, 0)-1), entryNumber(n, numberMask))
	if q.Region != "" {
		low, high := regionDigits(q.Region)
		w.Add("e.region BETWEEN ? AND ?", low, high)
	}
	for i := range passed {
		if p := &passed[i]; p.Kind == relief.KindRoll {
			w.Add("NOT (e.n BETWEEN ? AND ?)", p.low, p.high)
		}
	}
	last, scanned, full := after, 0, false
	err = r.each("SELECT e.n, e.subject, e.value FROM entries e WHERE "+w.String()+" ORDER BY e.n LIMIT "+w.Arg(rowsScanned), func(rows *sql.Rows) error {
		if full {
			return nil
		}
		var at int64
		var subject, value []byte
		if err := rows.Scan(&at, &subject, &value); err != nil {
			return err
		}
		_, number := entryParts(at)
		e, err := entry(relief.SubjectRef(subject), value, rollName{q.Programme, q.County}, number)
		if err != nil {
			return err
		}
		scanned++
		if !q.matches(&e) {
			last = at
			return nil
		}
		if full = len(page.Items) == limit; !full {
			page.Items, last = append(page.Items, RollEntry{Entry: e}), at
		}
		return nil
	}, w.Args...)
	if err == nil && (full || scanned == rowsScanned) {
		page.Next = cursorOf('e', last)
	}
	return err
}

// nameCases names the case of each entry's household: the one in force, or else the last.
func (r *reader) nameCases(items []RollEntry, programme relief.ProgrammeID) error {
	if len(items) == 0 {
		return nil
	}
	heads := make([]any, len(items))
	at := make(map[string]*RollEntry, len(items))
	for i := range items {
		head := items[i].Subject.String()
		heads[i], at[head] = head, &items[i] // somebody's later number comes later
	}
	var w sqldb.Where
	w.Add("c.programme = ?", string(programme))
	w.AddIn("c.head", heads...)
	inForce := map[string]bool{}
	return r.each("SELECT c.head, c.id, c.state FROM cases c WHERE "+w.String()+" ORDER BY c.n", func(rows *sql.Rows) error {
		var head string
		c := casework.Case{}
		if err := rows.Scan(&head, &c.ID, &c.State); err != nil {
			return err
		}
		if e := at[head]; c.OnRoll() && !inForce[head] {
			e.Case, inForce[head] = c.ID, c.InForce()
		}
		return nil
	}, w.Args...)
}
