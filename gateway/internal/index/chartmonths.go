package index

import (
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/index/sqldb"
)

// lastMonths are the last versions of closed months m, of the rolls o.
const lastMonths = " FROM rolls o JOIN months m ON m.roll = o.n JOIN keys k ON k.n = m.record AND k.place = m.n"

// latenesses are how many days after the pay-by day people were credited.
var latenesses = []string{"0", "1-5", "6-10", "11-30", "31+"}

// lateness counts who was credited how many days after the pay-by day, in closed months.
func (r *reader) lateness(q *ChartQuery) (out [][]chart.Cell, err error) {
	period, err := q.period()
	if err != nil {
		return nil, err
	}
	var w sqldb.Where
	counties(&w, "o", q.Region)
	w.Add("o.programme = ? AND m.period = ?", string(q.Programme), int64(period.Code()))
	rows, err := r.numbers(0, 6, "SELECT count(*), "+sumOf("m.on_time")+", "+sumOf("m.late5")+", "+sumOf("m.late10")+", "+sumOf("m.late30")+", "+sumOf("m.later")+
		lastMonths+" WHERE "+w.String(), w.Args)
	if err != nil || rows[0][0].Number == 0 {
		return nil, err
	}
	for i, days := range latenesses {
		out = append(out, []chart.Cell{words(days), rows[0][i+1]})
	}
	return out, nil
}

// twelveMonths adds up closed months.
func (r *reader) twelveMonths(q *ChartQuery) ([][]chart.Cell, error) {
	var w sqldb.Where
	counties(&w, "o", q.Region)
	w.Add("o.programme = ?", string(q.Programme))
	q.year(&w, "m.period")
	return r.ofPeriods(5, "SELECT m.period, "+sumOf("m.due")+", "+sumOf("m.on_time")+", "+sumOf("m.late5 + m.late10 + m.late30 + m.later")+", "+sumOf("m.unpaid")+", "+
		sumOf("m.due_sum")+lastMonths+" WHERE "+w.String()+" GROUP BY m.period ORDER BY m.period", w.Args)
}

// ofPeriods reads rows of numbers behind a period's code.
func (r *reader) ofPeriods(numbers int, query string, args []any) ([][]chart.Cell, error) {
	rows, err := r.numbers(0, 1+numbers, query, args)
	for _, cells := range rows {
		period, err := relief.PeriodFromCode(uint16(cells[0].Number)) //nolint:gosec // 16 bits on the ledger
		if err != nil {
			return nil, err
		}
		cells[0] = words(period.String())
	}
	return rows, err
}

// places adds up a closed month by the places inside a region: counties of a larger region, townships of a county, villages of a township.
func (r *reader) places(q *ChartQuery) (out [][]chart.Cell, err error) {
	period, err := q.period()
	if err != nil {
		return nil, err
	}
	cut, digits := "v.village / 1000000", 6
	switch {
	case len(q.Region) > 6:
		cut, digits = "v.village", 12
	case len(q.Region) == 6:
		cut, digits = "v.village / 1000", 9
	}
	var w sqldb.Where
	counties(&w, "o", q.Region)
	w.Add("o.programme = ? AND m.period = ?", string(q.Programme), int64(period.Code()))
	if len(q.Region) > 6 {
		low, high := regionDigits(q.Region)
		w.Add("v.village BETWEEN ? AND ?", low, high)
	}
	query := "SELECT " + cut + ", " + sumOf("v.credited") + ", " + sumOf("v.households") + ", " + sumOf("v.persons") + ", " + sumOf("v.sum") + ", coalesce(CAST(sum(v.sum) AS BIGINT) / nullif(CAST(sum(v.persons) AS BIGINT), 0), 0)" +
		lastMonths + " JOIN month_villages v ON v.month = m.n WHERE " + w.String() + " GROUP BY 1 ORDER BY 1"
	err = r.each(query, func(rows *sql.Rows) error {
		var place relief.Region
		cells := make([]chart.Cell, 6)
		err := rows.Scan(regionScanner{&place, digits}, &cells[1].Number, &cells[2].Number, &cells[3].Number, &cells[4].Number, &cells[5].Number)
		cells[0] = words(string(place))
		out = append(out, cells)
		return err
	}, w.Args...)
	return out, err
}

// publishedLists counts the lists of closed months by whether they were published in time.
func (r *reader) publishedLists(q *ChartQuery) ([][]chart.Cell, error) {
	var w sqldb.Where
	today := w.Arg(dayNumber(q.Today)) // the first one of the query's text: SQLite numbers arguments as it meets them
	counties(&w, "o", q.Region)
	if q.Programme != "" {
		w.Add("o.programme = ?", string(q.Programme))
	}
	q.year(&w, "m.period")
	shown := "coalesce(p.first_shown, 0)"
	query := "SELECT m.period, " + sumOf("CASE WHEN "+shown+" > 0 AND p.first_shown <= p.due THEN 1 ELSE 0 END") + ", " +
		sumOf("CASE WHEN "+shown+" > 0 AND p.first_shown > p.due THEN 1 ELSE 0 END") + ", " +
		sumOf("CASE WHEN p.n IS NOT NULL AND "+shown+" = 0 AND p.due < "+today+" THEN 1 ELSE 0 END") + ", " +
		sumOf("CASE WHEN p.n IS NOT NULL AND "+shown+" = 0 AND p.due >= "+today+" THEN 1 ELSE 0 END") + ", " +
		sumOf("CASE WHEN p.n IS NULL THEN 1 ELSE 0 END") +
		lastMonths + " LEFT JOIN publications p ON p.roll = m.roll AND p.period = m.period WHERE " + w.String() + " GROUP BY m.period ORDER BY m.period"
	return r.ofPeriods(5, query, w.Args)
}
