package records

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// ChartEntry describes a chart.
type ChartEntry struct {
	Code      chart.Code          `json:"code"`
	Title     bilingual.Text      `json:"title"`
	Reading   bilingual.Text      `json:"reading"`
	Form      chart.Form          `json:"form"`
	Programme bool                `json:"programme"` // whether it has to be named
	Period    bool                `json:"period"`    // likewise
	Wide      bool                `json:"wide"`      // whether it is of a county or a larger region only
	Columns   []lists.ChartColumn `json:"columns"`
}

// EntryOf describes a chart for its readers.
func EntryOf(c *chart.Chart) ChartEntry {
	return ChartEntry{
		Code: c.Code, Title: c.Title, Reading: c.Reading, Form: c.Form, Programme: c.Programme, Period: c.Period, Wide: c.Wide, Columns: lists.ChartColumns(c),
	}
}

// ChartsAnswer says which charts there are for the caller, and what they can be about.
type ChartsAnswer struct {
	Region     relief.Region        `json:"region,omitempty"` // the caller's, of which charts are when none is asked for; none for everywhere
	Today      relief.Day           `json:"today"`            // in China
	Programmes []index.ChartPeriods `json:"programmes"`
	Charts     []ChartEntry         `json:"charts"`
}

// ChartAnswer is a chart with its figures.
type ChartAnswer struct {
	ChartEntry
	Of    ChartOf     `json:"of"`
	Block uint64      `json:"block"` // the last one that the figures are of
	Rows  []chart.Row `json:"rows"`
	// Unreadable names records that cannot be read: what they say is not in the figures.
	Unreadable []string `json:"unreadable,omitempty"`
}

// ChartOf is what a chart is about.
type ChartOf struct {
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	Region    relief.Region      `json:"region,omitempty"`
	Period    string             `json:"period,omitempty"` // a month, a quarter or a year
	Today     relief.Day         `json:"today"`            // in China: what is overdue is so on this day
}

// Charts answers which charts there are.
func (h *Handlers) Charts(ctx context.Context, _ *gin.Context) (any, error) {
	region, programmes, err := h.Index.ChartPeriods(ctx)
	if err != nil {
		return nil, err
	}
	answer := ChartsAnswer{Region: region, Today: relief.DefaultCalendar.Day(time.Now()), Programmes: programmes}
	for i := range chart.All {
		answer.Charts = append(answer.Charts, EntryOf(&chart.All[i]))
	}
	return answer, nil
}

// Chart answers with the figures of a chart. A file has its table.
func (h *Handlers) Chart(ctx context.Context, c *gin.Context) error {
	of := chart.Of(chart.Code(c.Param("code")))
	if of == nil {
		return problem.NotFound.Because("没有这个图表，见 /v1/charts。", "There is no chart of this name; /v1/charts lists them.")
	}
	q := index.ChartQuery{Programme: ByProgramme.In(c), Region: ByRegion.In(c), Span: OfSpan.In(c), Today: relief.DefaultCalendar.Day(time.Now())}
	figures, err := h.Index.Chart(ctx, of.Code, q)
	if err != nil {
		return err
	}
	answer := ChartAnswer{
		ChartEntry: EntryOf(of), Of: ChartOf{q.Programme, figures.Region, q.Span.String(), q.Today},
		Block: figures.Block, Rows: figures.Rows, Unreadable: figures.Unreadable,
	}
	return rest.AnswerRows(h.core, c, fileOf(of.Code, &answer.Of), lists.Chart(of), answer, figures.Rows)
}

// fileOf names the file of a chart.
func fileOf(code chart.Code, of *ChartOf) string {
	name := "chart-" + string(code)
	for _, part := range []string{string(of.Programme), string(of.Region), of.Period} {
		if part != "" {
			name += "-" + part
		}
	}
	return name
}
