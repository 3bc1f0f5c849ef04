package index

import (
	"context"
	"database/sql"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/index/sqldb"
)

// ChartQuery says what a chart is about. Empty fields are no limit, but for what the chart asks for.
type ChartQuery struct {
	Programme relief.ProgrammeID
	Region    relief.Region // in it or inside it
	Span      indicator.Span
	Today     relief.Day // in China
}

// check refuses a question that does not say what the chart asks for.
func (q *ChartQuery) check(of *chart.Chart) error {
	switch {
	case of.Programme && q.Programme == "":
		return relief.FieldErrorf("programme", "请指定项目 · name the programme")
	case of.Period && q.Span.String() == "":
		return relief.FieldErrorf("period", "请指定月份、季度或年度 · name a month, a quarter or a year")
	case of.Wide && len(q.Region) > 6, of.Code == chart.Indicators && q.Region == "":
		return relief.FieldErrorf("region", "请指定县级以上区划 · name a county, a prefecture or a province")
	}
	return nil
}

// drawing answers one chart. No payment is read but those that came back.
type drawing struct {
	kinds []string // of the records without which the figures are not whole
	rows  func(r *reader, q *ChartQuery) ([][]chart.Cell, error)
}

var drawings = map[chart.Code]drawing{
	chart.Progress:   {[]string{relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindBatch}, (*reader).progress},
	chart.Lateness:   {[]string{relief.KindMonth}, (*reader).lateness},
	chart.Money:      {[]string{relief.KindTranche}, (*reader).money},
	chart.Months:     {[]string{relief.KindMonth}, (*reader).twelveMonths},
	chart.Places:     {[]string{relief.KindMonth}, (*reader).places},
	chart.Cases:      {[]string{relief.KindCase}, (*reader).caseStates},
	chart.Rechecks:   {[]string{relief.KindCase}, (*reader).rechecks},
	chart.Returns:    {[]string{relief.KindLines, relief.KindFurther, relief.KindRoll}, (*reader).returned},
	chart.Lists:      {[]string{relief.KindMonth, relief.KindPublication}, (*reader).publishedLists},
	chart.Indicators: {nil, nil}, // a report has a block of its own
}

// Chart has the figures of a chart, as of the last block.
func (ix *Index) Chart(ctx context.Context, code chart.Code, q ChartQuery) (f chart.Figures, err error) {
	of := chart.Of(code)
	if of == nil {
		return f, relief.Errorf(relief.CodeNotFound, "there is no chart of this code")
	}
	if err := q.check(of); err != nil {
		return f, err
	}
	f.Region = q.Region
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		f.Block = max(height, 1) - 1
		var rows [][]chart.Cell
		if code == chart.Indicators {
			f.Block, rows, err = r.indicatorRows(&q)
		} else {
			d := drawings[code]
			if f.Unreadable, err = r.missing(d.kinds...); err != nil {
				return err
			}
			rows, err = d.rows(r, &q)
		}
		f.Rows = make([]chart.Row, len(rows))
		for i := range rows {
			f.Rows[i] = chart.Row{Columns: of.Columns, Cells: rows[i]}
		}
		return err
	})
	return f, err
}

// ChartPeriods is what charts of a programme can be about.
type ChartPeriods struct {
	Programme relief.ProgrammeID `json:"programme"`
	Newest    relief.Period      `json:"newest,omitzero"` // the last period that anybody was listed for
	Closed    relief.Period      `json:"closed,omitzero"` // the last one that is closed
}

// ChartPeriods lists the programmes that have payments in the counties of a region, and their last periods.
func (ix *Index) ChartPeriods(ctx context.Context, region relief.Region) (periods []ChartPeriods, err error) {
	periods = []ChartPeriods{}
	var w sqldb.Where
	counties(&w, "o", region)
	query := "SELECT o.programme, max(x.newest), max(x.closed) FROM rolls o JOIN (SELECT roll, max(period) AS newest, 0 AS closed FROM spans GROUP BY roll " +
		"UNION ALL SELECT roll, 0, max(period) FROM months GROUP BY roll) x ON x.roll = o.n WHERE " + w.String() + " GROUP BY o.programme ORDER BY o.programme"
	err = ix.view(ctx, func(r *reader) error {
		return r.each(query, func(rows *sql.Rows) error {
			var p ChartPeriods
			err := rows.Scan(&p.Programme, periodScanner{&p.Newest}, periodScanner{&p.Closed})
			periods = append(periods, p)
			return err
		}, w.Args...)
	})
	return periods, err
}

// counties limits the rolls that an alias stands for to those of a region's counties, or of the county that the region lies in.
func counties(w *sqldb.Where, alias string, region relief.Region) {
	if region == "" {
		w.Add("1 = 1")
		return
	}
	county := string(region[:min(len(region), 6)])
	w.Add(alias+".county >= ? AND "+alias+".county <= ?", county, county+"~")
}

// period is the one period that a chart is about.
func (q *ChartQuery) period() (relief.Period, error) {
	p, err := relief.ParsePeriod(q.Span.String())
	if err != nil {
		return p, relief.FieldErrorf("period", "请指定月份或季度 · name a month or a quarter")
	}
	return p, nil
}

// year limits a column of periods to the twelve months that end with the query's.
func (q *ChartQuery) year(w *sqldb.Where, column string) {
	_, last, _, _ := q.Span.Months()
	start := sqlStartOfPeriod(column)
	w.Add(start+" >= ? AND "+start+" <= ?", int64(relief.MonthPeriod(last-11).Code()), int64(relief.MonthPeriod(last).Code()))
}

// numbers reads rows of whole numbers behind some texts.
func (r *reader) numbers(texts, numbers int, query string, args []any) (out [][]chart.Cell, err error) {
	err = r.each(query, func(rows *sql.Rows) error {
		cells := make([]chart.Cell, texts+numbers)
		into := make([]any, len(cells))
		for i := range cells {
			if into[i] = &cells[i].Number; i < texts {
				into[i] = &cells[i].Text
			}
		}
		err := rows.Scan(into...)
		out = append(out, cells)
		return err
	}, args...)
	return out, err
}

// sumOf adds up a column of whole numbers: PostgreSQL's sum of them is another type.
func sumOf(expression string) string {
	return fmt.Sprintf("coalesce(CAST(sum(%s) AS BIGINT), 0)", expression)
}

func number(n int64) chart.Cell { return chart.Cell{Number: n} }

func words(text string) chart.Cell { return chart.Cell{Text: text} }
