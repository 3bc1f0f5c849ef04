package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// batchOverview is a part of what approvers look at.
type batchOverview struct {
	Listed    struct{ Count int }
	Sources   []struct{ Tranche, Reserved string }
	Preparers []struct{ Name string }
}

// testCorrections: the preparer of an open batch is away, a line of it is wrong and the control totals are off by one. The batch is
// handed over, the line replaced, the totals corrected; the batch is sealed under the same id, and sent back once.
func testCorrections(t *testing.T) {
	paidMonth(t)
	const id, month = "corrected", "2026-08"
	act := func(by, verb string, body, out any) error {
		_, err := as(t, by).Post(t.Context(), "/v1/batches/"+id+"/"+verb, strings.ReplaceAll(id+verb+by, "/", "-"), body, out)
		return err
	}
	rows := strings.SplitAfterN(strings.ReplaceAll(demoList(), "2026-11", month), "\n", 22)
	list := strings.Join(rows[:21], "")
	openBatch(t, id, month, 21, "20480.00")
	require.Equal(t, 20, uploadLines(t, id, id+"-lines", []byte(list)).Result.Accepted)

	refusedPast(t, "FORBIDDEN", "civil-second-preparer", "payment:Seal", obj{"id": id})
	problem(t, act("civil-second-preparer", "hand-over", obj{"to": "civil-second-preparer"}, nil), http.StatusForbidden)
	require.NoError(t, act("civil-approver", "hand-over", obj{"to": "civil-second-preparer"}, nil))
	problem(t, act("civil-preparer", "control", obj{"count": 20, "sum": "20480.00"}, nil), http.StatusForbidden)
	who := lookup(t, strings.Split(rows[1], ",")[3])
	var removal struct {
		Removed int
		Unknown []string
	}
	require.NoError(t, act("civil-second-preparer", "lines/remove", obj{"subjects": []string{who}}, &removal))
	require.Equal(t, 1, removal.Removed)
	refusedPast(t, "FORBIDDEN", "civil-preparer", "payment:RemoveLines", obj{"batch": id, "subjects": []string{who}})
	job, err := as(t, "civil-second-preparer").Upload(t.Context(), http.MethodPut, "/v1/batches/"+id+"/lines", id+"-again", strings.NewReader(list), nil)
	require.NoError(t, err)
	require.Equal(t, 1, job.Result.Accepted)
	problem(t, act("civil-second-preparer", "seal", obj{}, nil), http.StatusConflict)
	require.NoError(t, act("civil-second-preparer", "control", obj{"count": 20, "sum": "20480.00"}, nil))
	_, err = as(t, "civil-second-preparer").Post(t.Context(), "/v1/batches/"+id+"/seal", id+"-seal-again", obj{}, nil)
	require.NoError(t, err)

	var seen batchOverview
	require.NoError(t, as(t, "finance-approver").Get(t.Context(), "/v1/batches/"+id+"/overview", &seen))
	require.Equal(t, 20, seen.Listed.Count)
	require.Equal(t, monthTranche, seen.Sources[0].Tranche)
	require.Equal(t, "civil-second-preparer", seen.Preparers[1].Name)
	refusedPast(t, "FORBIDDEN", "finance-approver", "payment:SendBack", obj{"id": id, "reason": "名单有误"})
	require.NoError(t, act("civil-approver", "send-back", obj{"reason": "名单有误"}, nil))
	var batch struct {
		State    string
		SentBack []struct{ Reason string } `json:"sent_back"`
	}
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/batches/"+id, &batch))
	require.Equal(t, "open", batch.State)
	require.Equal(t, "名单有误", batch.SentBack[0].Reason)
	require.NoError(t, act("civil-preparer", "cancel", obj{"reason": "试验"}, nil))
}

// testBounds: 2027 money for a batch of 2026-12, and a batch for 2031-01, are refused, past the gateway too.
func testBounds(t *testing.T) {
	paidMonth(t)
	money := money(monthProgramme)
	money["id"], money["fiscal_year"] = "dibao-2027", 2027
	_, err := as(t, "finance-approver").Post(t.Context(), "/v1/tranches", "dibao-2027", money, nil)
	require.NoError(t, err)
	for period, tranche := range map[string]string{"2026-12": "dibao-2027", "2031-01": "dibao-2027", "2031-02": monthTranche} {
		in := obj{"id": "bounds", "programme": monthProgramme, "region": monthCounty, "period": period, "tranche": tranche, "count": 1, "sum": "480.00"}
		_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches", "bounds-"+period, in, nil)
		p := problem(t, err, http.StatusUnprocessableEntity)
		require.Contains(t, p.Detail, period)
		refusedPast(t, "INVALID["+p.Field+"]", "civil-preparer", "payment:Open", in)
	}
}
