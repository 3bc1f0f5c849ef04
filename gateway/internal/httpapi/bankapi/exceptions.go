package bankapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
)

// The query parameters of exceptions.
var (
	ByState     = rest.Choice("state", bankdesk.StateOpen, bankdesk.StateResolved)
	ByReason    = rest.Text("reason")
	ByBatch     = rest.NewParam("batch", relief.ParseBatchID)
	ByStatement = rest.Text("statement")
	ByCode      = rest.Text("code")
	BySide      = rest.Choice("side", bankdesk.SideIn, bankdesk.SideOut)
)

// Exceptions lists entries that match no payment.
func (h *Handlers) Exceptions(c *gin.Context) error {
	if err := h.mayReadBank(c); err != nil {
		return err
	}
	filter := bankdesk.Filter{
		State: ByState.In(c), Reason: bankdesk.Reason(ByReason.In(c)), Batch: ByBatch.In(c), File: ByStatement.In(c),
		Code: ByCode.In(c), Side: BySide.In(c),
	}
	l := rest.List[bankdesk.Exception]{
		Name: "exceptions", Table: ExceptionTable,
		Page: func(_ context.Context, cursor string, limit int) (page index.Page[bankdesk.Exception], err error) {
			page.Items, page.Next, err = h.desk.Exceptions(filter, cursor, limit)
			return page, err
		},
	}
	return l.Answer(c.Request.Context(), h.core, c, rest.Cursor.In(c))
}

// Exception finds one of them, with what the bank wrote about people.
func (h *Handlers) Exception(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	x, err := h.desk.Exception(c.Request.Context(), rest.Access(c, reading.BankException, "", ""), c.Param("id"))
	if err != nil {
		return problemOf(err)
	}
	return rest.JSON(c, x)
}

// ResolveException ends an exception.
func (h *Handlers) ResolveException(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActPaymentSettle); err != nil {
		return err
	}
	var body resolveBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	r, err := body.check()
	if err != nil {
		return err
	}
	document, _ := json.Marshal(body) // texts only: does not fail
	if _, err := h.core.Outbox.Claim(rest.KeyOf(c), rest.RequestHash(c, document), c.Param("id")); err != nil {
		return err
	}
	r.By = rest.Caller(c).Name
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), h.core.ActTime)
	defer cancel()
	x, err := h.desk.Resolve(ctx, c.Param("id"), r)
	if err != nil {
		return problemOf(err)
	}
	return rest.JSON(c, x)
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
	bad := func(field, zh, en string) (bankdesk.Resolve, error) {
		return bankdesk.Resolve{}, problem.OfField(field, zh, en)
	}
	if err := b.checkAs(); err != nil {
		return r, err
	}
	switch {
	case !slices.Contains([]string{"accept", "assign", "write_off", bankdesk.ActionClassify}, b.Action):
		return bad("action", "action 须为 accept、assign、write_off 或 classify。", "action is accept, assign, write_off or classify.")
	case b.Action == "assign" && (b.As == "" || b.Payment == ""):
		return bad("payment", "assign 须指明支付及记录结果。", "assign names a payment, and as what it is recorded.")
	case b.Action != "assign" && b.Payment != "":
		return bad("payment", "只有 assign 才填写支付。", "Only assign names a payment.")
	case b.Action == "write_off" && (b.As != "" || b.Note == ""):
		return bad("note", "write_off 不在账本上记录，须在 note 中说明理由。", "write_off records nothing on the ledger and says why in note.")
	case b.ReturnReason != "" && b.As != "returned":
		return bad("return_reason", "只有 as 为 returned 时才填写退票原因。", "A return reason goes with as: returned.")
	case len([]rune(b.Note)) > 200:
		return bad("note", "备注最多 200 个字。", "note has at most 200 characters.")
	}
	r = bankdesk.Resolve{Action: b.Action, As: b.As, ReturnReason: b.ReturnReason, Note: b.Note}
	if b.Payment != "" {
		r.Payment, err = relief.ParsePaymentID(b.Payment)
	}
	return r, err
}

// checkAs says what goes with a classification, and with what is recorded.
func (b *resolveBody) checkAs() error {
	if b.Action != bankdesk.ActionClassify {
		if !slices.Contains([]string{"", "credited", "returned"}, b.As) {
			return problem.OfField("as", "as 须为 credited 或 returned。", "as is credited or returned.")
		}
		return nil
	}
	if !slices.Contains(statement.Kinds, statement.Kind(b.As)) {
		return problem.OfField("as", "classify 须在 as 中指明款项类别，例如 interest。", "classify says in as of what kind the entry is, such as interest.")
	}
	return nil
}
