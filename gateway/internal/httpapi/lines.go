package httpapi

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index"
)

// exportPage is how many payments are read at a time for a file.
const exportPage = 1000

// batchLines answers with a batch's payments: pages of JSON, or everything as CSV or NDJSON.
func (a *API) batchLines(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	format, err := accept(c, "application/json", "text/csv", "application/x-ndjson")
	if err != nil {
		return err
	}
	limit, err := a.limit(c)
	if err != nil {
		return err
	}
	if _, err := a.Index.Record(ctx, relief.KindBatch, string(id)); err != nil {
		return err
	}
	q := index.PaymentQuery{Batch: id}
	if format != "application/json" {
		return a.exportLines(c, q, format)
	}
	page, err := a.Index.Payments(ctx, q, c.Query("cursor"), limit)
	if err == nil {
		writeJSON(c, http.StatusOK, jsonContent, page)
	}
	return err
}

// exportLines streams all payments. A read that fails after the first page cuts the connection off, so that a caller
// does not take a part for the whole.
func (a *API) exportLines(c *gin.Context, q index.PaymentQuery, format string) error {
	page, err := a.Index.Payments(c.Request.Context(), q, "", exportPage)
	if err != nil {
		return err
	}
	rc := http.NewResponseController(c.Writer)
	keepOpen(rc)
	c.Header("Content-Type", format+"; charset=utf-8")
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, q.Batch, extension(format)))
	c.Status(http.StatusOK)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	write := lineWriter(out, format)
	for {
		for i := range page.Items {
			if err == nil {
				err = write(&page.Items[i])
			}
		}
		if err == nil && page.Next == "" {
			break
		}
		_ = rc.SetWriteDeadline(time.Now().Add(bodyTime)) // as long as the caller keeps reading
		if err == nil {
			page, err = a.Index.Payments(c.Request.Context(), q, page.Next, exportPage)
		}
		if err != nil {
			a.log.ErrorContext(c.Request.Context(), "export was cut off", "request", requestID(c), "error", err.Error())
			panic(http.ErrAbortHandler)
		}
	}
	_ = out.Flush() // the caller is gone when this fails
	return nil
}

var lineColumns = []string{
	"id", "subject", "programme", "county", "number", "period", "attempt", "amount", "batch", "file_line", "state",
	"credited_on", "returned_on", "return_reason", "bank_ref_sha256_128",
}

// lineWriter writes payments in one of the formats.
func lineWriter(out *bufio.Writer, format string) func(*payment.Payment) error {
	if format == "application/x-ndjson" {
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
			p.ID.String(), p.Subject.String(), string(p.Programme), string(p.County), strconv.FormatUint(uint64(p.Number), 10), p.Period.String(),
			strconv.Itoa(int(p.Attempt)), p.Amount.String(), string(p.Batch), strconv.FormatUint(uint64(p.FileLine), 10), string(p.State),
			p.CreditedOn, p.ReturnedOn, p.ReturnReason, p.BankRef,
		}); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}
}
