package chart

import (
	"bytes"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
)

// Code names a chart.
type Code string

// The charts.
const (
	Progress   Code = "progress"
	Lateness   Code = "lateness"
	Money      Code = "money"
	Months     Code = "months"
	Places     Code = "places"
	Cases      Code = "cases"
	Rechecks   Code = "rechecks"
	Returns    Code = "returns"
	Indicators Code = "indicators"
	Lists      Code = "lists"
)

// Kind is what the cells of a column hold.
type Kind string

// The kinds. Amounts are in fen, and are written in yuan.
const (
	Text    Kind = "text"
	Word    Kind = "word"
	Integer Kind = "integer"
	Amount  Kind = "amount"
	Period  Kind = "period"
)

// Form is how a chart is drawn.
type Form string

// The forms.
const (
	Bars    Form = "bars"    // a bar a row, of one figure
	Stack   Form = "stack"   // a bar a row, of figures that add up
	Tiles   Form = "tiles"   // a square a place, shaded by one figure
	Targets Form = "targets" // a value beside its target
)

// Column is a column of a chart's table.
type Column struct {
	Name string
	En   string
	Kind Kind
	// Drawn says that the column is drawn; all others stand in the table only.
	Drawn bool
}

// Chart is what there is to know of a chart without its figures.
type Chart struct {
	Code    Code
	Title   bilingual.Text
	Reading bilingual.Text // how to read it
	Form    Form
	// Programme and Period say that the question has to name them. A period is a month, a quarter or a year.
	Programme, Period bool
	// Wide charts are of whole counties, or of larger regions: what they show is closed, published or issued by county.
	Wide    bool
	Public  bool // anybody may see it
	Columns []Column
}

// Of is the chart of a code; nil for none.
func Of(code Code) *Chart {
	if i := slices.IndexFunc(All, func(c Chart) bool { return c.Code == code }); i >= 0 {
		return &All[i]
	}
	return nil
}

// Cell is a value: a text, or the number of an integer or an amount.
type Cell struct {
	Text   string
	Number int64
}

// Row is a row of a chart's table, with a cell for each column.
type Row struct {
	Columns []Column
	Cells   []Cell
}

// MarshalJSON writes an object whose members are the columns, in their order: integers as numbers, all else as texts.
func (r Row) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i := range r.Columns {
		name, err := json.Marshal(r.Columns[i].Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(r.value(i))
		if err != nil {
			return nil, err
		}
		b.WriteByte(',')
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	text := append(b.Bytes(), '}')
	text[0] = '{'
	return text, nil
}

// value is a cell as JSON has it.
func (r Row) value(i int) any {
	switch r.Columns[i].Kind {
	case Integer:
		return r.Cells[i].Number
	case Amount:
		return relief.Balance(r.Cells[i].Number)
	default:
		return r.Cells[i].Text
	}
}

// Figures are a chart's rows as of a block.
type Figures struct {
	Region relief.Region
	Block  uint64
	Rows   []Row
	// Unreadable names records that cannot be read: what they say is not in the figures.
	Unreadable []string
}
