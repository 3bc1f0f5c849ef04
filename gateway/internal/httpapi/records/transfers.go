package records

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

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
	if err := h.exportTransfers(c, id, page); err != nil {
		h.core.Log.ErrorContext(ctx, "export was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

var transferColumns = []string{
	"id", "subject", "number", "batch", "amount", "deducted", "transferred", "payments", "state", "credited_on", "returned_on", "return_reason",
}

// exportTransfers writes the first page and those that follow it.
func (h *Handlers) exportTransfers(c *gin.Context, id relief.BatchID, page index.Page[payment.Transfer]) error {
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	w := csv.NewWriter(struct{ io.Writer }{out}) // hides that out is buffered: Flush must not reach the caller
	w.UseCRLF = true
	_ = w.Write(transferColumns) // into memory
	for {
		for i := range page.Items {
			if err := w.Write(transferRow(&page.Items[i])); err != nil {
				return err
			}
		}
		w.Flush()
		if err := w.Error(); err != nil || page.Next == "" {
			_ = out.Flush() // the caller is gone when this fails
			return err
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		var err error
		if page, err = h.Index.Transfers(c.Request.Context(), id, page.Next, exportPage); err != nil {
			return err
		}
	}
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
