package httpapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
)

func paymentID(c *gin.Context) (relief.PaymentID, error) {
	return pathID(c, "id", relief.ParsePaymentID)
}

func subjectRef(c *gin.Context) (relief.SubjectRef, error) {
	return pathID(c, "ref", relief.ParseSubjectRef)
}

func (a *API) getPayment(ctx context.Context, c *gin.Context) (any, error) {
	id, err := paymentID(c)
	if err != nil {
		return nil, err
	}
	return a.Index.Payment(ctx, id)
}

// listPayments lists the payments that all of the query's parameters hold for.
func (a *API) listPayments(ctx context.Context, c *gin.Context) (any, error) {
	var q index.PaymentQuery
	limit, err := a.limit(c)
	for _, parse := range []func() error{
		func() error { return err },
		func() error { return queryValue(c, "subject", relief.ParseSubjectRef, &q.Subject) },
		func() error { return queryValue(c, "batch", relief.ParseBatchID, &q.Batch) },
		func() error { return queryValue(c, "programme", relief.ParseProgrammeID, &q.Programme) },
		func() error { return queryValue(c, "region", relief.ParseRegion, &q.Region) },
		func() error { return queryValue(c, "period", relief.ParsePeriod, &q.Period) },
		func() error { return queryValue(c, "min_amount", relief.ParseFen, &q.Min) },
		func() error { return queryValue(c, "max_amount", relief.ParseFen, &q.Max) },
		func() error { return queryValue(c, "approver", parseOfficial, &q.Approver) },
	} {
		if err := parse(); err != nil {
			return nil, err
		}
	}
	q.State, q.Reason = payment.State(c.Query("state")), c.Query("return_reason")
	return a.Index.Payments(ctx, q, c.Query("cursor"), limit)
}

type subjectArgument struct {
	Subject relief.SubjectRef `json:"subject"`
}

func (a *API) getSubject(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	entries, err := a.Index.Subject(ctx, ref)
	return map[string][]roll.Entry{"entries": entries}, err
}

type lookupBody struct {
	IDNumber string `json:"id_number"`
}

// lookupSubject turns an identity number into the reference that stands for it. The number is in the body only, and
// neither an error nor a log repeats it.
func (a *API) lookupSubject(c *gin.Context) {
	var body lookupBody
	err := allowQuery(c)
	if err == nil {
		err = readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, false, &body)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	id, code := relief.ParseIDNumber(body.IDNumber)
	if code != "" {
		a.fail(c, &fault{kind: kindInvalid, field: "id_number", detail: code.Reason()})
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, subjectArgument{relief.NewSubjectRef(a.SubjectEpoch, a.SubjectKey, id)})
}
