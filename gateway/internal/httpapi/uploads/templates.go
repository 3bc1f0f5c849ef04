package uploads

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/table"
)

// template says how a kind of file is written: its columns, and a row as an example.
type template struct {
	Kind    intake.Kind       `json:"kind"`
	Columns []intake.Column   `json:"columns"`
	Row     map[string]string `json:"row"` // of the example
}

// Template answers with a file of one row that is written as files of its kind are, or with what its columns hold.
func (h *Handlers) Template(_ context.Context, c *gin.Context) error {
	t := template{Kind: intake.Kind(c.Param("kind")), Row: map[string]string{}}
	if t.Columns = intake.Columns(t.Kind); t.Columns == nil {
		return problem.NotFound.Because("没有这种文件的模板，可为 roll、lines 或 settlements。",
			"There is no template of such a file; it is roll, lines or settlements.")
	}
	var columns []table.Column[map[string]string]
	for _, column := range t.Columns {
		t.Row[column.Name] = column.Example
		columns = append(columns, table.Titled(column.Name, column.Zh, func(row *map[string]string) string { return (*row)[column.Name] }))
	}
	return rest.AnswerRows(h.core, c, string(t.Kind), table.New(columns...), t, []map[string]string{t.Row})
}
