package records

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// BatchTransfers answers with what the bank is told to pay by a batch: pages of JSON, or everything as CSV.
func (h *Handlers) BatchTransfers(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	if _, err := h.Index.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return err
	}
	if format == rest.JSONType {
		page, err := h.Index.Transfers(ctx, id, rest.Cursor.In(c), h.core.PageSize(c))
		if err != nil {
			return err
		}
		return rest.JSON(c, page)
	}
	page, err := h.Index.Transfers(ctx, id, "", exportPage)
	if err != nil {
		return err
	}
	rest.Attachment(c, format+"; charset=utf-8", string(id)+"-transfers.csv")
	if rest.HeadOnly(c) {
		return nil
	}
	if err := exportTable(c, transferColumns, transferRow, page, func(cursor string) (index.Page[payment.Transfer], error) {
		return h.Index.Transfers(c.Request.Context(), id, cursor, exportPage)
	}); err != nil {
		h.core.Log.ErrorContext(ctx, "export was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

var transferColumns = []string{
	"id", "subject", "number", "batch", "amount", "deducted", "transferred", "payments", "state", "credited_on", "returned_on", "return_reason",
}

// transferRow is a transfer in one line. Its payments are written KIND PERIOD AMOUNT, one after the other.
func transferRow(t *payment.Transfer) []string {
	carries := make([]string, len(t.Payments))
	for i := range t.Payments {
		p := &t.Payments[i]
		carries[i] = p.Kind.String() + " " + p.Period.String() + " " + p.Amount.String()
	}
	return []string{
		t.ID.String(), t.Subject.String(), strconv.FormatUint(uint64(t.Number), 10), string(t.Batch), t.Amount.String(), t.Deducted.String(),
		t.Transferred.String(), strings.Join(carries, "; "), string(t.State), t.CreditedOn, t.ReturnedOn, t.ReturnReason,
	}
}
