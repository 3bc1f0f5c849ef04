package index

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

// addedUp are the indicators whose facts are many: one a case. They are added up by the database, all others in the report.
var addedUp = []any{string(indicator.Decision), string(indicator.Recheck), string(indicator.ExitDeath), string(indicator.Waiting)}

// Indicators answers a question as of a block; nil for the final block of its period, or the last one when that is not there yet.
// No payment is read: facts of closed months, tranches and cases are added up.
func (ix *Index) Indicators(ctx context.Context, q indicator.Question, block *uint64) (report indicator.Report, err error) {
	err = ix.view(ctx, func(r *reader) error {
		report, err = r.indicators(q, block)
		return err
	})
	return report, err
}

func (r *reader) indicators(q indicator.Question, block *uint64) (report indicator.Report, err error) {
	height, err := r.height()
	if err != nil {
		return report, err
	}
	if height == 0 || block != nil && *block >= height {
		return report, relief.FieldErrorf("block", "索引尚无该区块 · the index has no such block yet")
	}
	final, err := r.reached(q.Period.FinalOn())
	if err != nil {
		return report, err
	}
	switch {
	case block != nil:
		q.Block = *block
	case final != nil:
		q.Block = *final
	default:
		q.Block = height - 1
	}
	at := indicator.Moment{Final: final}
	if final != nil && *final > q.Block {
		at.Final = nil
	}
	end := txPosOf(q.Block+1, 0)
	var day sql.NullInt64
	if _, err := r.one("SELECT max(day) FROM ledger_days WHERE place < $1", []any{end}, &day); err != nil {
		return report, err
	}
	if day.Valid {
		at.Today = relief.DayOfNumber(int(day.Int64))
	}
	facts, err := r.facts(&q, end, at.Today)
	if err != nil {
		return report, err
	}
	p, err := r.programmeAt(q.Programme, end)
	if err != nil {
		return report, err
	}
	return indicator.NewReport(q, at, q.Counted(facts, at.Today), p), nil
}

// reached is the first block whose transactions have reached a day; nil when none has, or the ledger began on it or later.
func (r *reader) reached(day relief.Day) (*uint64, error) {
	var place sql.NullInt64
	if _, err := r.one("SELECT min(place) FROM ledger_days WHERE day >= $1 AND EXISTS (SELECT 1 FROM ledger_days WHERE day < $1)", []any{dayNumber(day)}, &place); err != nil || !place.Valid {
		return nil, err
	}
	block := blockOf(place.Int64)
	return &block, nil
}

// FinalBlock is the block as of which the figures of a span are final; nil while there is none.
func (ix *Index) FinalBlock(ctx context.Context, s indicator.Span) (block *uint64, err error) {
	err = ix.view(ctx, func(r *reader) error {
		block, err = r.reached(s.FinalOn())
		return err
	})
	return block, err
}

// facts are those that held before a place and may count in the question; of cases one sum an indicator.
func (r *reader) facts(q *indicator.Question, end int64, today relief.Day) (facts []indicator.Fact, err error) {
	where := func(many int64) *sqldb.Where {
		var w sqldb.Where
		first, last, yearFirst, yearLast := q.Period.Months()
		months := []any{int64(0), int64(yearLast)}
		for m := first; m <= last; m++ {
			if m != yearLast {
				months = append(months, int64(m))
			}
		}
		w.Add("programme = ? AND many = ?", string(q.Programme), many)
		w.AddIn("last_month", months...)
		w.Add("region >= ? AND region <= ?", string(q.Region), string(q.Region)+"~")
		w.Add("(last_month = 0 OR first_month >= ? OR first_month = ? AND last_month = ?)", int64(first), int64(yearFirst), int64(yearLast))
		w.Add("place < ? AND until >= ?", end, end)
		w.Add("(due = 0 OR due < ? OR num = den)", dayNumber(today))
		return &w
	}
	each := where(0)
	err = r.each("SELECT "+factColumns+" FROM indicator_facts WHERE "+each.String(), func(rows *sql.Rows) error {
		f, err := scanFact(rows)
		facts = append(facts, f)
		return err
	}, each.Args...)
	if err != nil {
		return nil, err
	}
	sums := where(1)
	_, last, _, _ := q.Period.Months()
	err = r.each("SELECT code, CAST(sum(num) AS BIGINT), CAST(sum(den) AS BIGINT) FROM indicator_facts WHERE "+sums.String()+
		" AND (last_month = 0 OR last_month <= "+sums.Arg(int64(last))+") GROUP BY code", func(rows *sql.Rows) error {
		f := indicator.Fact{Programme: q.Programme, Region: q.Region}
		err := rows.Scan(&f.Code, &f.Num, &f.Den)
		facts = append(facts, f)
		return err
	}, sums.Args...)
	return facts, err
}

// programmeAt is the last readable version of a programme before a place; nil for none.
func (r *reader) programmeAt(id relief.ProgrammeID, end int64) (*programme.Programme, error) {
	var value []byte
	found, err := r.one("SELECT v.value FROM keys k JOIN versions v ON v.key = k.n WHERE k.kind = $1 AND k.name = $2 AND v.place < $3 AND v.deleted = 0 "+
		"ORDER BY v.place DESC LIMIT 1", []any{relief.KindProgramme, string(id), end}, &value)
	if err != nil || !found {
		return nil, err
	}
	return stored.Read[programme.Programme](value)
}

// ClosedMonths are the questions of each county and accounting period that was closed, in order, each with the block of its
// last version.
func (ix *Index) ClosedMonths(ctx context.Context, limit int) (questions []indicator.Question, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return r.each("SELECT k.name, k.place FROM keys k WHERE k.kind = $1 AND k.place > 0 ORDER BY k.place DESC LIMIT $2", func(rows *sql.Rows) error {
			var name string
			var place int64
			if err := rows.Scan(&name, &place); err != nil {
				return err
			}
			parts := strings.Split(name, "/")
			if len(parts) != 3 {
				return nil
			}
			span, err := indicator.ParseSpan(parts[2])
			questions = append(questions, indicator.Question{
				Programme: relief.ProgrammeID(parts[0]), Region: relief.Region(parts[1]), Period: span, Block: blockOf(place),
			})
			return err
		}, relief.KindMonth, int64(limit))
	})
	slices.Reverse(questions)
	return questions, err
}
