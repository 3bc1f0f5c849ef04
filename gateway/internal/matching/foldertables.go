package matching

import "relieftrail/gateway/internal/table"

// forPrograms is how files for departments are written: their programs read them.
var forPrograms = table.Options{Format: table.CSV, ForPrograms: true}

// questionTable are the questions of a file, with names and identity numbers.
var questionTable = table.New(
	table.Text("subject", func(q *Question) string { return q.Subject.String() }),
	table.Text("id_number", func(q *Question) string { return q.IDNumber.Reveal() }),
	table.Text("name", func(q *Question) string { return q.Name.Reveal() }),
)

// reportLine says what became of a line of a department's file.
type reportLine struct {
	Number        int
	Taken, Reason string
}

var reportTable = table.New(
	table.Integer("line", func(l *reportLine) int { return l.Number }),
	table.Text("taken", func(l *reportLine) string { return l.Taken }),
	table.Text("reason", func(l *reportLine) string { return l.Reason }),
)
