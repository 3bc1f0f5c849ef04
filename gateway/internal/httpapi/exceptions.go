package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/outbox"
)

type exceptionPage struct {
	Items []bankdesk.Exception `json:"items"`
	Next  string               `json:"next,omitempty"`
}

func (a *API) listExceptions(c *gin.Context) {
	desk, err := a.desk(c)
	limit := 0
	if err == nil {
		limit, err = a.pageOf(c, "state", "reason", "batch", "statement")
	}
	filter := bankdesk.Filter{
		State: bankdesk.ExceptionState(c.Query("state")), Reason: bankdesk.Reason(c.Query("reason")), File: c.Query("statement"),
	}
	if err == nil && filter.State != "" && filter.State != bankdesk.StateOpen && filter.State != bankdesk.StateResolved {
		err = &fault{kind: kindInvalid, field: "state", detail: "state is open or resolved."}
	}
	if text := c.Query("batch"); err == nil && text != "" {
		filter.Batch, err = relief.ParseBatchID(text)
	}
	var page exceptionPage
	if err == nil {
		page.Items, page.Next, err = desk.Exceptions(filter, c.Query("cursor"), limit)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, page)
}

func (a *API) getException(c *gin.Context) {
	desk, err := a.desk(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		err = a.hasDuty(c, relief.ActReadPerson)
	}
	var x bankdesk.Exception
	if err == nil {
		x, err = desk.Exception(c.Request.Context(), c.Param("id"))
	}
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	if x.Details != nil {
		a.sawPersons(c, string(x.Batch))
	}
	writeJSON(c, http.StatusOK, jsonContent, x)
}

type resolveBody struct {
	Action       string `json:"action"`
	As           string `json:"as,omitempty"`
	Payment      string `json:"payment,omitempty"`
	ReturnReason string `json:"return_reason,omitempty"`
	Note         string `json:"note,omitempty"`
}

// check says what of a resolution goes together.
func (b *resolveBody) check() (r bankdesk.Resolve, err error) {
	bad := func(field, detail string) (bankdesk.Resolve, error) {
		return bankdesk.Resolve{}, &fault{kind: kindInvalid, field: field, detail: detail}
	}
	switch {
	case !contains([]string{"accept", "assign", "write_off"}, b.Action):
		return bad("action", "action is accept, assign or write_off.")
	case !contains([]string{"", "credited", "returned"}, b.As):
		return bad("as", "as is credited or returned.")
	case b.Action == "assign" && (b.As == "" || b.Payment == ""):
		return bad("payment", "assign names a payment, and as what it is recorded.")
	case b.Action != "assign" && b.Payment != "":
		return bad("payment", "Only assign names a payment.")
	case b.Action == "write_off" && (b.As != "" || b.Note == ""):
		return bad("note", "write_off records nothing on the ledger and says why in note.")
	case b.ReturnReason != "" && b.As != "returned":
		return bad("return_reason", "A return reason goes with as: returned.")
	case len([]rune(b.Note)) > 200:
		return bad("note", "note has at most 200 characters.")
	}
	r = bankdesk.Resolve{Action: b.Action, As: b.As, ReturnReason: b.ReturnReason, Note: b.Note}
	if b.Payment != "" {
		r.Payment, err = relief.ParsePaymentID(b.Payment)
	}
	return r, err
}

func (a *API) resolveException(c *gin.Context) {
	desk, err := a.desk(c)
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		err = a.hasDuty(c, relief.ActPaymentSettle)
	}
	var body resolveBody
	if err == nil {
		err = readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, false, &body)
	}
	var r bankdesk.Resolve
	if err == nil {
		r, err = body.check()
	}
	if err == nil {
		document, _ := json.Marshal(body) // texts only: does not fail
		key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
		_, err = a.Outbox.Claim(key, requestHash(c, document), c.Param("id"))
	}
	var x bankdesk.Exception
	if err == nil {
		r.By = caller(c).Name
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), a.ActTime)
		defer cancel()
		x, err = desk.Resolve(ctx, c.Param("id"), r)
	}
	if err != nil {
		a.fail(c, bankProblem(err))
		return
	}
	writeJSON(c, http.StatusOK, jsonContent, x)
}
