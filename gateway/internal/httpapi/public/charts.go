package public

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// ChartsPath is the path of the page of charts.
const ChartsPath = "/charts"

// ChartsPage shows the charts that anybody may see, of a programme, a county or a larger region, and a period; or which months have any.
func (h *Handlers) ChartsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if err := h.core.IndexFault(); err != nil {
			return err
		}
		ctx := c.Request.Context()
		page := web.ChartsPage{ID: string(ByProgramme.In(c)), Region: string(ByRegion.In(c)), Period: records.ByPeriod.In(c).String()}
		if page.ID == "" || page.Region == "" || page.Period == "" {
			w, err := h.words(ctx)
			if err != nil {
				return err
			}
			if page.Months, err = h.closedMonths(ctx, &w, ChartsPath); err != nil {
				return err
			}
			return pages.Charts(c.Writer, c.Request, page)
		}
		if len(page.Region) > countyDigits {
			return problem.OfField("region", "请指定县级以上区划。", "Name a county, a prefecture or a province.")
		}
		page, err := h.charts.get(ctx, strings.Join([]string{page.ID, page.Region, page.Period}, " "), func(ctx context.Context) (web.ChartsPage, error) {
			err := h.draw(ctx, &page)
			return page, err
		})
		if err != nil {
			return err
		}
		return pages.Charts(c.Writer, c.Request, page)
	}
}

// countyDigits is how long the code of a county is.
const countyDigits = 6

// draw puts the charts on the page.
func (h *Handlers) draw(ctx context.Context, page *web.ChartsPage) error {
	w, err := h.words(ctx)
	if err != nil {
		return err
	}
	q := index.ChartQuery{Programme: relief.ProgrammeID(page.ID), Region: relief.Region(page.Region), Today: relief.DefaultCalendar.Day(time.Now())}
	if err := q.Span.UnmarshalText([]byte(page.Period)); err != nil {
		return err
	}
	page.Programme, page.Place, page.Today = w.programme(q.Programme), w.place(q.Region, naming.Province), string(q.Today)
	for i := range chart.All {
		of := &chart.All[i]
		if !of.Public {
			continue
		}
		figures, err := h.Index.Chart(ctx, of.Code, q)
		if err != nil {
			return err
		}
		shown := web.Chart{Title: of.Title, Reading: of.Reading, Block: figures.Block, Few: figures.ForAnybody(of.Code), Unreadable: strings.Join(figures.Unreadable, " ")}
		w.chart(&shown, of, &figures)
		page.Charts = append(page.Charts, shown)
	}
	return nil
}

// chart puts a chart into words and bars.
func (w *words) chart(shown *web.Chart, of *chart.Chart, f *chart.Figures) {
	part := 0
	columns := lists.ChartColumns(of)
	for i := range columns {
		head := web.ChartHead{Title: columns[i].Title, Number: columns[i].Kind == chart.Integer || columns[i].Kind == chart.Amount}
		if columns[i].Drawn && of.Form != chart.Targets {
			part++
			head.Part = part
		}
		shown.Heads = append(shown.Heads, head)
	}
	most := int64(0)
	for i := range f.Rows {
		most = max(most, length(&f.Rows[i]))
	}
	for i := range f.Rows {
		row := web.ChartRow{}
		for c := range columns {
			row.Cells = append(row.Cells, w.cell(&columns[c], &f.Rows[i].Cells[c]))
		}
		if of.Form == chart.Targets {
			row.Bars, row.Target = besideTarget(&f.Rows[i])
		} else {
			row.Bars = bars(&f.Rows[i], most)
		}
		shown.Rows = append(shown.Rows, row)
	}
}

func (w *words) cell(c *lists.ChartColumn, value *chart.Cell) bilingual.Text {
	text := value.Text
	switch {
	case c.Kind == chart.Amount:
		text = relief.Balance(value.Number).String()
	case c.Kind == chart.Integer:
		text = strconv.FormatInt(value.Number, 10)
	case c.Name == "region":
		text = w.place(relief.Region(text), naming.County)
	case c.Name == "programmes":
		var both bilingual.Text
		for i, id := range strings.Fields(text) {
			name := w.programme(relief.ProgrammeID(id))
			if i > 0 {
				both.Zh, both.En = both.Zh+"、", both.En+", "
			}
			both.Zh, both.En = both.Zh+name.Zh, both.En+name.En
		}
		return both
	default:
		if words, known := c.Words[text]; known {
			return words
		}
	}
	return bilingual.Text{Zh: text, En: text}
}

// full is how long the longest bar is; the others are parts of it, rounded down.
const full = 1000

// targetWidth is how wide the line at a target is.
const targetWidth = 8

// length is the sum of the figures of a row that are drawn.
func length(r *chart.Row) (sum int64) {
	for i := range r.Columns {
		if r.Columns[i].Drawn {
			sum += max(0, r.Cells[i].Number)
		}
	}
	return sum
}

// bars are the figures of a row that are drawn, one behind the other.
func bars(r *chart.Row, most int64) (out []web.ChartBar) {
	part, end := 0, int64(0)
	for i := range r.Columns {
		if !r.Columns[i].Drawn {
			continue
		}
		part++
		if n := max(0, r.Cells[i].Number); n > 0 {
			from := scaled(end, most)
			end += n
			out = append(out, web.ChartBar{Part: part, X: from, Width: scaled(end, most) - from})
		}
	}
	return out
}

// scaled is a part of the longest bar. Figures are below 2^53 fen or so, and never overflow here.
func scaled(n, most int64) int64 {
	if most > 1<<53 {
		return n / (most / full)
	}
	return n * full / most
}

// besideTarget is the bar of a percentage, and where its target is; yuan have no bar.
func besideTarget(r *chart.Row) (bar []web.ChartBar, target int64) {
	percent := func(text string) (int64, bool) {
		digits, is := strings.CutSuffix(strings.TrimLeft(text, "≥≤ "), " %")
		hundredths, err := relief.ParseFen(digits)
		return min(full, int64(hundredths)/10), is && err == nil
	}
	for i := range r.Columns {
		n, is := percent(r.Cells[i].Text)
		switch name := r.Columns[i].Name; {
		case is && name == "value":
			bar = []web.ChartBar{{Part: 1, Width: n}}
		case is && name == "target":
			target = min(n, full-targetWidth)
		}
	}
	if bar == nil {
		return nil, 0
	}
	return bar, target
}

// question leads to a page about a month.
func question(path string, programme relief.ProgrammeID, region relief.Region, period string) string {
	return fmt.Sprintf("%s?programme=%s&region=%s&period=%s", path, programme, region, period)
}
