package records

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// ByOverpaymentState keeps the overpayments of which something is outstanding, or nothing.
var ByOverpaymentState = rest.Choice("state", api.OverpaymentOpen, api.OverpaymentSettled)

// Overpayments lists what people were paid too much: a page of JSON, or everything as CSV. What is outstanding is worked out at the
// agency's own peer.
func (h *Handlers) Overpayments(ctx context.Context, c *gin.Context) error {
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	in := api.OverpaymentFilter{
		PageInput: api.PageInput{Cursor: string(rest.IDCursor.In(c)), Limit: min(h.core.PageSize(c), api.MaxOverpayments)},
		Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: ByOverpaymentState.In(c),
	}
	if format == rest.CSV {
		in.PageInput = api.PageInput{Limit: api.MaxOverpayments}
	}
	page, err := rest.AskIn(ctx, h.core, c, api.OverpaymentList, in)
	if err != nil {
		return err
	}
	if format != rest.CSV {
		return rest.JSON(c, page)
	}
	rest.Attachment(c, rest.CSV+"; charset=utf-8", "overpayments.csv")
	if rest.HeadOnly(c) {
		return nil
	}
	if err := h.exportOverpayments(c, in, page); err != nil {
		h.core.Log.ErrorContext(ctx, "export was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

// exportOverpayments writes the first page and those that follow it.
func (h *Handlers) exportOverpayments(c *gin.Context, in api.OverpaymentFilter, page api.Page[api.Overpayment]) error {
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	w := rest.NewCSV(c.Writer, "id", "programme", "region", "subject", "state", "opened_on", "days", "excess", "recovered", "deducted",
		"written_off", "outstanding")
	for {
		for i := range page.Items {
			writeOverpayment(w, &page.Items[i])
		}
		if w.Flush(); w.Error() != nil || page.Next == "" {
			return w.Error()
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		in.Cursor = page.Next
		var err error
		if page, err = rest.Ask(h.core, c, api.OverpaymentList, in); err != nil {
			return err
		}
	}
}

func writeOverpayment(w *csv.Writer, o *api.Overpayment) {
	_ = w.Write([]string{ // errors stay with the writer
		string(o.ID), string(o.Programme), string(o.Region), o.Subject.String(), string(o.State), string(o.OpenedOn), strconv.Itoa(o.Days),
		o.Excess.String(), o.Recovered.String(), o.Deducted.String(), o.WrittenOff.String(), o.Outstanding.String(),
	})
}

// Overpayment finds what a roll entry was paid too much.
func (h *Handlers) Overpayment(ctx context.Context, c *gin.Context) (any, error) {
	id, err := rest.PathID(c, "id", relief.ParseOverpaymentID)
	if err != nil {
		return nil, err
	}
	return rest.AskIn(ctx, h.core, c, api.OverpaymentGet, api.OverpaymentInput{ID: id})
}

// OverpaymentTrail answers with what happened to an overpayment.
func (h *Handlers) OverpaymentTrail(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseOverpaymentID)
	if err != nil {
		return err
	}
	steps, err := h.Index.OverpaymentTrail(ctx, id)
	if err != nil {
		return err
	}
	return answerTrail(c, string(id), relief.KindOverpayment, steps)
}

// recoveryBody proposes a recovery. The bank's reference goes no further than this gateway: the ledger has its hash.
type recoveryBody struct {
	Amount   string `json:"amount"`
	BankRef  string `json:"bank_ref"`
	Entry    string `json:"entry_amount,omitempty"` // of the whole entry, when it is for more than this
	BookedOn string `json:"booked_on"`
}

// Recover proposes a recovery by an entry of a bank's statement.
func (h *Handlers) Recover(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseOverpaymentID)
	if err != nil {
		return err
	}
	var body recoveryBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	if body.BankRef == "" || len(body.BankRef) > maxBankRef {
		return problem.OfField("bank_ref", "请填写银行流水号，最多 140 个字节。", "bank_ref is the bank's reference of the entry, 140 bytes at most.")
	}
	if body.Entry == "" {
		body.Entry = body.Amount
	}
	argument, err := json.Marshal(map[string]any{
		"id": id, "amount": body.Amount,
		"entry": map[string]string{
			"ref_sha256_128": relief.HashBankRef([]byte(body.BankRef)).String(), "amount": body.Entry, "booked_on": body.BookedOn,
		},
	})
	if err != nil {
		return err
	}
	act := &rest.Act{}
	if err := rest.Fill(h.core, act, api.OverpaymentRecover, argument); err != nil {
		return err
	}
	return h.core.Do(c, act)
}

// maxBankRef bounds the bank's reference, in bytes.
const maxBankRef = 140
