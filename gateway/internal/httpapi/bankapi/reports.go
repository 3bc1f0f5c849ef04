package bankapi

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/table"
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
	return rest.AnswerRows(h.core, c, string(id)+"-reconciliation", Report, r, batchRows(r))
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
	return rest.AnswerRows(h.core, c, "account-"+string(id)+"-reconciliation", Report, r, accountRows(r))
}

// reportRow is a line of a report: an item with what there is of count and amount.
type reportRow struct {
	Item   string          `json:"item"`
	Count  *int            `json:"count,omitempty"`
	Amount *relief.Balance `json:"amount,omitempty"`
	Note   string          `json:"note,omitempty"`
}

// Report are the lines of a report.
var Report = table.New(
	table.Text("item", func(r *reportRow) string { return r.Item }),
	table.IntegerIfAny("count", func(r *reportRow) *int { return r.Count }),
	table.BalanceIfAny("amount", func(r *reportRow) *relief.Balance { return r.Amount }),
	table.Text("note", func(r *reportRow) string { return r.Note }),
)

func batchRows(r *bankdesk.BatchReconciliation) []reportRow {
	rows := amountRows(&r.Amounts)
	rows = append(rows, tallyRow("statements-paid", r.Statements.Paid), tallyRow("statements-returned", r.Statements.Returned),
		tallyRow("open-exceptions", r.OpenExceptions))
	return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
}

func accountRows(r *bankdesk.AccountReconciliation) []reportRow {
	rows := amountRows(&r.Amounts)
	if r.Opening != nil {
		rows = append(rows, amountRow("opening-balance", *r.Opening))
	}
	rows = append(rows, amountRow("debits", relief.Balance(r.Debits)), amountRow("credits", relief.Balance(r.Credits)))
	if r.Closing != nil {
		rows = append(rows, amountRow("closing-balance", *r.Closing))
	}
	rows = append(rows, amountRow("expected-balance", r.Ledger.Expected))
	if r.Difference != nil {
		rows = append(rows, amountRow("difference", *r.Difference))
	}
	for i := range r.Ledger.Classified {
		k := &r.Ledger.Classified[i]
		rows = append(rows, row("classified", k.Count, k.Sum, string(k.Kind)))
	}
	rows = append(rows, tallyRow("paid", r.Paid), tallyRow("paid-back", r.PaidBack), tallyRow("open-exceptions", r.OpenExceptions))
	for i := range r.Batches {
		b := &r.Batches[i]
		rows = append(rows, row("batch", b.Instructed.Count, relief.Balance(b.Instructed.Sum), string(b.Batch)))
	}
	for i := range r.Statements {
		s := &r.Statements[i]
		rows = append(rows, row("statement", s.Entries, relief.Balance(s.Debits), strconv.FormatUint(s.Sequence, 10)))
	}
	return append(rows, findingRows(r.Discrepancies, r.TiesOut)...)
}

func row(item string, count int, amount relief.Balance, note string) reportRow {
	return reportRow{item, &count, &amount, note}
}

func amountRow(item string, amount relief.Balance) reportRow {
	return reportRow{Item: item, Amount: &amount}
}

func tallyRow(item string, t bankdesk.Tally) reportRow {
	return row(item, t.Count, relief.Balance(t.Sum), "")
}

func amountRows(a *bankdesk.Amounts) []reportRow {
	return []reportRow{
		tallyRow("instructed", a.Instructed), tallyRow("credited", a.Credited), tallyRow("returned", a.Returned), tallyRow("pending", a.Pending),
	}
}

func findingRows(findings []bankdesk.Discrepancy, ties bool) []reportRow {
	rows := []reportRow{{Item: "ties-out", Note: strconv.FormatBool(ties)}}
	for _, f := range findings {
		r := reportRow{Item: "finding:" + f.Code, Count: &f.Count, Note: f.Text}
		if f.Amount != nil {
			amount := relief.Balance(*f.Amount)
			r.Amount = &amount
		}
		rows = append(rows, r)
	}
	return rows
}
