package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/ledger"
)

// holding is until of a fact that no later version has replaced.
const holding int64 = 1 << 62

// factColumns are the columns that scanFact reads.
const factColumns = "name, code, programme, region, first_month, last_month, due, num, den"

func scanFact(rows *sql.Rows) (f indicator.Fact, err error) {
	var due int64
	err = rows.Scan(&f.Name, &f.Code, &f.Programme, &f.Region, &f.First, &f.Last, &due, &f.Num, &f.Den)
	if due != 0 {
		f.Due = relief.DayOfNumber(int(due))
	}
	return f, err
}

// loadIndicators reads the calendar, the founding's parameters and the day that the ledger has reached.
func (w *writer) loadIndicators(ctx context.Context) error {
	w.calendar, w.parameters = relief.DefaultCalendar, programme.DefaultParameters
	for _, kind := range []string{relief.KindCalendar, relief.KindParameters} {
		var value []byte
		if err := noRows(w.conn.QueryRowContext(ctx, latestVersion, kind, "").Scan(&value)); err != nil {
			return err
		}
		w.takeTerms(kind, value)
	}
	var day sql.NullInt64
	err := w.conn.QueryRowContext(ctx, "SELECT max(day) FROM ledger_days").Scan(&day)
	if day.Valid {
		w.lastDay = relief.DayOfNumber(int(day.Int64))
	}
	return err
}

// takeTerms has a readable calendar, or the founding's parameters, count from now on.
func (w *writer) takeTerms(kind string, value []byte) {
	if value == nil {
		return
	}
	switch kind {
	case relief.KindCalendar:
		days := relief.DefaultCalendar
		if json.Unmarshal(value, &days) == nil {
			w.calendar = days
		}
	case relief.KindParameters:
		fixed := programme.DefaultParameters
		if json.Unmarshal(value, &fixed) == nil {
			w.parameters = fixed
		}
	}
}

// reachDay notes the day of a valid transaction, if the ledger reaches it first with it.
func (w *writer) reachDay(ctx context.Context, tx *ledger.Transaction) error {
	day := relief.DefaultCalendar.Day(time.UnixMilli(milliseconds(tx.Time)))
	if day <= max(w.lastDay, indicator.NoDay) {
		return nil
	}
	w.lastDay = day
	return w.exec(ctx, "INSERT INTO ledger_days (day, place) VALUES ($1, $2)", dayNumber(day), txPosOf(tx.Block, tx.Index))
}

// changedFacts are the facts of a record before and after a version of it.
type changedFacts struct {
	record, txPos int64
	before, now   []indicator.Fact
}

// newFacts works out which facts a version gives. It writes nothing about the value.
func (w *writer) newFacts(ctx context.Context, wr *write) (c changedFacts, err error) {
	w.takeTerms(wr.key.Kind, wr.value)
	if !indicator.Gives(wr.key.Kind) {
		return c, nil
	}
	c.record, c.txPos = wr.n, wr.txPos
	if of := indicator.Owner(wr.key); of.Kind != wr.key.Kind {
		if c.record, err = w.keyNumber(ctx, of); err != nil {
			return c, err
		}
	}
	if c.before, err = w.factsOf(ctx, c.record); err != nil || wr.gone {
		return c, err
	}
	world := &indicator.World{Calendar: &w.calendar, Parameters: w.parameters}
	if world.Programme, err = w.programmeOf(ctx, indicator.ProgrammeOf(wr.key)); err != nil {
		return c, err
	}
	if c.now, err = indicator.Facts(wr.key.Kind, wr.value, c.before, world); err != nil {
		return c, &corrupt{err.Error()}
	}
	return c, nil
}

// factsOf are the facts that a record gives now.
func (w *writer) factsOf(ctx context.Context, record int64) (facts []indicator.Fact, err error) {
	s, err := w.statement(ctx, "SELECT "+factColumns+" FROM indicator_facts WHERE record = $1 AND until = $2 ORDER BY name")
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, record, holding)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		f, err := scanFact(rows)
		if err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	return facts, rows.Err()
}

// programmeOf is a programme as the ledger has it; nil for none.
func (w *writer) programmeOf(ctx context.Context, id relief.ProgrammeID) (*programme.Programme, error) {
	if id == "" {
		return nil, nil
	}
	value, err := w.latest(ctx, relief.ProgrammeKey(id))
	if err != nil || value == nil {
		return nil, err
	}
	return stored.Read[programme.Programme](value)
}

// replaceFacts ends the facts that are gone or others now, and adds what is new. Within one transaction nothing is kept of what did
// not last.
func (w *writer) replaceFacts(ctx context.Context, c *changedFacts) error {
	for i := range c.before {
		f := &c.before[i]
		if slices.Contains(c.now, *f) {
			continue
		}
		if err := w.exec(ctx, "DELETE FROM indicator_facts WHERE record = $1 AND name = $2 AND place = $3", c.record, f.Name, c.txPos); err != nil {
			return err
		}
		if err := w.exec(ctx, "UPDATE indicator_facts SET until = $1 WHERE record = $2 AND name = $3 AND until = $4",
			c.txPos, c.record, f.Name, holding); err != nil {
			return err
		}
	}
	for i := range c.now {
		f := &c.now[i]
		if slices.Contains(c.before, *f) {
			continue
		}
		due := int64(0)
		if f.Due != "" {
			due = dayNumber(f.Due)
		}
		many := int64(0)
		if slices.Contains(addedUp, any(string(f.Code))) {
			many = 1
		}
		err := w.exec(ctx, "INSERT INTO indicator_facts (record, place, until, many, "+factColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
			c.record, c.txPos, holding, many, f.Name, string(f.Code), string(f.Programme), string(f.Region), int64(f.First), int64(f.Last), due, f.Num, f.Den)
		if err != nil {
			return err
		}
	}
	return nil
}
