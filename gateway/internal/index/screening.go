package index

import (
	"context"
	"database/sql"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/gateway/internal/index/sqldb"
)

// Screen carries out the rules of screening in a region as of a block; nil for the last one. It reads what the ledger said at that block,
// whatever was written since.
func (ix *Index) Screen(ctx context.Context, region relief.Region, block *uint64) (report *screen.Report, err error) {
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		if height == 0 || block != nil && *block >= height {
			return relief.FieldErrorf("block", "索引尚无该区块 · the index has no such block yet")
		}
		q := screen.Question{Region: region, Block: height - 1}
		if block != nil {
			q.Block = *block
		}
		end := txPosOf(q.Block+1, 0)
		var day sql.NullInt64
		if _, err := r.one("SELECT max(day) FROM ledger_days WHERE place < $1", []any{end}, &day); err != nil {
			return err
		}
		if !day.Valid {
			return relief.FieldErrorf("block", "该区块之前没有有效交易 · no valid transaction until this block: there is nothing to screen")
		}
		report, err = screen.Run(q, relief.DayOfNumber(int(day.Int64)), &blockLedger{r, end, region})
		return err
	})
	return report, err
}

// blockLedger is what the index has of a region as of a place.
type blockLedger struct {
	*reader
	end    int64
	region relief.Region
}

// regional are the kinds whose records have a table with their regions of now: those of other regions are not read, unless they were
// written since and may have been of the region.
var regional = map[string]string{
	relief.KindCase: "cases", relief.KindChange: "changes", relief.KindBatch: "batches", relief.KindTranche: "tranches",
}

// Each visits the versions of a kind of record that held before the place.
func (l *blockLedger) Each(kind string, visit func([]byte) error) error {
	var w sqldb.Where // SQLite numbers the values as they come in the text
	from := "keys k "
	if table := regional[kind]; table != "" {
		from += "JOIN " + table + " t ON t.n = k.n "
	}
	end := w.Arg(l.end)
	from += "JOIN versions v ON v.key = k.n AND v.place = CASE WHEN k.place < " + end +
		" THEN k.place ELSE coalesce((SELECT max(x.place) FROM versions x WHERE x.key = k.n AND x.place < " + end + "), -1) END"
	w.Add("k.kind = ? AND k.place > 0 AND v.deleted = 0", kind)
	if regional[kind] != "" {
		w.Add("(t.region >= ? AND t.region <= ? OR k.place >= ?)", string(l.region), string(l.region)+"~", l.end)
	}
	return l.each("SELECT v.value FROM "+from+" WHERE "+w.String(), func(rows *sql.Rows) error {
		var value []byte
		if err := rows.Scan(&value); err != nil {
			return err
		}
		return visit(value)
	}, w.Args...)
}

// Rolls are those of the region.
func (l *blockLedger) Rolls() (rolls []screen.Roll, err error) {
	err = l.each("SELECT programme, county FROM rolls WHERE county >= $1 AND county <= $2", func(rows *sql.Rows) error {
		var r screen.Roll
		err := rows.Scan(&r.Programme, &r.County)
		rolls = append(rolls, r)
		return err
	}, string(l.region), string(l.region)+"~")
	return rolls, err
}

// Entries visits the entries of a roll as they were before the place.
func (l *blockLedger) Entries(at screen.Roll, visit func(*roll.Entry) error) error {
	n, err := l.roll(at.Programme, at.County)
	if err != nil || n == 0 {
		return err
	}
	low, high := entryNumber(n, 0), entryNumber(n, numberMask)
	name := rollName{at.Programme, at.County}
	one := func(entryN int64, subject, value []byte) error {
		_, number := entryParts(entryN)
		e, err := entry(relief.SubjectRef(subject), value, name, number)
		if err != nil {
			return fmt.Errorf("entry %d of the roll %s in %s: %w", number, at.Programme, at.County, err)
		}
		return visit(&e)
	}
	scan := func(rows *sql.Rows) error {
		var entryN int64
		var subject, value []byte
		if err := rows.Scan(&entryN, &subject, &value); err != nil {
			return err
		}
		return one(entryN, subject, value)
	}
	if err := l.each("SELECT n, subject, value FROM entries WHERE n BETWEEN $1 AND $2 AND place < $3", scan, low, high, l.end); err != nil {
		return err
	}
	return l.each("SELECT e.n, e.subject, v.value FROM entries e JOIN entry_versions v ON v.entry = e.n AND v.place = "+
		"(SELECT max(x.place) FROM entry_versions x WHERE x.entry = e.n AND x.place < $1) WHERE e.n BETWEEN $2 AND $3 AND e.place >= $1", scan, l.end, low, high)
}

// paymentVersion is one of what a payment was.
type paymentVersion struct {
	n, place, batch, kind, amount, state, day int64
	reason                                    string
}

// Payments visits the payments of a roll as they stood before the place.
func (l *blockLedger) Payments(at screen.Roll, lastMonth int, visit func(*screen.Payment) error) error {
	n, err := l.roll(at.Programme, at.County)
	if err != nil || n == 0 {
		return err
	}
	batches, err := l.batchIDs(n)
	if err != nil {
		return err
	}
	var lows []int64
	err = l.each("SELECT low, period FROM spans WHERE roll = $1", func(rows *sql.Rows) error {
		var low, code int64
		if err := rows.Scan(&low, &code); err != nil {
			return err
		}
		period, err := relief.PeriodFromCode(uint16(code)) //nolint:gosec // as stored
		if err == nil && period.LastMonth() >= lastMonth {
			lows = append(lows, low)
		}
		return err
	}, n)
	if err != nil {
		return err
	}
	for _, low := range lows {
		if err := l.spanPayments(low, batches, visit); err != nil {
			return err
		}
	}
	return nil
}

// spanPayments visits those of one period. A payment whose row was written since is read from the versions that the row replaced.
func (l *blockLedger) spanPayments(low int64, batches map[int64]relief.BatchID, visit func(*screen.Payment) error) error {
	earlier, err := l.replaced(low)
	if err != nil {
		return err
	}
	give := func(v *paymentVersion) error {
		if v.place < 0 || v.state == stateFree {
			return nil
		}
		return visit(v.payment(batches))
	}
	err = l.each("SELECT p.n, p.listed, p.answered, p.batch, p.kind, p.amount, p.state, p.day, "+reasonOf+" FROM payments p WHERE p.n BETWEEN $1 AND $2",
		func(rows *sql.Rows) error {
			var v paymentVersion
			var listed, answered int64
			if err := rows.Scan(&v.n, &listed, &answered, &v.batch, &v.kind, &v.amount, &v.state, &v.day, &v.reason); err != nil {
				return err
			}
			v.before(l.end, listed, answered)
			if was, known := earlier[v.n]; known {
				delete(earlier, v.n)
				if was.place > v.place {
					v = was
				}
			}
			return give(&v)
		}, low, low+spanSize-1)
	if err != nil {
		return err
	}
	for _, v := range earlier { // in any order: of payments that were taken out since
		if err := give(&v); err != nil {
			return err
		}
	}
	return nil
}

// replaced are the last versions before the place among those that later ones have replaced.
func (l *blockLedger) replaced(low int64) (map[int64]paymentVersion, error) {
	last := map[int64]paymentVersion{}
	err := l.each("SELECT payment, place, batch, kind, amount, state, day, reason FROM line_history WHERE payment BETWEEN $1 AND $2 AND place < $3",
		func(rows *sql.Rows) error {
			var v paymentVersion
			err := rows.Scan(&v.n, &v.place, &v.batch, &v.kind, &v.amount, &v.state, &v.day, &v.reason)
			if was, known := last[v.n]; !known || was.place < v.place {
				last[v.n] = v
			}
			return err
		}, low, low+spanSize-1, l.end)
	return last, err
}

// before makes a payment's row what the row said before a place: the bank's answer, the listing, or nothing (place -1).
func (v *paymentVersion) before(end, listed, answered int64) {
	switch {
	case answered > 0 && answered < end:
		v.place = answered
	case listed < end:
		v.place, v.state, v.day, v.reason = listed, stateListed, 0, ""
	default:
		v.place = -1
	}
}

func (v *paymentVersion) payment(batches map[int64]relief.BatchID) *screen.Payment {
	_, period, number, attempt := paymentParts(v.n)
	p := screen.Payment{
		Number: number, Period: period, Attempt: attempt, Kind: relief.PaymentKind(v.kind), Amount: relief.Fen(v.amount), //nolint:gosec // as stored
		Batch: batches[v.batch], State: lineStates[v.state], Reason: v.reason,
	}
	if v.day > 0 {
		p.Day = relief.DayOfNumber(int(v.day))
	}
	return &p
}

// batchIDs are the ids of a roll's batches by the numbers of their keys.
func (r *reader) batchIDs(roll int64) (map[int64]relief.BatchID, error) {
	ids := map[int64]relief.BatchID{}
	err := r.each("SELECT n, id FROM batches WHERE roll = $1", func(rows *sql.Rows) error {
		var n int64
		var id relief.BatchID
		err := rows.Scan(&n, &id)
		ids[n] = id
		return err
	}, roll)
	return ids, err
}
