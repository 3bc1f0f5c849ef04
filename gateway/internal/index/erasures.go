package index

import (
	"context"
	"database/sql"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// Erasure is a transaction that erased private details: of whom, and the cases whose facts went with them.
type Erasure struct {
	TxPos    int64 // it grows from each erasure to the next
	Subjects []relief.SubjectRef
	Cases    []casework.Case // as of then
}

// Erasures lists up to limit erasures after a tx position, in ledger order. through is the position up to which there are
// no others, for the next call's after.
func (ix *Index) Erasures(ctx context.Context, after int64, limit int) (found []Erasure, through int64, err error) {
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		through = max(after, txPosOf(height, 0)-1)
		places, err := r.erasurePlaces(after, limit)
		if err != nil {
			return err
		}
		if len(places) == limit {
			through = places[limit-1]
		}
		for _, place := range places {
			e, err := r.erasure(place)
			if err != nil {
				return err
			}
			if len(e.Subjects) > 0 {
				found = append(found, e)
			}
		}
		return nil
	})
	return found, through, err
}

// erasurePlaces are the next transactions that wrote an erasure: a proposal, a confirmation or a withdrawal.
func (r *reader) erasurePlaces(after int64, limit int) (places []int64, err error) {
	err = r.each("SELECT DISTINCT w.place FROM writes w JOIN keys k ON k.n = w.key AND k.kind = $1 "+
		"JOIN versions v ON v.key = w.key AND v.place = w.place AND v.deleted = 0 WHERE w.place > $2 ORDER BY w.place LIMIT $3",
		func(rows *sql.Rows) error {
			var place int64
			err := rows.Scan(&place)
			places = append(places, place)
			return err
		}, relief.KindErasure, after, limit)
	return places, err
}

// erasure is what a transaction erased; without subjects when it erased nothing.
func (r *reader) erasure(place int64) (Erasure, error) {
	out := Erasure{TxPos: place}
	err := r.writtenAt(place, relief.KindErasure, func(value []byte) error {
		var e roll.Erasure
		if err := json.Unmarshal(value, &e); err != nil {
			return err
		}
		if e.State == roll.ErasureDone {
			out.Subjects = append(out.Subjects, e.Subject)
		}
		return nil
	})
	if err != nil || len(out.Subjects) == 0 {
		return out, err
	}
	err = r.writtenAt(place, relief.KindCase, func(value []byte) error {
		c, err := stored.Read[casework.Case](value)
		if err != nil {
			return err
		}
		if c.FactsErased != "" {
			out.Cases = append(out.Cases, *c)
		}
		return nil
	})
	return out, err
}

// writtenAt calls f with the records of a kind that a transaction wrote, in the order of their ids.
func (r *reader) writtenAt(place int64, kind string, f func([]byte) error) error {
	return r.each("SELECT v.value FROM writes w JOIN keys k ON k.n = w.key AND k.kind = $1 "+
		"JOIN versions v ON v.key = w.key AND v.place = w.place AND v.deleted = 0 WHERE w.place = $2 ORDER BY k.name",
		func(rows *sql.Rows) error {
			var value []byte
			if err := rows.Scan(&value); err != nil {
				return err
			}
			return f(value)
		}, kind, place)
}

// BatchesOf lists the batches that ever had a payment of a person.
func (ix *Index) BatchesOf(ctx context.Context, ref relief.SubjectRef) (batches []relief.BatchID, err error) {
	err = ix.view(ctx, func(r *reader) error {
		holdings, err := r.rollHoldings(ref)
		if err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, h := range holdings {
			low, high := rollSpans(h.roll)
			first, last := attemptsOf(0, h.Number)
			versions, err := r.lineVersions(first, last, low, high)
			if err != nil {
				return err
			}
			for i := range versions {
				if seen[versions[i].batch] {
					continue
				}
				seen[versions[i].batch] = true
				var id string
				if _, err := r.one("SELECT id FROM batches WHERE n = $1", []any{versions[i].batch}, &id); err != nil {
					return err
				}
				batches = append(batches, relief.BatchID(id))
			}
		}
		return nil
	})
	return batches, err
}

// Leavers lists people of whom private details may be kept although they have left: those with an ended roll entry, then those
// of cases. The ledger says of each whether details are kept and when their retention is over. The cursor is a place in the two
// lists; at most maxScanned records are read for a page, which may be empty although there are others.
func (ix *Index) Leavers(ctx context.Context, cursor string, limit int) (page Page[relief.SubjectRef], err error) {
	page.Items = []relief.SubjectRef{}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		after, err := parseCursor('e', cursor, -1)
		if err == nil {
			done, last, err := r.endedEntries(&page, after, limit)
			if err != nil {
				return err
			}
			page.Next = cursorOf('e', last)
			if done {
				page.Next = cursorOf('k', 0)
			}
			return nil
		}
		if after, err = parseCursor('k', cursor, -1); err != nil {
			return err
		}
		done, last, err := r.casePeople(&page, after, limit)
		if err != nil {
			return err
		}
		if !done {
			page.Next = cursorOf('k', last)
		}
		return nil
	})
	return page, err
}

func (r *reader) endedEntries(page *Page[relief.SubjectRef], after int64, limit int) (done bool, last int64, err error) {
	scanned := 0
	last = after
	err = r.each("SELECT n, subject, value FROM entries WHERE n > $1 ORDER BY n LIMIT $2", func(rows *sql.Rows) error {
		if scanned++; len(page.Items) == limit {
			return nil
		}
		var subject, value []byte
		if err := rows.Scan(&last, &subject, &value); err != nil {
			return err
		}
		_, number := entryParts(last)
		e, err := entry(relief.SubjectRef(subject), value, rollName{}, number)
		if err == nil && e.State == roll.Exited {
			page.Items = append(page.Items, e.Subject)
		}
		return err
	}, after, maxScanned)
	return scanned < maxScanned && len(page.Items) < limit, last, err
}

func (r *reader) casePeople(page *Page[relief.SubjectRef], after int64, limit int) (done bool, last int64, err error) {
	scanned := 0
	last = after
	err = r.each("SELECT k.n, k.name, v.value FROM keys k JOIN versions v ON v.key = k.n AND v.place = k.place "+
		"WHERE k.kind = $1 AND k.n > $2 AND v.deleted = 0 ORDER BY k.n LIMIT $3", func(rows *sql.Rows) error {
		if scanned++; len(page.Items) == limit {
			return nil
		}
		var name string
		var value []byte
		if err := rows.Scan(&last, &name, &value); err != nil {
			return err
		}
		var m casework.MemberRecord
		if err := json.Unmarshal(value, &m); err != nil || len(m.Kept) == 0 {
			return err
		}
		ref, err := relief.ParseSubjectRef(name)
		page.Items = append(page.Items, ref)
		return err
	}, relief.KindMember, after, maxScanned)
	return scanned < maxScanned && len(page.Items) < limit, last, err
}
