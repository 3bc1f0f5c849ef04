package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// testReversals: the bank takes a credit back after it paid, and it did pay what one official marked as returned. The preparer
// cannot change either alone; with the statement's entries, and another official who confirms, both are changed, and batch and
// account follow.
func testReversals(t *testing.T) {
	paidMonth(t)
	const batch = "reversal-1"
	preparer, approver, auditor := as(t, "finance-preparer"), as(t, "finance-approver"), as(t, "audit-reader")
	bankBatchOf(t, batch, "2026-08")
	file, err := paybank.Read(testOneFile(t, batch))
	require.NoError(t, err)
	taken, wrong := file.Payments[0], file.Payments[1]
	state := func(id string) string {
		var p struct{ State string }
		require.NoError(t, auditor.Get(t.Context(), "/v1/payments/"+id, &p))
		return p.State
	}

	mark := "payment_id,amount,result,reason,date,bank_reference\n" + wrong.EndToEndID + "," + wrong.Amount.String() + ",returned,AC04," + paybank.Today() + ",R-1\n"
	require.Equal(t, 1, settleList(t, batch, mark).Result.Accepted)
	s := paybank.New("REVERSAL-1", 1, file.Account, paybank.Today(), 10_000_000)
	for i, p := range file.Payments {
		if i != 1 {
			s.Pay(p.EndToEndID, p.Amount)
		}
	}
	_, err = preparer.SendBankFile(t.Context(), "/v1/statements", batch+"-s1", s.Document())
	require.NoError(t, err)
	require.Equal(t, "credited", state(taken.EndToEndID))

	alone := "payment_id,amount,result,reason,date,bank_reference\n" + taken.EndToEndID + "," + taken.Amount.String() + ",returned,AC04," + paybank.Today() + ",R-2\n" +
		wrong.EndToEndID + "," + wrong.Amount.String() + ",credited,," + paybank.Today() + ",R-3\n"
	require.Equal(t, 2, settleList(t, batch, alone).Result.Refused, "nobody changes a recorded answer alone")

	s = paybank.New("REVERSAL-2", 2, file.Account, paybank.Today(), s.Closing)
	s.Return(taken.EndToEndID, taken.Amount, "AC04")
	s.Pay(wrong.EndToEndID, wrong.Amount)
	got, err := preparer.SendBankFile(t.Context(), "/v1/statements", batch+"-s2", s.Document())
	require.NoError(t, err)
	require.Equal(t, 2, got.Counts.Exceptions)
	var page struct {
		Items []struct{ ID, Reason, Reverses string }
	}
	require.NoError(t, preparer.Get(t.Context(), "/v1/exceptions?state=open&batch="+batch, &page))
	require.Len(t, page.Items, 2)
	require.Equal(t, []string{"returned", "credited"}, []string{page.Items[0].Reverses, page.Items[1].Reverses})

	_, err = preparer.Post(t.Context(), "/v1/statements/"+got.ID+"/record", batch+"-record", struct{}{}, nil)
	require.NoError(t, err)
	var r struct{ ID, SHA256, State string }
	_, err = approver.Post(t.Context(), "/v1/batches/"+batch+"/reversals", batch+"-no", struct{}{}, nil)
	problem(t, err, http.StatusForbidden)
	_, err = preparer.Post(t.Context(), "/v1/batches/"+batch+"/reversals", batch+"-propose", struct{}{}, &r)
	require.NoError(t, err)
	decision := obj{"sha256": r.SHA256, "agree": true}
	_, err = preparer.Post(t.Context(), "/v1/reversals/"+r.ID+"/confirm", batch+"-alone", decision, nil)
	problem(t, err, http.StatusForbidden)
	_, err = approver.Post(t.Context(), "/v1/reversals/"+r.ID+"/confirm", batch+"-confirm", decision, &r)
	require.NoError(t, err)
	require.Equal(t, "confirmed", r.State)
	require.Equal(t, "reversed", state(taken.EndToEndID))
	require.Equal(t, "credited", state(wrong.EndToEndID))

	var report struct {
		TiesOut  bool `json:"ties_out"`
		Findings []any
	}
	require.NoError(t, preparer.Get(t.Context(), "/v1/batches/"+batch+"/reconciliation", &report))
	require.True(t, report.TiesOut, "%v", report.Findings)
	_, err = preparer.Post(t.Context(), "/v1/batches/"+batch+"/close", batch+"-close", struct{}{}, nil)
	require.NoError(t, err)
}

// settleList sends a list of answers of a batch, which finance's preparer made by hand.
func settleList(t *testing.T, batch, list string) restclient.Job {
	t.Helper()
	job, err := as(t, "finance-preparer").Upload(t.Context(), http.MethodPost, "/v1/batches/"+batch+"/settlements", batch+"-list-"+list[len(list)-4:len(list)-1], strings.NewReader(list), nil)
	require.NoError(t, err)
	return job
}
