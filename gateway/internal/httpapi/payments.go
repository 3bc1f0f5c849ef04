package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

func (a *API) getPayment(c *gin.Context) {
	id, err := pathID(c, "id", relief.ParsePaymentID)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.get(c, "payment:Payment", idArgument{id.String()}, nil)
}

// trail is what happened, oldest step first.
type trail struct {
	Steps []index.Step `json:"steps"`
}

// paymentTrail first reads the payment in the caller's name: whether it may be read, the contract decides.
func (a *API) paymentTrail(c *gin.Context) {
	id, err := pathID(c, "id", relief.ParsePaymentID)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		_, err = a.evaluate(c, "payment:Payment", idArgument{id.String()})
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.answerTrail(c, func(ctx context.Context) ([]index.Step, error) { return a.Trails.PaymentTrail(ctx, id) })
}

func (a *API) subjectTrail(c *gin.Context) {
	ref, err := pathID(c, "ref", relief.ParseSubjectRef)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		_, err = a.evaluate(c, "case:Subject", subjectArgument{ref})
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.answerTrail(c, func(ctx context.Context) ([]index.Step, error) { return a.Trails.SubjectTrail(ctx, ref) })
}

// answerTrail waits until the index has what the agency's peer has, so that an act that was answered is in the trail.
func (a *API) answerTrail(c *gin.Context, read func(context.Context) ([]index.Step, error)) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	height, err := a.Ledger.Height(ctx)
	if err == nil && height > 0 {
		err = a.Trails.WaitFor(ctx, height-1)
	}
	var steps []index.Step
	if err == nil {
		steps, err = read(ctx)
	}
	if err != nil {
		a.fail(c, fmt.Errorf("%w: %w", errUnavailable, err))
		return
	}
	if steps == nil {
		steps = []index.Step{}
	}
	writeJSON(c, http.StatusOK, jsonContent, trail{steps})
}

type subjectArgument struct {
	Subject relief.SubjectRef `json:"subject"`
}

func (a *API) getSubject(c *gin.Context) {
	ref, err := pathID(c, "ref", relief.ParseSubjectRef)
	a.get(c, "case:Subject", subjectArgument{ref}, err)
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
