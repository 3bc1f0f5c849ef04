package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/paybank"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

// batchRecord is what the parts of the year look at of a batch.
type batchRecord struct {
	State  string
	Totals struct {
		Listed, Credited, Returned, Pending int
		ReturnedSum                         string `json:"returned_sum"`
	}
	TakenBack []struct{ SHA256, Reason string } `json:"taken_back"`
}

func (b *budget) record(batch string) (r batchRecord) {
	b.t.Helper()
	require.NoError(b.t, as(b.t, "audit-reader").Get(b.t.Context(), "/v1/batches/"+batch, &r))
	return r
}

// testFileRejected: the bank refuses a payment file of 20 transfers, 23,450.00, as a whole. Two officials of finance take
// it back, another file goes out, and no payment counts as returned.
func testFileRejected(t *testing.T) {
	const batch = "yearreject-1"
	b := newBudget(t, "yearreject", nil)
	people := homes(20400, 20)
	for i := range people {
		people[i].fen = 117000
	}
	people[19].fen = 122000
	b.enrol("2026-01", people...)
	list := listOf("2026-09", people...)
	_, sum := reckon(list)
	require.Equal(t, 2_345_000, sum)
	b.list(batch, "2026-09", list, nil)
	b.approve(batch)
	first, _ := b.send(batch)
	b.rejected(batch, first)

	path, reason := "/v1/batches/"+batch+"/take-back", obj{"reason": "银行整批退回 DT01"}
	p := straight(t)
	p.refused("FORBIDDEN", "finance-approver", "payment:TakeBack", obj{"id": batch, "reason": "DT01"})
	p.refused("PENDING", "finance-approver", "payment:ConfirmTakeBack", obj{"id": batch})
	b.refused(http.StatusConflict, "finance-approver", path+"/confirm", obj{})
	b.post("finance-preparer", path, reason, nil)
	p.refused("FORBIDDEN", "finance-preparer", "payment:ConfirmTakeBack", obj{"id": batch})
	b.refused(http.StatusForbidden, "finance-preparer", path+"/confirm", obj{})
	b.post("finance-approver", path+"/confirm", obj{}, nil)
	r := b.record(batch)
	require.Equal(t, "approved", r.State)
	require.Len(t, r.TakenBack, 1)
	require.Equal(t, "23450.00", yuan(b.money()["reserved"]))
	b.refused(http.StatusConflict, "finance-preparer", "/v1/batches/"+batch+"/instruct", obj{})
	p.refused("WRONG_STATE", "finance-preparer", "payment:Instruct", obj{"id": batch})

	second, _ := b.send(batch)
	require.NotEqual(t, first.MessageID, second.MessageID)
	require.Len(t, second.Payments, 20)
	require.Equal(t, "23450.00", second.Sum.String())
	require.Equal(t, first.Payments, second.Payments)
	b.pay([]*paybank.File{second})
	b.refused(http.StatusConflict, "finance-preparer", path, reason)
	p.refused("WRONG_STATE", "finance-preparer", "payment:TakeBack", obj{"id": batch, "reason": "DT01"})
	b.close(batch)
	r = b.record(batch)
	require.Equal(t, 20, r.Totals.Credited)
	require.Zero(t, r.Totals.Returned)
	for _, l := range b.lines(batch) {
		require.Equal(t, 1, l.Attempt)
		require.Equal(t, "credited", l.State)
	}
	b.books.credit("2026-09", list)
	b.compare("2026-09")
}

// rejected has the bank refuse a payment file. That is one exception, and no payment is returned by it.
func (b *budget) rejected(batch string, file *paybank.File) {
	b.t.Helper()
	got, err := as(b.t, "finance-preparer").SendBankFile(b.t.Context(), "/v1/statements", batch+"-rejected", file.Reject("STS-"+batch, "DT01"))
	require.NoError(b.t, err)
	require.Equal(b.t, 1, got.Counts.Exceptions)
	require.Zero(b.t, got.Counts.Settled)
	var page struct {
		Items []struct{ ID, Reason, Batch string }
	}
	require.NoError(b.t, as(b.t, "finance-preparer").Get(b.t.Context(), "/v1/exceptions?state=open&statement="+got.ID, &page))
	require.Len(b.t, page.Items, 1)
	require.Equal(b.t, "group-rejected", page.Items[0].Reason)
	require.Equal(b.t, batch, page.Items[0].Batch)
	b.post("finance-preparer", "/v1/exceptions/"+page.Items[0].ID, obj{"action": "write_off", "note": fmt.Sprint("收回支付文件 ", file.MessageID)}, nil)
	for _, l := range b.lines(batch) {
		require.Equal(b.t, "instructed", l.State)
	}
}
