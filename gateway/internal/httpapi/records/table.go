package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// answerRecords answers with the list of the records of a kind for which keep is true; nil keeps all.
func (h *Handlers) answerRecords(
	ctx context.Context, c *gin.Context, name string, t *table.Table[json.RawMessage], kind, cursor string,
	keep func(json.RawMessage) (bool, error),
) error {
	l := rest.List[json.RawMessage]{Name: name, Table: t, Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
		return h.Index.Records(ctx, kind, cursor, limit, keep)
	}}
	return l.Answer(ctx, h.core, c, cursor)
}
