package records

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
)

// exportPage is how many payments are read at a time for a file.
const exportPage = 1000

// BatchLines answers with a batch's payments: pages of JSON, or everything as CSV or NDJSON.
func (h *Handlers) BatchLines(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV, rest.NDJSON)
	if err != nil {
		return err
	}
	if _, err := h.Index.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return err
	}
	q := index.PaymentQuery{Batch: id}
	if format != rest.JSONType {
		return h.exportLines(c, q, format)
	}
	page, err := h.Index.Payments(ctx, q, rest.Cursor.In(c), h.core.PageSize(c))
	if err != nil {
		return err
	}
	return rest.JSON(c, page)
}

// exportLines streams all payments. A read that fails after the first page cuts the connection off, so that a caller
// does not take a part for the whole.
func (h *Handlers) exportLines(c *gin.Context, q index.PaymentQuery, format string) error {
	page, err := h.Index.Payments(c.Request.Context(), q, "", exportPage)
	if err != nil {
		return err
	}
	rest.Attachment(c, format+"; charset=utf-8", string(q.Batch)+"."+rest.Extension(format))
	if rest.HeadOnly(c) {
		return nil
	}
	if err := h.exportPages(c, q, format, page); err != nil {
		h.core.Log.ErrorContext(c.Request.Context(), "export was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

// exportPages writes the first page and those that follow it, for as long as the caller keeps reading.
func (h *Handlers) exportPages(c *gin.Context, q index.PaymentQuery, format string, page index.Page[payment.Payment]) error {
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	write := lineWriter(out, format)
	for {
		for i := range page.Items {
			if err := write(&page.Items[i]); err != nil {
				return err
			}
		}
		if page.Next == "" {
			_ = out.Flush() // the caller is gone when this fails
			return nil
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		var err error
		if page, err = h.Index.Payments(c.Request.Context(), q, page.Next, exportPage); err != nil {
			return err
		}
	}
}

// pageTime is how long a caller may take to read one page of an export.
const pageTime = 30 * time.Second

var lineColumns = []string{
	"id", "subject", "programme", "county", "region", "number", "period", "attempt", "kind", "amount", "deducted", "batch", "accounting_period", "file_line", "state",
	"credited_on", "returned_on", "return_reason", "bank_ref_sha256_128",
}

// lineWriter writes payments in one of the formats.
func lineWriter(out *bufio.Writer, format string) func(*payment.Payment) error {
	if format == rest.NDJSON {
		return func(p *payment.Payment) error {
			line, err := json.Marshal(p)
			if err != nil {
				return err
			}
			_, _ = out.Write(line)
			return out.WriteByte('\n') // a bufio.Writer keeps its error
		}
	}
	w := csv.NewWriter(struct{ io.Writer }{out}) // hides that out is buffered: Flush must not reach the caller
	w.UseCRLF = true
	_ = w.Write(lineColumns) // into memory
	return func(p *payment.Payment) error {
		if err := w.Write([]string{
			p.ID.String(), p.Subject.String(), string(p.Programme), string(p.County), string(p.Region), strconv.FormatUint(uint64(p.Number), 10), p.Period.String(),
			strconv.Itoa(int(p.Attempt)), p.Kind.String(), p.Amount.String(), p.Deducted.String(), string(p.Batch), p.AccountingPeriod.String(),
			strconv.FormatUint(uint64(p.FileLine), 10), string(p.State),
			p.CreditedOn, p.ReturnedOn, p.ReturnReason, p.BankRef,
		}); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}
}
