package index

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// A batch of several sources is found by each of them, and a payment of it shows what each source pays.
func TestBatchesOfSeveralSources(t *testing.T) {
	l := ledgertest.New(t).Gateway(fakeledger.Audit)
	tell(t, l)
	call := func(signer, function, argument string, transient map[string][]byte) {
		t.Helper()
		tx, err := l.Endorse(t.Context(), ledger.Call{Signer: signer, Function: function, Argument: []byte(argument), Transient: transient})
		require.NoError(t, err, function)
		require.NoError(t, l.Submit(t.Context(), tx))
	}
	for _, id := range []string{"t2", "t3"} {
		call("finance-approver", "fund:Issue", fmt.Sprintf(`{"id":%q,"programme":"dibao","region":"530181","amount":"4000.00","source":"云财社","account":"5301810100000088","fiscal_year":2026,"targets":{"coverage":"98.00","timeliness":"98.00","accuracy":"98.00","satisfaction":"98.00"}}`, id), nil)
	}
	call("civil-preparer", "payment:Open", `{"id":"b3","programme":"dibao","region":"530181","period":"2026-12","sources":[{"tranche":"t3","weight":2},{"tranche":"t2","weight":1}],"count":2,"sum":"960.00"}`, nil)
	call("civil-preparer", "payment:AddLines", `{"batch":"b3"}`, map[string][]byte{wire.TransientLines: payment.AppendLines(nil, []payment.LineInput{
		{Seq: 2, Number: 0, Ref: relief.SubjectRef{1, 6}, Region: "530181", Amount: 48000, Payee: neighbour.Check()},
		{Seq: 3, Number: 1, Ref: person, Region: "530181", Amount: 48000, Payee: payee.Check()},
	})})
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, l)
		catchUp(t, ix)
		id := must(relief.ParsePaymentID("dibao-530181-0000001-202612-1"))
		found := func(tranche relief.TrancheID, cursor string) (ids []string) {
			page, err := ix.Batches(t.Context(), BatchQuery{Tranche: tranche}, cursor, 10)
			require.NoError(t, err)
			for _, item := range page.Items {
				var b payment.Batch
				require.NoError(t, json.Unmarshal(item, &b))
				ids = append(ids, string(b.ID))
			}
			return ids
		}
		require.Equal(t, []string{"b1", "b2"}, found("t1", ""))
		require.Equal(t, []string{"b3"}, found("t2", ""))
		require.Equal(t, []string{"b3"}, found("t3", ""))
		require.Empty(t, found("t3", "b3"))
		checked(t, ix)

		p, err := ix.Payment(t.Context(), id)
		require.NoError(t, err)
		if p.State == "listed" {
			require.Empty(t, p.Shares, "nothing is reserved yet")
			call("civil-preparer", "payment:Seal", `{"id":"b3"}`, nil)
			catchUp(t, ix)
			p, err = ix.Payment(t.Context(), id)
			require.NoError(t, err)
		}
		require.Equal(t, []payment.Share{{Tranche: "t3", Amount: 32000}, {Tranche: "t2", Amount: 16000}}, p.Shares)
		one, err := ix.Payment(t.Context(), must(relief.ParsePaymentID("dibao-530181-0000001-202611-2")))
		require.NoError(t, err)
		require.Empty(t, one.Shares, "of one tranche")

		steps, err := ix.PaymentTrail(t.Context(), id)
		require.NoError(t, err)
		details := map[string]map[string]string{}
		issued := 0
		for _, s := range steps {
			details[s.Act] = s.Detail
			if s.Act == "fund.issue" {
				issued++
			}
		}
		require.Equal(t, 2, issued, "both tranches are in the trail")
		require.Equal(t, "t3 320.00, t2 160.00", details["payment.add"]["shares"])
		require.Equal(t, "t3 640.00, t2 320.00", details["payment.seal"]["sources"])
		require.Equal(t, "t3 0.00, t2 0.00", details["payment.open"]["sources"])
		checked(t, ix)
	})
	ix := openFile(t, l)
	catchUp(t, ix)
	_, err := ix.db.ExecContext(t.Context(), "UPDATE batch_sources SET tranche = 't9' WHERE source = 1")
	require.NoError(t, err)
	d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
	require.NoError(t, err)
	require.Equal(t, []string{"batch/b3", "tranche"}, []string{d.Record, d.Field})
}
