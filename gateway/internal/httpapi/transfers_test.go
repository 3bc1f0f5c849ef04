package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

func TestTransfersOfABatch(t *testing.T) {
	b := newBench(t)
	period := func(text string) relief.Period {
		p, err := relief.ParsePeriod(text)
		require.NoError(t, err)
		return p
	}
	id := relief.PaymentID{Programme: "dibao", County: "530181", Number: 7, Period: period("2026-06"), Attempt: 2}
	b.transfers = []payment.Transfer{{
		ID: id, Subject: relief.SubjectRef{1}, Number: 7, Batch: "b", Amount: 104000, Deducted: 10000, Transferred: 94000, State: "credited", CreditedOn: "2026-07-10",
		Payments: []payment.Payment{
			{ID: id, Subject: relief.SubjectRef{1}, Kind: relief.PaymentTopUp, Period: period("2026-06"), Amount: 4000},
			{ID: id, Subject: relief.SubjectRef{1}, Kind: relief.PaymentRegular, Period: period("2026-07"), Amount: 100000, Deducted: 10000},
		},
	}, {ID: id, Subject: relief.SubjectRef{1}, Number: 8}}
	w := b.send(http.MethodGet, "/v1/batches/b/transfers", "", header("Accept", "text/csv"))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), "id,subject,region,number,batch,amount,deducted,transferred,payments,state,credited_on,returned_on,return_reason\r\n"+
		"dibao-530181-0000007-202606-2,"+relief.SubjectRef{1}.String()+",,7,b,1040.00,100.00,940.00,top_up 2026-06 40.00; regular 2026-07 1000.00,credited,2026-07-10,,\r\n")
	require.Contains(t, b.send(http.MethodGet, "/v1/batches/b/transfers?limit=1", "").Body.String(), `"next":"1"`)
	require.Equal(t, http.StatusNotFound, problemIn(t, b.send(http.MethodGet, "/v1/batches/none/transfers", "")).Status)
}
