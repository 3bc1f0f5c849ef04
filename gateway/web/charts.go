package web

import (
	"net/http"

	"relieftrail/gateway/internal/bilingual"
)

// ChartsPage is what the page of charts shows: those of a question, or the months that have any.
type ChartsPage struct {
	ID, Region, Period string // as asked
	Months             []ListLink
	Programme          bilingual.Text
	Place, Today       string
	Charts             []Chart
}

// Chart is a chart in words: its table, with a bar in each row.
type Chart struct {
	Title, Reading bilingual.Text
	Block          uint64
	Heads          []ChartHead
	Rows           []ChartRow
	Few            int    // rows that are left out because they are of few households
	Unreadable     string // records that are not in the figures
}

// ChartHead is the head of a column. Part is the number of the bar that is made of it, from 1; 0 for none.
type ChartHead struct {
	Title  bilingual.Text
	Number bool
	Part   int
}

// ChartRow is a row. Bars are in thousandths of the longest; Target is where a target is, 0 for none.
type ChartRow struct {
	Cells  []bilingual.Text
	Bars   []ChartBar
	Target int64
}

// ChartBar is a piece of a bar, in thousandths.
type ChartBar struct {
	Part     int
	X, Width int64
}

// Charts serves the page of charts.
func (p *Pages) Charts(w http.ResponseWriter, r *http.Request, page ChartsPage) error {
	return p.live.write(w, r, "charts.html", page)
}
