package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// ByBatchState keeps the batches in a state.
var ByBatchState = rest.Choice("state", payment.BatchOpen, payment.BatchSealed, payment.BatchApproved, payment.BatchAuthorised,
	payment.BatchInstructed, payment.BatchClosed, payment.BatchCancelled)

// Batches lists the batches that all of the query's parameters hold for.
func (h *Handlers) Batches(ctx context.Context, c *gin.Context) error {
	q := index.BatchQuery{
		Programme: ByProgramme.In(c), Period: ByPeriod.In(c), Periods: index.PeriodRange{From: FromPeriod.In(c), To: ToPeriod.In(c)}, State: ByBatchState.In(c), Region: ByRegion.In(c), Tranche: ByTranche.In(c),
	}
	l := rest.List[json.RawMessage]{
		Name: "batches", Table: lists.Batches,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Batches(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
}

func batchID(c *gin.Context) (relief.BatchID, error) {
	return rest.PathID(c, "id", relief.ParseBatchID)
}
