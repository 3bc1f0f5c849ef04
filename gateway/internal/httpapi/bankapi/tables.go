package bankapi

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/table"
)

// StatementTable are the bank's files.
var StatementTable = table.New(
	table.Text("id", func(m *bankdesk.Message) string { return m.ID }),
	table.Text("kind", func(m *bankdesk.Message) bankfile.Kind { return m.Kind }),
	table.Text("message_id", func(m *bankdesk.Message) string { return m.MessageID }),
	table.Text("batch", func(m *bankdesk.Message) relief.BatchID { return m.Batch }),
	table.Text("state", func(m *bankdesk.Message) bankdesk.State { return m.State }),
	table.Time("received_at", func(m *bankdesk.Message) time.Time { return m.ReceivedAt }),
	table.Time("finished_at", func(m *bankdesk.Message) time.Time { return m.FinishedAt }),
	table.Text("error", func(m *bankdesk.Message) string { return m.Error }),
	table.Text("sha256", func(m *bankdesk.Message) string { return m.SHA256 }),
)

// ExceptionTable are entries of the bank that match no payment. What the bank wrote about people is not there.
var ExceptionTable = table.New(
	table.Text("id", func(x *bankdesk.Exception) string { return x.ID }),
	table.Text("message", func(x *bankdesk.Exception) string { return x.Message }),
	table.Integer("entry", func(x *bankdesk.Exception) int { return x.Entry }),
	table.Text("statement", func(x *bankdesk.Exception) string { return x.Statement }),
	table.Text("reason", func(x *bankdesk.Exception) bankdesk.Reason { return x.Reason }),
	table.Text("outcome", func(x *bankdesk.Exception) string { return x.Outcome }),
	table.Text("return_reason", func(x *bankdesk.Exception) string { return x.ReturnReason }),
	table.Text("payment", func(x *bankdesk.Exception) string { return x.Payment }),
	table.Text("batch", func(x *bankdesk.Exception) relief.BatchID { return x.Batch }),
	table.BalanceIfAny("booked", func(x *bankdesk.Exception) *relief.Balance { return x.Booked }),
	table.Text("code", func(x *bankdesk.Exception) string { return x.Code }),
	table.Text("ref_sha256_128", func(x *bankdesk.Exception) string { return x.Ref }),
	table.AmountIfAny("amount", func(x *bankdesk.Exception) *relief.Fen { return x.Amount }),
	table.Day("date", func(x *bankdesk.Exception) string { return x.Date }),
	table.Text("state", func(x *bankdesk.Exception) bankdesk.ExceptionState { return x.State }),
	table.Time("raised_at", func(x *bankdesk.Exception) time.Time { return x.RaisedAt }),
	table.Text("resolution", func(x *bankdesk.Exception) string { return resolved(x).Action }),
	table.Text("resolved_by", func(x *bankdesk.Exception) string { return resolved(x).By }),
	table.Text("note", func(x *bankdesk.Exception) string { return resolved(x).Note }),
)

func resolved(x *bankdesk.Exception) bankdesk.Resolution {
	if x.Resolution == nil {
		return bankdesk.Resolution{}
	}
	return *x.Resolution
}
