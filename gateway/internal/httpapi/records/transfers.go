package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// BatchTransfers lists what the bank is told to pay by a batch.
func (h *Handlers) BatchTransfers(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	if _, err := h.Index.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return err
	}
	l := rest.List[payment.Transfer]{
		Name: string(id) + "-transfers", Table: lists.Transfers,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[payment.Transfer], error) {
			return h.Index.Transfers(ctx, id, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}
