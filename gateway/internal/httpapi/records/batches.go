package records

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

type batchBody struct {
	ID        string `json:"id"`
	Programme string `json:"programme"`
	Region    string `json:"region"`
	Period    string `json:"period"`
	Tranche   string `json:"tranche"`
	Count     int    `json:"count"`
	Sum       string `json:"sum"`
	Purpose   string `json:"purpose,omitempty"`
}

// OpenBatch begins a batch with its control totals.
func (h *Handlers) OpenBatch() rest.Handler {
	return rest.Act(h.core, rest.Created("payment:Open"), func(_ *gin.Context, b batchBody) (rest.Request, error) {
		return rest.Request{Argument: b, Location: "/v1/batches/" + b.ID}, nil
	})
}

// SealBatch ends the adding of lines.
func (h *Handlers) SealBatch() rest.Handler {
	return rest.Act(h.core, rest.Done("payment:Seal"), onBatch)
}

// CloseBatch ends a batch whose answers have all come.
func (h *Handlers) CloseBatch() rest.Handler {
	return rest.Act(h.core, rest.Done("payment:Close"), onBatch)
}

// ApproveBatch is the one act whose contract function depends on whose gateway it is: civil affairs approves, finance
// authorises. At any other agency the contract refuses.
func (h *Handlers) ApproveBatch() rest.Handler {
	return rest.Act(h.core, rest.ActSpec{Status: http.StatusOK, Function: h.approval}, onBatch)
}

func (h *Handlers) approval(c *gin.Context) (string, error) {
	kind, err := h.core.AgencyKind(c)
	if kind == registry.KindFinance {
		return "payment:Authorise", err
	}
	return "payment:Approve", err
}

func onBatch(c *gin.Context, _ rest.Nothing) (rest.Request, error) {
	id, err := batchID(c)
	return rest.Request{Argument: rest.IDArgument{ID: string(id)}}, err
}

type cancelBody struct {
	Reason string `json:"reason"`
}

// CancelBatch ends a batch that is not to be paid.
func (h *Handlers) CancelBatch() rest.Handler {
	return rest.Act(h.core, rest.Done("payment:Cancel"), func(c *gin.Context, b cancelBody) (rest.Request, error) {
		id, err := batchID(c)
		return rest.Request{Argument: struct {
			ID relief.BatchID `json:"id"`
			cancelBody
		}{id, b}}, err
	})
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
