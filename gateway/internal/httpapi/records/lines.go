package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

// exportPage is how many payments are read at a time for a sum.
const exportPage = 1000

// BatchLines lists a batch's payments.
func (h *Handlers) BatchLines(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	if _, err := h.Index.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return err
	}
	return h.answerPayments(ctx, c, string(id), index.PaymentQuery{Batch: id})
}
