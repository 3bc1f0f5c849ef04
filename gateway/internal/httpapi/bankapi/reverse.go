package bankapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// reversalBody names the entries by which recorded answers are reversed: exceptions of the bank's statements, or entries of
// statements on the ledger. An empty body is all exceptions of the batch that offer it.
type reversalBody struct {
	Items []reversalItem `json:"items,omitempty"`
}

// MayBeEmpty says that a batch's own exceptions need no choice.
func (reversalBody) MayBeEmpty() {}

// reversalItem is an exception, or an entry of a statement on the ledger.
type reversalItem struct {
	Exception    string             `json:"exception,omitempty"`
	Payment      string             `json:"payment,omitempty"` // of an exception: when its entry names none, or another
	As           reversal.Answer    `json:"as,omitempty"`
	ReturnReason string             `json:"return_reason,omitempty"`
	Statement    relief.StatementID `json:"statement,omitempty"`
	Entry        string             `json:"entry,omitempty"`
}

// ProposeReversal proposes to change recorded answers of a batch by entries of statements.
func (h *Handlers) ProposeReversal(c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	if err := h.AtFinance(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActReversalPropose); err != nil {
		return err
	}
	var body reversalBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	in, err := h.toReverse(c, id, &body)
	if err != nil {
		return problemOf(err)
	}
	argument, err := json.Marshal(in)
	if err != nil {
		return err
	}
	act := &rest.Act{Status: http.StatusCreated}
	if err := rest.Fill(h.core, act, api.ReversalPropose, argument); err != nil {
		return err
	}
	return h.doReversal(c, act)
}

// toReverse is the contract's argument.
func (h *Handlers) toReverse(c *gin.Context, batch relief.BatchID, body *reversalBody) (api.ProposeReversalInput, error) {
	in := api.ProposeReversalInput{Batch: batch}
	var entries []bankdesk.ReverseEntry
	for i := range body.Items {
		item := &body.Items[i]
		var payment relief.PaymentID
		var err error
		if item.Payment != "" {
			if payment, err = relief.ParsePaymentID(item.Payment); err != nil {
				return in, err
			}
		}
		switch byException := item.Exception != ""; {
		case byException && (item.Statement != "" || item.Entry != "" || item.As != ""):
			return in, problem.OfField("items", "每项须指明异常，或对账单及其分录，二者择一。", "An item names an exception, or a statement and its entry.")
		case byException:
			entries = append(entries, bankdesk.ReverseEntry{Exception: item.Exception, Payment: payment, ReturnReason: item.ReturnReason})
		default:
			in.Items = append(in.Items, reversal.Named{
				Payment: payment, As: item.As, ReturnReason: item.ReturnReason, Statement: item.Statement, Entry: item.Entry,
			})
		}
	}
	if len(in.Items) > 0 && len(entries) == 0 {
		return in, nil
	}
	by, err := h.desk.ToReverse(c.Request.Context(), rest.Caller(c).Name, batch, entries)
	in.Items = append(in.Items, by.Items...)
	return in, err
}

// ConfirmReversal confirms a reversal or refuses it. The salts of what it credits are this gateway's.
func (h *Handlers) ConfirmReversal(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseReversalID)
	if err != nil {
		return err
	}
	if err := h.AtFinance(c); err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.ReversalConfirm, "id", string(id))
	if err != nil {
		return err
	}
	r, err := rest.Ask(h.core, c, api.ReversalGet, api.ReversalInput{ID: id})
	if err != nil {
		return err
	}
	act := &rest.Act{Function: api.ReversalConfirm.Name(), Argument: argument}
	signer := rest.Caller(c).Name
	act.Renew = func(ctx context.Context) (map[string][]byte, error) { return h.desk.ReversalSalts(ctx, signer, &r) }
	return h.doReversal(c, act)
}

// WithdrawReversal takes a proposal back.
func (h *Handlers) WithdrawReversal(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseReversalID)
	if err != nil {
		return err
	}
	if err := h.AtFinance(c); err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.ReversalWithdraw, "id", string(id))
	if err != nil {
		return err
	}
	return h.doReversal(c, &rest.Act{Function: api.ReversalWithdraw.Name(), Argument: argument})
}

// doReversal carries an act on a reversal through, notes what became of it with the exceptions, and answers with the record.
func (h *Handlers) doReversal(c *gin.Context, act *rest.Act) error {
	result, err := h.core.Carry(c, act, rest.RequestHash(c, act.Argument))
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	var r reversal.Reversal
	if err := json.Unmarshal(result, &r); err != nil {
		return err
	}
	if err := h.desk.NoteReversal(context.WithoutCancel(c.Request.Context()), &r, rest.Caller(c).Name); err != nil {
		return err
	}
	status := http.StatusOK
	if act.Status != 0 {
		status = act.Status
		c.Header("Location", "/v1/reversals/"+string(r.ID))
	}
	c.Data(status, rest.JSONContent, result)
	return nil
}

// RecordByHand puts a statement on the ledger that the bank gave in another way than as a message, such as on paper.
func (h *Handlers) RecordByHand(c *gin.Context) error {
	if err := h.AtFinance(c); err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.StatementRecord, "", "")
	if err != nil {
		return err
	}
	act := &rest.Act{Function: api.StatementRecord.Name(), Argument: argument, Status: http.StatusCreated, Made: "/v1/account-statements/"}
	return h.core.Do(c, act)
}
