package app_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/bankfile"
)

type reversalAnswer struct {
	ID, State, SHA256 string
	Items             []struct{ Payment, As, Statement, Entry, Amount string }
}

type reversible struct{ ID, Reason, Text, Reverses, Reversal, State string }

// TestAnswersAreReversedByTwo: the bank takes a credit back, and it did pay what one official marked as returned. The preparer
// proposes both by the statement's entries, the approver confirms, and the books tie out.
func TestAnswersAreReversedByTwo(t *testing.T) {
	w := newWorld(t)
	w.approved()
	w.tellBank("b-11")
	p := w.paymentFile("b-11").payments
	first := &camt{id: "S1", seq: 1, opening: 40000000}
	first.pay(bankfile.EndToEndID(p[0].ID), p[0].Amount)
	first.pay(bankfile.EndToEndID(p[2].ID), p[2].Amount)
	require.Equal(t, 2, w.statement("/v1/statements", first.document()).Counts.Settled)
	mark := fmt.Sprintf("payment_id,amount,result,reason,date,bank_reference\n%s,%s,returned,AC04,2026-11-09,N-1\n%s,%s,returned,AC04,2026-11-09,N-2\n",
		p[1].ID, p[1].Amount, p[2].ID, p[2].Amount)
	job := w.upload("finance-preparer", http.MethodPost, "/v1/batches/b-11/settlements", []byte(mark))
	require.Equal(t, 1, job.Result.Accepted)
	require.Equal(t, 1, job.Result.Refused, "nobody marks what is credited as returned alone")

	second := &camt{id: "S2", seq: 2, opening: 40000000 - p[0].Amount - p[2].Amount}
	second.back(bankfile.EndToEndID(p[0].ID), p[0].Amount, "AC04")
	second.pay(bankfile.EndToEndID(p[1].ID), p[1].Amount)
	m := w.statement("/v1/statements", second.document())
	require.Equal(t, 2, m.Counts.Exceptions)
	var page struct{ Items []reversible }
	w.get("finance-preparer", "/v1/exceptions?state=open&reason=wrong-state", &page)
	require.Len(t, page.Items, 2)
	require.Equal(t, []string{"returned", "credited"}, []string{page.Items[0].Reverses, page.Items[1].Reverses})
	require.Contains(t, page.Items[0].Text, "propose a reversal")

	w.network.Ledger.SetTime(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)) // after the days on which the entries were booked
	const path = "/v1/batches/b-11/reversals"
	require.Contains(t, string(w.post(422, "finance-preparer", path, nil).body), "record it first")
	w.post(200, "finance-preparer", "/v1/statements/"+m.ID+"/record", object{})
	w.post(403, "finance-approver", path, nil)
	w.post(403, "civil-preparer", path, nil)
	var r, again reversalAnswer
	made := w.post(201, "finance-preparer", path, nil)
	made.into(t, &r)
	require.Equal(t, "/v1/reversals/"+r.ID, made.Header.Get("Location"))
	require.Len(t, r.Items, 2)
	w.post(422, "finance-preparer", path, nil)
	w.post(201, "finance-preparer", path, object{"items": []object{{"exception": page.Items[1].ID}, {"exception": page.Items[0].ID}}}).into(t, &again)
	require.Equal(t, r.ID, again.ID, "the same proposal")
	w.get("finance-preparer", "/v1/exceptions?state=open&reason=wrong-state", &page)
	require.Equal(t, r.ID, page.Items[0].Reversal)

	decision := object{"sha256": r.SHA256, "agree": true}
	confirm := "/v1/reversals/" + r.ID + "/confirm"
	w.post(403, "finance-preparer", confirm, decision)
	w.post(409, "finance-approver", confirm, object{"sha256": made.Header.Get("X-Transaction-Id"), "agree": true})
	w.post(200, "finance-approver", confirm, decision).into(t, &again)
	require.Equal(t, "confirmed", again.State)
	w.post(200, "finance-approver", confirm, decision)
	for i, want := range []string{"reversed", "credited", "credited"} {
		var of payment
		w.get("audit-reader", "/v1/payments/"+p[i].ID.String(), &of)
		require.Equal(t, want, of.State, i)
	}
	require.Empty(t, w.exceptions("&state=open"))
	var report batchReport
	w.get("finance-preparer", "/v1/batches/b-11/reconciliation", &report)
	require.Equal(t, []string{"pending"}, report.codes(), "what statements say was paid less what came back is what is credited")
	w.get("audit-reader", "/v1/reversals?batch=b-11&state=confirmed", &struct{ Items []reversalAnswer }{})

	w.post(200, "finance-preparer", "/v1/statements/"+m.ID+"/record", object{})
	var s struct {
		Proposed struct {
			SHA256  string
			Entries []struct{ Kind string }
		}
	}
	w.get("audit-reader", "/v1/account-statements/"+r.Items[0].Statement, &s)
	require.Len(t, s.Proposed.Entries, 2)
	require.Equal(t, "payment", s.Proposed.Entries[0].Kind, "the tranche has it by the reversal")
}
