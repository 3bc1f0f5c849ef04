package bankapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// recordBody chooses a statement of a file that the ledger is to have.
type recordBody struct {
	Statement int              `json:"statement,omitempty"` // its place in the file, from 1
	Tranche   relief.TrancheID `json:"tranche,omitempty"`
	Rest      statement.Kind   `json:"rest,omitempty"`
}

// MayBeEmpty says that a file with one statement needs no choice.
func (recordBody) MayBeEmpty() {}

// RecordStatement puts a statement on the ledger: its balances, the payments in it, and every other entry with what it was
// classified as.
func (h *Handlers) RecordStatement(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActStatementRecord); err != nil {
		return err
	}
	var body recordBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	if body.Rest != "" && !slices.Contains(statement.Kinds, body.Rest) {
		return problem.OfField("rest", "rest 须为款项类别，例如 fee。", "rest is a kind of entries, such as fee.")
	}
	in, err := h.desk.ToRecord(c.Request.Context(), rest.Caller(c).Name, bankdesk.RecordStatement{
		Message: c.Param("id"), Statement: max(body.Statement, 1), Tranche: body.Tranche, Rest: body.Rest,
	})
	if err != nil {
		return problemOf(err)
	}
	argument, err := json.Marshal(in)
	if err != nil {
		return err
	}
	act := &rest.Act{}
	if err := rest.Fill(h.core, act, api.StatementRecord, argument); err != nil {
		return err
	}
	return h.core.Do(c, act)
}

// recoveryBody names the overpayment that an entry recovers.
type recoveryBody struct {
	Overpayment relief.OverpaymentID `json:"overpayment"`
	Amount      relief.Fen           `json:"amount,omitempty"` // less than the entry's, when it is for several
}

// RecoverByException proposes the recovery of an overpayment by the entry of an exception. One entry may be for several overpayments;
// the exception stays open while a part of it is left.
func (h *Handlers) RecoverByException(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActOverpaymentRecover); err != nil {
		return err
	}
	var body recoveryBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	x, err := h.desk.Find(c.Param("id"))
	if err != nil {
		return problemOf(err)
	}
	if x.Resolution != nil && (x.Resolution.Job != "" || x.Resolution.Action == bankdesk.ActionReverse) {
		return problemOf(bankdesk.ErrResolved)
	}
	if x.Booked == nil || *x.Booked <= 0 || x.Ref == "" {
		return problem.OfField("id", "该异常不是有银行流水号的收入。", "The exception is no money that came in with the bank's reference.")
	}
	if body.Amount == 0 {
		body.Amount = *x.Amount
	}
	argument, err := json.Marshal(map[string]any{
		"id": body.Overpayment, "amount": body.Amount,
		"entry": map[string]any{"ref_sha256_128": x.Ref, "amount": x.Amount, "booked_on": x.Date},
	})
	if err != nil {
		return err
	}
	act := &rest.Act{}
	if err := rest.Fill(h.core, act, api.OverpaymentRecover, argument); err != nil {
		return err
	}
	request := rest.RequestHash(c, argument)
	result, err := h.core.Carry(c, act, request)
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	part := bankdesk.RecoveredPart{Overpayment: body.Overpayment, Amount: body.Amount}
	if err := h.desk.NoteRecovery(context.WithoutCancel(c.Request.Context()), x.ID, part, rest.Caller(c).Name); err != nil {
		return problemOf(err)
	}
	c.Data(200, rest.JSONContent, result)
	return nil
}

// resolveManyBody resolves exceptions that are named, or all that the filter keeps, in one way.
type resolveManyBody struct {
	Filter struct {
		IDs       []string        `json:"ids,omitempty"`
		Reason    bankdesk.Reason `json:"reason,omitempty"`
		Batch     relief.BatchID  `json:"batch,omitempty"`
		Statement string          `json:"statement,omitempty"` // the bank's file
		Code      string          `json:"code,omitempty"`
		Side      bankdesk.Side   `json:"side,omitempty"`
	} `json:"filter"`
	Action string `json:"action"`
	As     string `json:"as,omitempty"`
	Note   string `json:"note,omitempty"`
}

// ResolveExceptions ends many exceptions in the same way. Nothing is recorded on the ledger.
func (h *Handlers) ResolveExceptions(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActPaymentSettle); err != nil {
		return err
	}
	var body resolveManyBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	filter, err := body.filter()
	if err != nil {
		return err
	}
	one := resolveBody{Action: body.Action, As: body.As, Note: body.Note}
	r, err := one.check()
	if err != nil {
		return err
	}
	r.By = rest.Caller(c).Name
	document, _ := json.Marshal(body) // texts only: does not fail
	if _, err := h.core.Outbox.Claim(rest.KeyOf(c), rest.RequestHash(c, document), "exceptions"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), h.core.ActTime)
	defer cancel()
	done, more, err := h.desk.ResolveMany(ctx, filter, body.Filter.IDs, r)
	if err != nil {
		return problemOf(err)
	}
	return rest.JSON(c, resolvedAnswer(done, more))
}

func (b *resolveManyBody) filter() (bankdesk.Filter, error) {
	f := &b.Filter
	bad := func(field, zh, en string) (bankdesk.Filter, error) {
		return bankdesk.Filter{}, problem.OfField(field, zh, en)
	}
	by := bankdesk.Filter{State: bankdesk.StateOpen, Reason: f.Reason, Batch: f.Batch, File: f.Statement, Code: f.Code, Side: f.Side}
	switch {
	case len(f.IDs) > bankdesk.MaxResolved:
		return bad("ids", "一次最多处理 1000 项异常。", "At most 1,000 exceptions are resolved at once.")
	case len(f.IDs) > 0 && by != bankdesk.Filter{State: bankdesk.StateOpen}:
		return bad("ids", "指明编号时不再使用其他筛选条件。", "Exceptions are chosen by their ids or by the other conditions.")
	case len(f.IDs) == 0 && by == bankdesk.Filter{State: bankdesk.StateOpen}:
		return bad("filter", "请指明筛选条件或异常编号。", "The filter has conditions, or ids.")
	case !slices.Contains([]bankdesk.Side{bankdesk.EitherSide, bankdesk.SideIn, bankdesk.SideOut}, f.Side):
		return bad("side", "side 须为 in 或 out。", "side is in or out.")
	case b.Action == "accept" && b.As != "" || b.Action == "assign":
		return bad("action", "登记支付结果须逐项处理。", "What is recorded as a payment's result is resolved one by one.")
	}
	return by, nil
}

// resolvedOne is what became of one exception.
type resolvedOne struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // resolved, refused
	Reason  string `json:"reason,omitempty"`
}

func resolvedAnswer(done []bankdesk.Resolved, more bool) any {
	answer := struct {
		Resolved int           `json:"resolved"`
		Refused  int           `json:"refused"`
		More     bool          `json:"more"` // others that the filter keeps are left: send it again
		Items    []resolvedOne `json:"items"`
	}{More: more, Items: []resolvedOne{}}
	for i := range done {
		one := resolvedOne{ID: done[i].ID, Outcome: "resolved"}
		if err := done[i].Error; err != nil {
			one.Outcome, one.Reason = "refused", err.Error()
			answer.Refused++
		} else {
			answer.Resolved++
		}
		answer.Items = append(answer.Items, one)
	}
	return answer
}
