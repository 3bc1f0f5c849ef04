package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// ByOverpaymentState keeps the overpayments of which something is outstanding, or nothing.
var ByOverpaymentState = rest.Choice("state", api.OverpaymentOpen, api.OverpaymentSettled)

// Overpayments lists what people were paid too much. What is outstanding is worked out at the agency's own peer.
func (h *Handlers) Overpayments(ctx context.Context, c *gin.Context) error {
	in := api.OverpaymentFilter{Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: ByOverpaymentState.In(c)}
	l := rest.List[api.Overpayment]{Name: "overpayments", Table: lists.Overpayments, PerPage: api.MaxOverpayments}
	l.Page = func(ctx context.Context, cursor string, limit int) (page index.Page[api.Overpayment], err error) {
		in.PageInput = api.PageInput{Cursor: cursor, Limit: min(limit, api.MaxOverpayments)}
		found, err := rest.AskIn(ctx, h.core, c, api.OverpaymentList, in)
		page.Items, page.Next = found.Items, found.Next
		return page, err
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
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
	return h.answerTrail(c, string(id), relief.KindOverpayment, steps)
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
