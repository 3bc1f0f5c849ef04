package jobs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/jobs"
)

// listDue has what is owed listed in a batch.
func (w *world) listDue(batch string) jobs.Job {
	w.t.Helper()
	job, err := w.runner.Start(w.t.Context(), jobs.JobSpec{Kind: jobs.KindDue, Target: batch, Principal: "civil-preparer"})
	require.NoError(w.t, err)
	job = end(w.t, w.runner, job.ID)
	require.Equal(w.t, jobs.StateDone, job.State, job.Error)
	return job
}

// Without a file, the contracts list what is owed for November and October. The bank gets one transfer a person, and answers it
// for both months together.
func TestWhatIsOwedIsListedAndTransferred(t *testing.T) {
	w := newWorld(t, 10)
	w.putOnRoll(headOf(town(t, "roll.csv"), 25))
	w.act("civil-preparer", "payment:Open", object{
		"id": "b-11", "programme": "dibao", "region": "530181", "period": "2026-11", "earlier_from": "2026-10", "tranche": "t-q4", "count": 1, "sum": "330.00",
	})
	job := w.listDue("b-11")
	require.Equal(t, 50, job.Result.Accepted)
	require.Empty(t, job.Result.Refusals)
	require.Equal(t, []int{50, 25, 0}, []int{job.Due.Listed, job.Due.Arrears, job.Due.TopUps})
	again := w.listDue("b-11")
	require.Equal(t, 50, again.Result.Unchanged)
	require.Equal(t, job.Due.Sum, again.Due.UnchangedSum)
	require.Zero(t, again.Transactions, "nothing is written for what is listed already")

	id := object{"id": "b-11"}
	w.act("civil-preparer", "payment:SetControl", object{"id": "b-11", "count": 50, "sum": job.Due.Sum})
	w.act("civil-preparer", "payment:Seal", id)
	w.act("civil-approver", "payment:Approve", id)
	file := strings.Repeat("ab", 32)
	w.act("finance-preparer", "payment:MakeFile", object{
		"id": "b-11", "file_sha256": file, "message_id": "m-1", "execute_on": "2099-12-31", "count": 25, "sum": job.Due.Sum,
	})
	w.act("finance-approver", "payment:Authorise", object{"id": "b-11", "file_sha256": file})
	w.act("finance-preparer", "payment:Instruct", id)

	var transfers []payment.Transfer
	for segment := range 3 {
		var lines struct{ Lines []payment.Payment }
		w.read("payment:Lines", object{"batch": "b-11", "segment": segment}, &lines)
		transfers = append(transfers, payment.Transfers(lines.Lines)...)
	}
	require.Len(t, transfers, 25)
	answers := "payment_id,amount,result,reason,date,bank_reference\n"
	for i := range transfers {
		p := &transfers[i]
		switch i {
		case 0: // October alone came: it is the transfer or nothing
			answers += fmt.Sprintf("%s,%s,credited,,2026-11-20,N-%d\n", p.ID, p.Payments[0].Amount, i)
		case 1:
			answers += fmt.Sprintf("%s,%s,returned,AC04,2026-11-20,N-%d\n", p.ID, p.Transferred, i)
		default:
			answers += fmt.Sprintf("%s,%s,credited,,2026-11-20,N-%d\n", p.ID, p.Transferred, i)
		}
	}
	answers += "dibao-530181-0000000-202609-1,330.00,credited,,2026-11-20,N\n"
	settled := w.do(jobs.KindSettlements, "b-11", "finance-preparer", []byte(answers))
	require.Equal(t, 24, settled.Result.Accepted)
	require.Len(t, settled.Result.Refusals, 2)
	require.Equal(t, []string{"transfer-differs", "not-in-batch"}, []string{string(settled.Result.Refusals[0].Code), string(settled.Result.Refusals[1].Code)})
	require.Equal(t, transfers[0].Transferred.String(), settled.Result.Refusals[0].Note)
	var b payment.Batch
	w.read("payment:Get", id, &b)
	require.Equal(t, []int{46, 2, 2}, []int{b.Totals.Credited, b.Totals.Returned, b.Totals.Pending})
	var october payment.Payment
	w.read("payment:Payment", object{"id": transfers[2].ID}, &october)
	require.Equal(t, "credited", string(october.State))
	require.Equal(t, "arrears", october.Kind.String())
	require.NotEmpty(t, october.LeafHash)
}
