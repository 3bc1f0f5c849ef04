package httpapi

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bankdesk"
)

func (a *API) batchReport(c *gin.Context) {
	desk, err := a.desk(c)
	var id relief.BatchID
	if err == nil {
		id, err = batchID(c)
	}
	var r *bankdesk.BatchReconciliation
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		r, err = desk.ReconcileBatch(c.Request.Context(), caller(c).Name, id)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.answerReport(c, r, func() [][]string {
		rows := amountRows(&r.Amounts)
		rows = append(rows, tallyRow("statements-paid", r.Statements.Paid), tallyRow("statements-returned", r.Statements.Returned),
			tallyRow("open-exceptions", r.OpenExceptions))
		return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
	})
}

func (a *API) trancheReport(c *gin.Context) {
	desk, err := a.desk(c)
	var id relief.TrancheID
	if err == nil {
		id, err = pathID(c, "id", relief.ParseTrancheID)
	}
	var r *bankdesk.AccountReconciliation
	if err == nil {
		err = allowQuery(c)
	}
	if err == nil {
		r, err = desk.ReconcileAccount(c.Request.Context(), caller(c).Name, id)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	a.answerReport(c, r, func() [][]string {
		rows := amountRows(&r.Amounts)
		if r.Opening != nil {
			rows = append(rows, []string{"opening-balance", "", r.Opening.String(), ""})
		}
		rows = append(rows, []string{"debits", "", r.Debits.String(), ""}, []string{"credits", "", r.Credits.String(), ""})
		if r.Closing != nil {
			rows = append(rows, []string{"closing-balance", "", r.Closing.String(), ""})
		}
		rows = append(rows, tallyRow("paid", r.Paid), tallyRow("paid-back", r.PaidBack), tallyRow("open-exceptions", r.OpenExceptions))
		for i := range r.Batches {
			b := &r.Batches[i]
			rows = append(rows, []string{"batch", strconv.Itoa(b.Instructed.Count), b.Instructed.Sum.String(), string(b.Batch)})
		}
		for i := range r.Statements {
			s := &r.Statements[i]
			rows = append(rows, []string{"statement", strconv.Itoa(s.Entries), (s.Debits).String(), fmt.Sprintf("%d", s.Sequence)})
		}
		return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
	})
}

// answerReport answers with a report as JSON, or as CSV of item, count, amount and note.
func (a *API) answerReport(c *gin.Context, report any, rows func() [][]string) {
	format, err := accept(c, "application/json", "text/csv")
	if err != nil {
		a.fail(c, err)
		return
	}
	if format == "application/json" {
		writeJSON(c, http.StatusOK, jsonContent, report)
		return
	}
	c.Header("Content-Type", "text/csv; charset=utf-8")
	c.Status(http.StatusOK)
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true
	_ = w.Write([]string{"item", "count", "amount", "note"})
	_ = w.WriteAll(rows()) // the caller is gone when this fails
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
