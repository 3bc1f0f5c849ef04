package index

import (
	"database/sql"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/index/sqldb"
)

// money adds up a budget year's tranches by region and by the programmes that they pay for.
func (r *reader) money(q *ChartQuery) (out [][]chart.Cell, err error) {
	_, last, _, _ := q.Span.Months()
	var w sqldb.Where
	w.Add("t.fiscal_year = ?", int64(last/12))
	if q.Region != "" {
		w.Add("t.region >= ? AND t.region <= ?", string(q.Region), string(q.Region)+"~")
	}
	if q.Programme != "" {
		w.Add("EXISTS (SELECT 1 FROM tranche_programmes x WHERE x.tranche = t.n AND x.programme = ?)", string(q.Programme))
	}
	type row struct {
		region, programmes string
		balances           [11]int64 // as in balanceColumns
	}
	var tranches []row
	before := int64(0)
	err = r.each("SELECT t.n, t.region, p.programme, "+balanceColumns+" FROM tranches t JOIN tranche_programmes p ON p.tranche = t.n WHERE "+w.String()+
		" ORDER BY t.region, t.n, p.programme", func(rows *sql.Rows) error {
		var n int64
		var t row
		into := []any{&n, &t.region, &t.programmes}
		for i := range t.balances {
			into = append(into, &t.balances[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if n == before {
			tranches[len(tranches)-1].programmes += " " + t.programmes
			return nil
		}
		before, tranches = n, append(tranches, t)
		return nil
	}, w.Args...)
	if err != nil {
		return nil, err
	}
	places := map[string]int{}
	for i := range tranches {
		t := &tranches[i]
		b := t.balances
		came, parts := b[0]+b[1]+b[2], int64(0)
		cells := []chart.Cell{words(t.region), words(t.programmes), number(b[0] + b[1]), number(b[2])}
		for _, part := range b[3:] {
			cells, parts = append(cells, number(part)), parts+part
		}
		cells = append(cells, number(came-parts))
		name := t.region + " " + t.programmes
		place, known := places[name]
		if !known {
			places[name] = len(out)
			out = append(out, cells)
			continue
		}
		for c := 2; c < len(cells); c++ {
			out[place][c].Number += cells[c].Number
		}
	}
	return out, nil
}

// indicatorRows are the indicators of a county or a larger region, and the block that they are of.
func (r *reader) indicatorRows(q *ChartQuery) (block uint64, out [][]chart.Cell, err error) {
	report, err := r.indicators(indicator.Question{Programme: q.Programme, Region: q.Region, Period: q.Span}, nil)
	for i := range report.Indicators {
		v := &report.Indicators[i]
		met := ""
		if v.Met != nil {
			met = strconv.FormatBool(*v.Met)
		}
		value, target := v.Shown, v.Target
		if v.Unit == indicator.Percent && !v.None() {
			value += " %"
		}
		if target != "" {
			if target = "≥ " + target + " %"; v.AtMost {
				target = strings.Replace(target, "≥", "≤", 1)
			}
		}
		out = append(out, []chart.Cell{words(string(v.Code)), number(v.Num), number(v.Den), words(value), words(target), words(met), words(string(v.Known))})
	}
	return report.Block, out, err
}

// onCases are the conditions on cases, or on the table of their totals, that an alias stands for.
func (q *ChartQuery) onCases(w *sqldb.Where, alias string) {
	if q.Programme != "" {
		w.Add(alias+".programme = ?", string(q.Programme))
	}
	if q.Region != "" {
		w.Add(alias+".region >= ? AND "+alias+".region <= ?", string(q.Region), string(q.Region)+"~")
	}
}

// caseStates counts cases by state, and those that are past their day.
func (r *reader) caseStates(q *ChartQuery) (out [][]chart.Cell, err error) {
	var w, late sqldb.Where
	q.onCases(&w, "t")
	late.Add("c.due <> '' AND c.due < ?", string(q.Today)) // as the condition of the partial index cases_due
	q.onCases(&late, "c")
	all, err := r.numbers(1, 1, "SELECT t.state, "+sumOf("t.cases")+" FROM case_totals t WHERE "+w.String()+" GROUP BY t.state", w.Args)
	if err != nil {
		return nil, err
	}
	overdue, err := r.numbers(1, 1, "SELECT c.state, count(*) FROM cases c WHERE "+late.String()+" GROUP BY c.state", late.Args)
	if err != nil {
		return nil, err
	}
	count := func(rows [][]chart.Cell, state casework.CaseState) int64 {
		for _, cells := range rows {
			if cells[0].Text == string(state) {
				return cells[1].Number
			}
		}
		return 0
	}
	for _, state := range casework.CaseStates {
		if n := count(all, state); n > 0 {
			past := count(overdue, state)
			out = append(out, []chart.Cell{words(string(state)), number(n), number(n - past), number(past)})
		}
	}
	return out, nil
}

// recheckMonths is for how many months the chart of re-checks shows what is due: this one and those after it.
const recheckMonths = 4

// rechecks counts the cases whose re-check is overdue, or due in the rest of this month or one of the next three.
func (r *reader) rechecks(q *ChartQuery) (out [][]chart.Cell, err error) {
	var w, begun sqldb.Where
	q.onCases(&w, "t")
	months := []string{}
	for i := range recheckMonths {
		months = append(months, relief.MonthPeriod(q.Today.Month()+i).String())
	}
	w.Add("t.recheck <> '' AND t.recheck <= ?", months[len(months)-1])
	begun.Add("c.recheck <> '' AND c.recheck >= ? AND c.recheck < ?", months[0], string(q.Today)) // as the partial index cases_recheck
	q.onCases(&begun, "c")
	past, err := r.numbers(0, 1, "SELECT count(*) FROM cases c WHERE "+begun.String(), begun.Args)
	if err != nil {
		return nil, err
	}
	rows, err := r.numbers(1, 1, "SELECT t.recheck, "+sumOf("t.cases")+" FROM case_totals t WHERE "+w.String()+" GROUP BY t.recheck", w.Args)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	due := map[string]int64{overdue: past[0][0].Number, months[0]: -past[0][0].Number}
	for _, cells := range rows {
		if month := cells[0].Text; month >= months[0] {
			due[month] += cells[1].Number
		} else {
			due[overdue] += cells[1].Number
		}
	}
	for _, slot := range append([]string{overdue}, months...) {
		out = append(out, []chart.Cell{words(slot), number(due[slot])})
	}
	return out, nil
}

// overdue is the slot of what is past its day.
const overdue = "overdue"
