package e2e

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// TestSystem runs on one network, in this order: each part stands on the ones before it.
func TestSystem(t *testing.T) {
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"the month", testMonth},
		{"the month again, on the same network", testMonth},
		{"the README's walk", testReadmeWalk},
		{"known defects", testDefects},
		{"GB18030", testGB18030},
		{"bad input", testBadInput},
		{"idempotency", testIdempotency},
		{"two batches race", testRace},
		{"the rules, past the gateway", testRulesPastTheGateway},
		{"a case straight to the peers", testStraightToThePeers},
		{"a case from application to exit", testLoop},
		{"files of evidence", testEvidence},
		{"other departments", testDepartments},
		{"upload, kill, upload", testUploadKillUpload},
		{"the index", testIndex},
		{"no personal data", testPrivacy},
		{"a person is erased", testErase},
		{"receipts", testReceipts},
		{"the public page", testPublicPage},
		{"the officials' page", testOfficialsPage},
		{"a gateway away, and back", testGatewayAway},
		{"an index rolled back", testRolledBackIndex},
		{"cross-check", testCrosscheck},
		{"one byte of one peer's block file is changed", testChangedByte},
		{"the operator", testOperator},
		{"a changed chaincode", testDeploy},
		{"faults under load", testFaults},
		{"kill -9 of everything", testKillAll},
		{"the bank's files", testBank},
		{"no personal data, after all that", testPrivacy},
	} {
		if !t.Run(part.name, part.run) {
			return
		}
	}
}

func testMonth(t *testing.T) {
	out, err := program("go", "run", "./network/testbed/demo", "--civil", gatewayURL("civil"), "--finance", gatewayURL("finance"),
		"--audit", gatewayURL("audit"), "--tokens", filepath.Join(state, "dev", "tokens"))
	require.NoError(t, err, out)
	t.Log("\n" + out)
	require.Contains(t, out, "AuditMSP + CivilAffairsMSP + FinanceMSP")
	require.Contains(t, out, "与对账单相符 · it ties out")
	require.Contains(t, out, "共拒绝 300 行，接受 0 行")
	require.Contains(t, out, "列入 580.00 元：金额与核定金额不符")
	require.Contains(t, out, "申诉处理 · decide an appeal：civil-second-approver") // the household's story to its end
	require.Contains(t, out, "下达 400000.00 = 预留 0.00 + 已发 347310.00 + 退票在途 0.00 + 可用 52690.00")
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

func openBatch(t *testing.T, id, period string, count int, sum string) {
	t.Helper()
	_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches", id+"-open", map[string]any{
		"id": id, "programme": "dibao", "region": "530181", "period": period, "tranche": "dibao-2026-q4", "count": count, "sum": sum,
	}, nil)
	require.NoError(t, err)
}

func uploadLines(t *testing.T, batch, key string, body []byte) restclient.Job {
	t.Helper()
	job, err := as(t, "civil-preparer").Upload(t.Context(), http.MethodPut, "/v1/batches/"+batch+"/lines", key, bytes.NewReader(body), nil)
	require.NoError(t, err)
	return job
}

// testDefects: exactly the lines of defects.csv are refused, each for its reason; all others stand.
func testDefects(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(testdata(t, "defects.csv"))).ReadAll()
	require.NoError(t, err)
	want := map[string]string{}
	for _, row := range rows[1:] {
		want[row[0]+" "+row[1]] = row[2]
	}
	list := testdata(t, "payments-2027-01.defects.csv")
	total := bytes.Count(list, []byte("\n")) - 1
	openBatch(t, "defects", "2027-01", total, "1.00")
	job := uploadLines(t, "defects", "defects-1", list)
	got := map[string]string{}
	for _, r := range job.Result.Refusals {
		got[strconv.Itoa(r.Line)+" "+r.Serial] = r.Code
		require.NotEmpty(t, r.Reason)
	}
	require.Equal(t, want, got)
	require.Equal(t, total-len(want), job.Result.Accepted)

	again := uploadLines(t, "defects", "defects-2", list)
	require.Equal(t, total-len(want), again.Result.Unchanged, "sent again without harm")
	require.Equal(t, len(want), again.Result.Refused)

	_, err = as(t, "civil-preparer").Post(t.Context(), "/v1/batches/defects/seal", "defects-seal", struct{}{}, nil)
	problem(t, err, http.StatusConflict)
}

func testGB18030(t *testing.T) {
	openBatch(t, "december", "2026-12", 300, "347310.00")
	job := uploadLines(t, "december", "december-lines", testdata(t, "payments-2026-12.gb18030.csv"))
	require.Equal(t, 300, job.Result.Accepted)
	_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches/december/seal", "december-seal", struct{}{}, nil)
	p := problem(t, err, http.StatusConflict) // the tranche has 52,690.00 left
	require.Contains(t, p.Type, "funds")
	_, err = as(t, "civil-preparer").Post(t.Context(), "/v1/batches/december/cancel", "december-cancel", map[string]string{"reason": "资金不足"}, nil)
	require.NoError(t, err)
}

// testIdempotency: one key a thousand times at once is one transaction; with another body it is refused.
func testIdempotency(t *testing.T) {
	c := as(t, "civil-preparer")
	body := map[string]any{"id": "once", "programme": "dibao", "region": "530181", "period": "2027-02", "tranche": "dibao-2026-q4", "count": 1, "sum": "480.00"}
	before := height(t, "civil")
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		ids = map[string]int{}
	)
	for range 1000 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a, err := c.Post(t.Context(), "/v1/batches", "the-same-key", body, nil)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				ids[err.Error()]++
				return
			}
			ids[a.TxID]++
		}()
	}
	wg.Wait()
	require.Len(t, ids, 1, "every answer names the same transaction: %v", ids)
	require.LessOrEqual(t, height(t, "civil"), before+1)
	body["count"] = 2
	_, err := c.Post(t.Context(), "/v1/batches", "the-same-key", body, nil)
	problem(t, err, http.StatusUnprocessableEntity)
	_, err = c.Post(t.Context(), "/v1/batches", "", body, nil)
	problem(t, err, http.StatusBadRequest)
}

// testRace: two batches list the same people at once; each person is in exactly one.
func testRace(t *testing.T) {
	list := strings.ReplaceAll(string(must(os.ReadFile(filepath.Join(root, "scripts", "demo-data", "payments-2026-11.csv")))), "2026-11", "2027-03")
	preparer := as(t, "civil-preparer")
	jobs, errs := make([]restclient.Job, 2), make([]error, 2)
	var wg sync.WaitGroup
	for i := range jobs {
		id := fmt.Sprintf("race-%d", i)
		openBatch(t, id, "2027-03", 300, "347310.00")
		wg.Add(1)
		go func() {
			defer wg.Done()
			jobs[i], errs[i] = preparer.Upload(t.Context(), http.MethodPut, "/v1/batches/"+id+"/lines", id+"-lines", strings.NewReader(list), nil)
		}()
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 300, jobs[0].Result.Accepted+jobs[1].Result.Accepted)
	require.Equal(t, 300, jobs[0].Result.Refused+jobs[1].Result.Refused)
	for _, r := range append(jobs[0].Result.Refusals, jobs[1].Result.Refusals...) {
		require.Equal(t, "already-listed", r.Code)
	}
}
