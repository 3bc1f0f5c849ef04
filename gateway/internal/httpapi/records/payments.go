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
func (h *Handlers) Payments(ctx context.Context, c *gin.Context) error {
	return h.answerPayments(ctx, c, "payments", paymentQuery(c))
}

// paymentQuery is which payments the query asks for; samples are drawn from the same.
func paymentQuery(c *gin.Context) index.PaymentQuery {
	return index.PaymentQuery{
		Subject: BySubject.In(c), Batch: ByBatch.In(c), Programme: ByProgramme.In(c), Region: ByRegion.In(c), Period: ByPeriod.In(c),
		Min: ByMinAmount.In(c), Max: ByMaxAmount.In(c), Approver: ByApprover.In(c),
		State: payment.State(ByPaymentState.In(c)), Reason: ByReturnReason.In(c), Kind: ByKind.In(c), Account: ByAccountingPeriod.In(c),
		PaymentFilter: paymentFilter(c),
	}
}

func (h *Handlers) answerPayments(ctx context.Context, c *gin.Context, name string, q index.PaymentQuery) error {
	l := rest.List[payment.Payment]{
		Name: name, Table: lists.Payments,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[payment.Payment], error) {
			return h.Index.Payments(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

func paymentID(c *gin.Context) (relief.PaymentID, error) {
	return rest.PathID(c, "id", relief.ParsePaymentID)
}
