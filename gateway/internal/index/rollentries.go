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

// conditions adds the conditions on an entry e.
func (f *EntryFilter) conditions(w *sqldb.Where) {
	between(w, "e.entered", f.EnteredFrom, f.EnteredTo)
	between(w, "e.ended", f.EndedFrom, f.EndedTo)
	if !f.Died.Empty() {
		from, to := f.Died.numbers()
		w.Add("EXISTS (SELECT 1 FROM deaths d WHERE d.entry = e.n AND d.day BETWEEN ? AND ?)", from, to)
	}
	if f.Reason != "" {
		w.Add("e.reason = ?", string(f.Reason))
	}
}

// between adds the condition that a month lies in a range; no month lies in one that has a bound.
func between(w *sqldb.Where, column string, from, to relief.Period) {
	if from.IsZero() && to.IsZero() {
		return
	}
	w.Add(column+" >= ?", max(monthNumber(from), 1))
	if !to.IsZero() {
		w.Add(column+" <= ?", int64(to.LastMonth()))
	}
}

// RollEntry is an entry of a roll, and the case of its household; "" for an imported household of which no act has made one.
type RollEntry struct {
	roll.Entry
	Case relief.CaseID `json:"case,omitempty"`
}

// conditions adds the conditions on an entry e.
func (q *RollQuery) conditions(w *sqldb.Where) {
	if q.Region != "" {
		low, high := regionDigits(q.Region)
		w.Add("e.region BETWEEN ? AND ?", low, high)
	}
	if q.Class != "" {
		w.Add("e.class = ?", classNumber(q.Class))
	}
	switch q.State {
	case roll.InForce:
		w.Add("e.exited = 0")
	case roll.Exited:
		w.Add("e.exited = 1")
	}
	q.EntryFilter.conditions(w)
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

// rollPage reads the entries that match, and whether there are more.
func (r *reader) rollPage(page *Page[RollEntry], q *RollQuery, n, after int64, limit int) error {
	passed, err := r.passed()
	if err != nil {
		return err
	}
	var w sqldb.Where
	w.Add("e.n > ? AND e.n <= ?", max(after, entryNumber(n, 0)-1), entryNumber(n, numberMask))
	q.conditions(&w)
	for i := range passed {
		if p := &passed[i]; p.Kind == relief.KindRoll {
			w.Add("NOT (e.n BETWEEN ? AND ?)", p.low, p.high)
		}
	}
	var last int64
	return r.each("SELECT e.n, e.subject, e.value FROM entries e WHERE "+w.String()+" ORDER BY e.n LIMIT "+w.Arg(limit+1), func(rows *sql.Rows) error {
		if len(page.Items) == limit {
			page.Next = cursorOf('e', last)
			return nil
		}
		var subject, value []byte
		if err := rows.Scan(&last, &subject, &value); err != nil {
			return err
		}
		_, number := entryParts(last)
		e, err := entry(relief.SubjectRef(subject), value, rollName{q.Programme, q.County}, number)
		page.Items = append(page.Items, RollEntry{Entry: e})
		return err
	}, w.Args...)
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
