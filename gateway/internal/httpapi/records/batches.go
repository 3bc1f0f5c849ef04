package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// ApproveBatch is the one act whose contract function depends on whose gateway it is: civil affairs approves, finance
// authorises. At any other agency the contract refuses.
func (h *Handlers) ApproveBatch(c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.PaymentApprove, "id", string(id))
	if err != nil {
		return err
	}
	kind, err := h.core.AgencyKind(c)
	if err != nil {
		return err
	}
	function := api.PaymentApprove
	if kind == registry.KindFinance {
		function = api.PaymentAuthorise
	}
	return h.core.Do(c, &rest.Act{Function: function.Name(), Argument: argument})
}

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
