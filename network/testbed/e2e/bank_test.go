package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// testBank: a small batch is paid with the bank's files, whose statement has every kind of entry that does not match.
func testBank(t *testing.T) {
	paidMonth(t)
	const batch = "bank-1"
	finance := as(t, "finance-preparer")
	bankBatch(t, batch)
	first := testOneFile(t, batch)
	path := "/v1/batches/" + batch + "/payment-file"
	again, err := finance.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: path})
	require.NoError(t, err)
	require.Equal(t, first, again.Body)
	for _, who := range []string{"civil-preparer", "audit-reader", "finance-approver"} {
		_, err := as(t, who).Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: path})
		problem(t, err, http.StatusForbidden)
	}
	file, err := paybank.Read(first)
	require.NoError(t, err)

	last := len(file.Payments) - 1
	s := paybank.New("BANK-1", 7, file.Account, paybank.Today(), 10_000_000)
	for _, p := range file.Payments[:last] {
		s.Pay(p.EndToEndID, p.Amount)
	}
	s.Return(file.Payments[0].EndToEndID, file.Payments[0].Amount, "AC04")
	s.Pay(file.Payments[1].EndToEndID, file.Payments[1].Amount)         // duplicate
	s.Pay(file.Payments[last].EndToEndID, file.Payments[last].Amount+1) // another amount
	s.Pay("dibao-530181-0009999-202705-1", 62000)                       // no such payment
	s.Pay(plantedID, 100)                                               // not a payment's id, but a person's number
	got, err := finance.SendBankFile(t.Context(), "/v1/statements", "bank-statement", s.Document())
	require.NoError(t, err)
	require.Equal(t, last, got.Counts.Settled)
	require.Equal(t, 4, got.Counts.Exceptions)
	var p struct{ State string }
	require.NoError(t, finance.Get(t.Context(), "/v1/payments/"+file.Payments[0].EndToEndID, &p))
	require.Equal(t, "returned", p.State, "it went out and came back in one statement")

	dup, err := finance.SendBankFile(t.Context(), "/v1/statements", "bank-statement-2", s.Document())
	require.NoError(t, err)
	require.Equal(t, got.ID, dup.ID)
	changed := bytes.Replace(s.Document(), []byte(">1.00<"), []byte(">2.00<"), 1)
	_, err = finance.SendBankFile(t.Context(), "/v1/statements", "bank-statement-3", changed)
	problem(t, err, http.StatusConflict)

	bankExceptions(t, finance, got.ID)
	s = paybank.New("BANK-2", 8, file.Account, paybank.Today(), s.Closing)
	s.Pay(file.Payments[last].EndToEndID, file.Payments[last].Amount)
	_, err = finance.SendBankFile(t.Context(), "/v1/batches/"+batch+"/settlements", "bank-statement-4", s.Document())
	require.NoError(t, err)
	var r struct {
		TiesOut  bool `json:"ties_out"`
		Findings []any
	}
	require.NoError(t, finance.Get(t.Context(), "/v1/batches/"+batch+"/reconciliation", &r))
	require.True(t, r.TiesOut, "%v", r.Findings)
	_, err = finance.Post(t.Context(), "/v1/batches/"+batch+"/close", batch+"-close", struct{}{}, nil)
	require.NoError(t, err)
}

// testOneFile: finance's approver reads the file before approving it, approves it and no other, and it is what is sent.
func testOneFile(t *testing.T, batch string) []byte {
	t.Helper()
	preparer, approver := as(t, "finance-preparer"), as(t, "finance-approver")
	path := "/v1/batches/" + batch
	keys := 0
	post := func(by *restclient.Client, verb string, body, out any) error {
		keys++
		_, err := by.Post(t.Context(), path+verb, fmt.Sprint(batch, "-file-", keys), body, out)
		return err
	}
	problem(t, post(preparer, "/payment-file", obj{"execute_on": "2026-01-01"}, nil), http.StatusUnprocessableEntity)
	problem(t, post(preparer, "/payment-file", obj{"file_sha256": strings.Repeat("ab", 32)}, nil), http.StatusUnprocessableEntity)
	problem(t, post(preparer, "/instruct", obj{}, nil), http.StatusConflict)
	var b struct {
		FileSHA256 string `json:"file_sha256"`
		State      string
	}
	require.NoError(t, post(preparer, "/payment-file", obj{}, &b))
	require.Equal(t, "approved", b.State)
	file, err := approver.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: path + "/payment-file"})
	require.NoError(t, err)
	sum := sha256.Sum256(file.Body)
	require.Equal(t, b.FileSHA256, hex.EncodeToString(sum[:]))
	problem(t, post(approver, "/approve", obj{"file_sha256": strings.Repeat("ab", 32)}, nil), http.StatusConflict)
	problem(t, post(preparer, "/instruct", obj{"file_sha256": strings.Repeat("ab", 32)}, nil), http.StatusUnprocessableEntity)
	require.NoError(t, post(approver, "/approve", obj{"file_sha256": b.FileSHA256}, &b))
	require.NoError(t, post(preparer, "/instruct", obj{}, &b))
	require.Equal(t, "instructed", b.State)
	require.Equal(t, b.FileSHA256, hex.EncodeToString(sum[:]))
	return file.Body
}

func bankBatch(t *testing.T, id string) {
	t.Helper()
	bankBatchOf(t, id, "2026-07")
}

// bankBatchOf lists the first 20 people of the demonstration's list for another period and has the batch approved by civil affairs.
func bankBatchOf(t *testing.T, id, month string) {
	t.Helper()
	rows := strings.SplitAfterN(demoList(), "\n", 22)
	list := strings.ReplaceAll(strings.Join(rows[:21], ""), "2026-11", month)
	var sum relief.Fen
	for _, row := range must(csv.NewReader(strings.NewReader(list)).ReadAll())[1:] {
		sum += must(relief.ParseFen(row[7]))
	}
	openBatch(t, id, month, 20, sum.String())
	job := uploadLines(t, id, id+"-lines", []byte(list))
	require.Equal(t, 20, job.Result.Accepted)
	for _, step := range [][2]string{{"civil-preparer", "seal"}, {"civil-approver", "approve"}} {
		_, err := as(t, step[0]).Post(t.Context(), "/v1/batches/"+id+"/"+step[1], id+step[0], struct{}{}, nil)
		require.NoError(t, err)
	}
}

// bankExceptions resolves the exceptions of a statement.
func bankExceptions(t *testing.T, finance *restclient.Client, statement string) {
	t.Helper()
	var page struct {
		Items []struct{ ID, Reason string }
	}
	require.NoError(t, finance.Get(t.Context(), "/v1/exceptions?state=open&statement="+statement, &page))
	reasons := map[string]bool{}
	for _, x := range page.Items {
		reasons[x.Reason] = true
		var full struct {
			Details struct {
				EndToEndID string `json:"end_to_end_id"`
			}
		}
		require.NoError(t, finance.Get(t.Context(), "/v1/exceptions/"+x.ID, &full))
		if x.Reason == "unknown-id" {
			require.Equal(t, plantedID, full.Details.EndToEndID)
		}
		if x.Reason != "message-conflict" {
			_, err := finance.Post(t.Context(), "/v1/exceptions/"+x.ID, x.ID, map[string]string{"action": "write_off", "note": "已核实"}, nil)
			require.NoError(t, err)
		}
	}
	for _, want := range []string{"duplicate", "amount-differs", "unknown-payment", "unknown-id"} {
		require.True(t, reasons[want], want)
	}
	err := as(t, "audit-reader").Get(t.Context(), "/v1/exceptions", &page)
	problem(t, err, http.StatusForbidden)
}
