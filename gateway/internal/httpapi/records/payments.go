package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// Payment finds one payment.
func (h *Handlers) Payment(ctx context.Context, c *gin.Context) (any, error) {
	id, err := paymentID(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Payment(ctx, id)
}

// The query parameters of payments beside those of other lists. The index checks states and return reasons.
var (
	BySubject      = rest.NewParam("subject", relief.ParseSubjectRef)
	ByMinAmount    = rest.NewParam("min_amount", relief.ParseFen)
	ByMaxAmount    = rest.NewParam("max_amount", relief.ParseFen)
	ByApprover     = rest.NewParam("approver", parseOfficial)
	ByPaymentState = rest.Text("state")
	ByReturnReason = rest.Text("return_reason")
	ByKind         = rest.NewParam("kind", func(text string) (*relief.PaymentKind, error) {
		kind, err := relief.ParsePaymentKind(text)
		return &kind, err
	})
	ByAccountingPeriod = rest.NewParam("accounting_period", relief.ParsePeriod)
)

// Payments lists the payments that all of the query's parameters hold for.
func (h *Handlers) Payments(ctx context.Context, c *gin.Context) (any, error) {
	return h.Index.Payments(ctx, index.PaymentQuery{
		Subject: BySubject.In(c), Batch: ByBatch.In(c), Programme: ByProgramme.In(c), Region: ByRegion.In(c), Period: ByPeriod.In(c),
		Min: ByMinAmount.In(c), Max: ByMaxAmount.In(c), Approver: ByApprover.In(c),
		State: payment.State(ByPaymentState.In(c)), Reason: ByReturnReason.In(c), Kind: ByKind.In(c), Account: ByAccountingPeriod.In(c),
	}, rest.Cursor.In(c), h.core.PageSize(c))
}

func paymentID(c *gin.Context) (relief.PaymentID, error) {
	return rest.PathID(c, "id", relief.ParsePaymentID)
}
