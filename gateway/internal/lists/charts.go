package lists

import (
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/table"
)

// ChartColumn is a column of a chart's table as a reader gets it.
type ChartColumn struct {
	Name  string                    `json:"name"`
	Kind  chart.Kind                `json:"kind"`
	Title bilingual.Text            `json:"title"`
	Drawn bool                      `json:"drawn"`           // the picture is made of it
	Words map[string]bilingual.Text `json:"words,omitempty"` // of a column of words: what those that can be there stand for
}

// chartWords are the words of columns of charts.
var chartWords = map[string]map[string]bilingual.Text{
	"stands": withCodes(paymentStates), "state": withCodes(caseStates),
	"days_late": {
		"0": {Zh: "按时", En: "in time"}, "1-5": {Zh: "1 至 5 天", En: "1 to 5 days"}, "6-10": {Zh: "6 至 10 天", En: "6 to 10 days"},
		"11-30": {Zh: "11 至 30 天", En: "11 to 30 days"}, "31+": {Zh: "30 天以上", En: "more than 30 days"},
	},
	"due_in":    {"overdue": {Zh: "已逾期", En: "overdue"}},
	"indicator": indicatorNames(),
	"met":       {"true": {Zh: "达到", En: "met"}, "false": {Zh: "未达到", En: "not met"}},
	"known_by": {
		string(indicator.ByChaincode): {Zh: "账本算出", En: "by the chaincode"}, string(indicator.Agreed): {Zh: "三部门一致", En: "agreed by all agencies"},
		string(indicator.Sampled): {Zh: "抽查", En: "by a sample"}, string(indicator.Told): {Zh: "部门提供", En: "told by a department"},
	},
}

// withCodes puts the code of a state, as words, beside the Chinese.
func withCodes(states map[string]string) map[string]bilingual.Text {
	out := map[string]bilingual.Text{}
	for code, zh := range states {
		out[code] = bilingual.Text{Zh: zh, En: strings.ReplaceAll(code, "_", " ")}
	}
	return out
}

func indicatorNames() map[string]bilingual.Text {
	out := map[string]bilingual.Text{}
	for i := range indicator.Table {
		d := &indicator.Table[i]
		out[string(d.Code)] = bilingual.Text{Zh: d.Zh, En: d.En}
	}
	return out
}

// Chart is the table of a chart.
func Chart(c *chart.Chart) *table.Table[chart.Row] {
	columns := make([]table.Column[chart.Row], len(c.Columns))
	for i := range c.Columns {
		columns[i] = chartColumn(&c.Columns[i], i)
	}
	return table.New(columns...)
}

func chartColumn(c *chart.Column, i int) table.Column[chart.Row] {
	text := func(r *chart.Row) string { return r.Cells[i].Text }
	switch c.Kind {
	case chart.Integer:
		return table.Integer(c.Name, func(r *chart.Row) int64 { return r.Cells[i].Number })
	case chart.Amount:
		return table.Balance(c.Name, func(r *chart.Row) relief.Balance { return relief.Balance(r.Cells[i].Number) })
	case chart.Period:
		return table.Period(c.Name, func(r *chart.Row) relief.Period {
			p, _ := relief.ParsePeriod(r.Cells[i].Text) // as the index has written it
			return p
		})
	case chart.Word:
		zh := map[string]string{}
		for code, words := range chartWords[c.Name] {
			zh[code] = words.Zh
		}
		return table.Word(c.Name, zh, text)
	default:
		return table.Text(c.Name, text)
	}
}

// ChartColumns are the columns of a chart in words.
func ChartColumns(c *chart.Chart) []ChartColumn {
	heads := Chart(c).Heads()
	out := make([]ChartColumn, len(heads))
	for i, column := range c.Columns {
		out[i] = ChartColumn{Name: column.Name, Kind: column.Kind, Title: bilingual.Text{Zh: heads[i].Zh, En: column.En}, Drawn: column.Drawn}
		if column.Kind == chart.Word {
			out[i].Words = chartWords[column.Name]
		}
	}
	return out
}

// ChartHeads are the columns of all charts, each once: a chart has some of them.
func ChartHeads() (heads []table.Head) {
	seen := map[string]bool{}
	for i := range chart.All {
		for _, h := range Chart(&chart.All[i]).Heads() {
			if !seen[h.Name] {
				seen[h.Name] = true
				heads = append(heads, h)
			}
		}
	}
	return heads
}
