package bankapi

import (
	"encoding/csv"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/rest"
)

// BatchReport says whether a batch ties out with the bank's statements.
func (h *Handlers) BatchReport(c *gin.Context) error {
	if err := h.mayReadBank(c); err != nil {
		return err
	}
	id, err := batchID(c)
	if err != nil {
		return err
	}
	r, err := h.desk.ReconcileBatch(c.Request.Context(), rest.Caller(c).Name, id)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	if format == rest.CSV {
		writeRows(c, batchRows(r))
		return nil
	}
	return rest.JSON(c, r)
}

// AccountReport says whether a tranche's account ties out with the bank's statements.
func (h *Handlers) AccountReport(c *gin.Context) error {
	if err := h.mayReadBank(c); err != nil {
		return err
	}
	id, err := rest.PathID(c, "id", relief.ParseTrancheID)
	if err != nil {
		return err
	}
	r, err := h.desk.ReconcileAccount(c.Request.Context(), rest.Caller(c).Name, id)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	if format == rest.CSV {
		writeRows(c, accountRows(r))
		return nil
	}
	return rest.JSON(c, r)
}

// writeRows answers with a report as CSV of item, count, amount and note.
func writeRows(c *gin.Context, rows [][]string) {
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Status(http.StatusOK)
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true
	_ = w.Write([]string{"item", "count", "amount", "note"})
	_ = w.WriteAll(rows) // the caller is gone when this fails
}

func batchRows(r *bankdesk.BatchReconciliation) [][]string {
	rows := amountRows(&r.Amounts)
	rows = append(rows, tallyRow("statements-paid", r.Statements.Paid), tallyRow("statements-returned", r.Statements.Returned),
		tallyRow("open-exceptions", r.OpenExceptions))
	return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
}

func accountRows(r *bankdesk.AccountReconciliation) [][]string {
	rows := amountRows(&r.Amounts)
	if r.Opening != nil {
		rows = append(rows, []string{"opening-balance", "", r.Opening.String(), ""})
	}
	rows = append(rows, []string{"debits", "", r.Debits.String(), ""}, []string{"credits", "", r.Credits.String(), ""})
	if r.Closing != nil {
		rows = append(rows, []string{"closing-balance", "", r.Closing.String(), ""})
	}
	rows = append(rows, []string{"expected-balance", "", r.Ledger.Expected.String(), ""})
	if r.Difference != nil {
		rows = append(rows, []string{"difference", "", r.Difference.String(), ""})
	}
	for i := range r.Ledger.Classified {
		k := &r.Ledger.Classified[i]
		rows = append(rows, []string{"classified", strconv.Itoa(k.Count), k.Sum.String(), string(k.Kind)})
	}
	rows = append(rows, tallyRow("paid", r.Paid), tallyRow("paid-back", r.PaidBack), tallyRow("open-exceptions", r.OpenExceptions))
	for i := range r.Batches {
		b := &r.Batches[i]
		rows = append(rows, []string{"batch", strconv.Itoa(b.Instructed.Count), b.Instructed.Sum.String(), string(b.Batch)})
	}
	for i := range r.Statements {
		s := &r.Statements[i]
		rows = append(rows, []string{"statement", strconv.Itoa(s.Entries), s.Debits.String(), strconv.FormatUint(s.Sequence, 10)})
	}
	return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
}

func tallyRow(item string, t bankdesk.Tally) []string {
	return []string{item, strconv.Itoa(t.Count), t.Sum.String(), ""}
}

func amountRows(a *bankdesk.Amounts) [][]string {
	return [][]string{
		tallyRow("instructed", a.Instructed), tallyRow("credited", a.Credited), tallyRow("returned", a.Returned), tallyRow("pending", a.Pending),
	}
}

func findingRows(findings []bankdesk.Discrepancy, ties bool) [][]string {
	rows := [][]string{{"ties-out", "", "", strconv.FormatBool(ties)}}
	for _, f := range findings {
		amount := ""
		if f.Amount != nil {
			amount = f.Amount.String()
		}
		rows = append(rows, []string{"finding:" + f.Code, strconv.Itoa(f.Count), amount, f.Text})
	}
	return rows
}
