package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// ByBatchState keeps the batches in a state.
var ByBatchState = rest.Choice("state", payment.BatchOpen, payment.BatchSealed, payment.BatchApproved, payment.BatchAuthorised,
	payment.BatchInstructed, payment.BatchClosed, payment.BatchCancelled)

// Batches lists the batches that all of the query's parameters hold for.
func (h *Handlers) Batches(ctx context.Context, c *gin.Context) (any, error) {
	return h.Index.Batches(ctx, index.BatchQuery{
		Programme: ByProgramme.In(c), Period: ByPeriod.In(c), State: ByBatchState.In(c), Region: ByRegion.In(c), Tranche: ByTranche.In(c),
	}, rest.IDCursor.In(c), h.core.PageSize(c))
}

func batchID(c *gin.Context) (relief.BatchID, error) {
	return rest.PathID(c, "id", relief.ParseBatchID)
}
