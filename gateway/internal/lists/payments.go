package lists

import (
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

var paymentColumns = []table.Column[payment.Payment]{
	table.Text("id", func(p *payment.Payment) string { return p.ID.String() }),
	table.Text("subject", func(p *payment.Payment) string { return p.Subject.String() }),
	table.Text("programme", func(p *payment.Payment) relief.ProgrammeID { return p.Programme }),
	table.Text("county", func(p *payment.Payment) relief.Region { return p.County }),
	table.Text("region", func(p *payment.Payment) relief.Region { return p.Region }),
	table.Integer("number", func(p *payment.Payment) uint32 { return p.Number }),
	table.Period("period", func(p *payment.Payment) relief.Period { return p.Period }),
	table.Integer("attempt", func(p *payment.Payment) uint8 { return p.Attempt }),
	table.Word("kind", paymentKinds, func(p *payment.Payment) string { return p.Kind.String() }),
	table.Amount("amount", func(p *payment.Payment) relief.Fen { return p.Amount }),
	table.Amount("deducted", func(p *payment.Payment) relief.Fen { return p.Deducted }),
	table.Text("batch", func(p *payment.Payment) relief.BatchID { return p.Batch }),
	table.Period("accounting_period", func(p *payment.Payment) relief.Period { return p.AccountingPeriod }),
	table.Integer("file_line", func(p *payment.Payment) uint32 { return p.FileLine }),
	table.Word("state", paymentStates, func(p *payment.Payment) payment.State { return p.State }),
	table.Day("credited_on", func(p *payment.Payment) string { return p.CreditedOn }),
	table.Day("returned_on", func(p *payment.Payment) string { return p.ReturnedOn }),
	table.Text("return_reason", func(p *payment.Payment) string { return p.ReturnReason }),
	table.Text("bank_ref_sha256_128", func(p *payment.Payment) string { return p.BankRef }),
	table.Word("residence", Residences, func(p *payment.Payment) relief.Residence { return p.Residence }),
}

// Payments are payments, of one batch or of all.
var Payments = table.New(paymentColumns...)

// LatePayments are payments of periods after the day of death of their persons.
var LatePayments = table.New(append(table.Inside(func(p *index.LatePayment) *payment.Payment { return &p.Payment }, paymentColumns...),
	table.Day("died_on", func(p *index.LatePayment) relief.Day { return p.DiedOn }))...)

// Transfers are what the bank is told to pay. The payments that one carries are written KIND PERIOD AMOUNT, one after the other.
var Transfers = table.New(
	table.Text("id", func(t *payment.Transfer) string { return t.ID.String() }),
	table.Text("subject", func(t *payment.Transfer) string { return t.Subject.String() }),
	table.Text("region", regionOf),
	table.Integer("number", func(t *payment.Transfer) uint32 { return t.Number }),
	table.Text("batch", func(t *payment.Transfer) relief.BatchID { return t.Batch }),
	table.Amount("amount", func(t *payment.Transfer) relief.Fen { return t.Amount }),
	table.Amount("deducted", func(t *payment.Transfer) relief.Fen { return t.Deducted }),
	table.Amount("transferred", func(t *payment.Transfer) relief.Fen { return t.Transferred }),
	table.Text("payments", carried),
	table.Word("state", paymentStates, func(t *payment.Transfer) payment.State { return t.State }),
	table.Day("credited_on", func(t *payment.Transfer) string { return t.CreditedOn }),
	table.Day("returned_on", func(t *payment.Transfer) string { return t.ReturnedOn }),
	table.Text("return_reason", func(t *payment.Transfer) string { return t.ReturnReason }),
)

// regionOf is where the person lived when the transfer was made.
func regionOf(t *payment.Transfer) relief.Region {
	if len(t.Payments) == 0 {
		return ""
	}
	return t.Payments[0].Region
}

func carried(t *payment.Transfer) string {
	texts := make([]string, len(t.Payments))
	for i := range t.Payments {
		p := &t.Payments[i]
		texts[i] = p.Kind.String() + " " + p.Period.String() + " " + p.Amount.String()
	}
	return strings.Join(texts, "; ")
}

// Batches are batches.
var Batches = table.Records(
	table.Text("id", func(b *payment.Batch) relief.BatchID { return b.ID }),
	table.Text("programme", func(b *payment.Batch) relief.ProgrammeID { return b.Programme }),
	table.Text("region", func(b *payment.Batch) relief.Region { return b.Region }),
	table.Period("period", func(b *payment.Batch) relief.Period { return b.Period }),
	table.Text("tranches", func(b *payment.Batch) string { return joined(b.Tranches()) }),
	table.Word("purpose", purposes, func(b *payment.Batch) payment.Purpose { return b.Purpose }),
	table.Word("state", paymentStates, func(b *payment.Batch) payment.BatchState { return b.State }),
	table.Integer("control_count", func(b *payment.Batch) int { return b.Control.Count }),
	table.Amount("control_sum", func(b *payment.Batch) relief.Fen { return b.Control.Sum }),
	table.Integer("listed", func(b *payment.Batch) int { return b.Totals.Listed }),
	table.Amount("listed_sum", func(b *payment.Batch) relief.Fen { return b.Totals.ListedSum }),
	table.Integer("credited", func(b *payment.Batch) int { return b.Totals.Credited }),
	table.Amount("credited_sum", func(b *payment.Batch) relief.Fen { return b.Totals.CreditedSum }),
	table.Integer("returned", func(b *payment.Batch) int { return b.Totals.Returned }),
	table.Amount("returned_sum", func(b *payment.Batch) relief.Fen { return b.Totals.ReturnedSum }),
	table.Integer("pending", func(b *payment.Batch) int { return b.Totals.Pending }),
	table.Amount("pending_sum", func(b *payment.Batch) relief.Fen { return b.Totals.PendingSum }),
	table.Text("file_sha256", func(b *payment.Batch) string { return b.FileSHA256 }),
	table.Text("last_by", func(b *payment.Batch) string { return lastAct(b.Acts) }),
)

// Differences are differences between a batch and the period before.
var Differences = table.New(
	table.Text("subject", func(d *index.LineDifference) string { return d.Subject.String() }),
	table.Integer("number", func(d *index.LineDifference) uint32 { return d.Number }),
	table.Text("region", func(d *index.LineDifference) relief.Region { return d.Region }),
	table.AmountIfAny("amount", func(d *index.LineDifference) *relief.Fen { return d.Amount }),
	table.AmountIfAny("previous", func(d *index.LineDifference) *relief.Fen { return d.Previous }),
	table.Word("state", rollStates, func(d *index.LineDifference) string { return string(d.State) }),
	table.Period("until", func(d *index.LineDifference) relief.Period { return d.Until }),
	table.Word("reason", exitReasons, func(d *index.LineDifference) string { return string(d.Reason) }),
	table.Flag("name_changed", func(d *index.LineDifference) bool { return d.NameChanged }),
	table.Flag("account_changed", func(d *index.LineDifference) bool { return d.AccountChanged }),
	table.Time("changed_at", func(d *index.LineDifference) time.Time { return d.ChangedAt }),
)
