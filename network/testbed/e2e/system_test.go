package e2e

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// TestSystem runs its parts one after another on one network. Each part makes what it needs and leaves the network
// healthy: any of them can be run alone (doc.go), and a part that fails does not stop the others.
func TestSystem(t *testing.T) {
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"the month", testMonth},
		{"the month again, on the same network", testMonthAgain},
		{"the README's walk", testReadmeWalk},
		{"known defects", testDefects},
		{"GB18030", testGB18030},
		{"bad input", testBadInput},
		{"idempotency", testIdempotency},
		{"two batches race", testRace},
		{"a batch is corrected", testCorrections},
		{"periods and fiscal years", testBounds},
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
		{"months that are closed", testMonths},
		{"a draw", testDraws},
		{"who reads is recorded", testReadings},
		{"the public page", testPublicPage},
		{"the officials' page", testOfficialsPage},
		{"the workplace", testWorkplace},
		{"a county's year", testCountyYear},
		{"the year, an import by two", testImportByTwo},
		{"the year, twelve months", testTwelveMonths},
		{"the year, another card", testNewCard},
		{"the year, three sources", testThreeSources},
		{"the year, a file that the bank refuses", testFileRejected},
		{"the year, two counties", testTwoCounties},
		{"the year, once is once", testOnce},
		{"the year, wrong columns", testWrongColumns},
		{"the year, a preparer on leave", testOnLeave},
		{"the year, shared accounts", testSharedAccounts},
		{"a gateway away, and back", testGatewayAway},
		{"an index rolled back", testRolledBackIndex},
		{"one key of each role", testRedTeam},
		{"keys do what they are for", testKeys},
		{"a stolen key", testStolenKey},
		{"a new official signs in", testFirstSignIn},
		{"cross-check", testCrosscheck},
		{"one byte of one peer's block file is changed", testChangedByte},
		{"the operator", testOperator},
		{"officials", testOfficials},
		{"a changed chaincode", testDeploy},
		{"faults under load", testFaults},
		{"kill -9 of everything", testKillAll},
		{"the bank's files", testBank},
		{"forms of the bank's files", testBankForms},
		{"shared keys turn", testKeysTurn},
		{"recorded answers are reversed by two", testReversals},
		{"a witness outside", testWitness},
		{"the feed", testFeed},
		{"generated clients", testClients},
		{"no personal data, after all that", testPrivacy},
	} {
		if !t.Run(part.name, part.run) {
			restart(t)
		}
	}
}

// restart stops and starts every node, because a part that failed may have left some of them dead or with other
// settings.
func restart(t *testing.T) {
	t.Helper()
	for _, command := range []string{"down", "up"} {
		if out, err := reliefnet(command); err != nil {
			t.Errorf("after a part that failed: reliefnet %s: %v\n%s", command, err, out)
		}
	}
}

func testMonth(t *testing.T) {
	paidMonth(t)
	checkMonth(t, must(monthOnce()))
}

// testMonthAgain runs the demonstration a second time, which makes a programme of its own.
func testMonthAgain(t *testing.T) {
	paidMonth(t)
	out, err := demonstrate()
	require.NoError(t, err, out)
	checkMonth(t, out)
}

// checkMonth looks in the demonstration's output for the results that matter.
func checkMonth(t *testing.T, out string) {
	t.Helper()
	t.Log("\n" + out)
	require.Contains(t, out, "AuditMSP + CivilAffairsMSP + FinanceMSP")
	require.Contains(t, out, "与对账单相符 · it ties out")
	require.Contains(t, out, "共拒绝 300 行，接受 0 行")
	require.Contains(t, out, "列入 580.00 元：金额与核定金额不符")
	require.Contains(t, out, "申诉处理 · decide an appeal：civil-second-approver") // the household's story to its end
	require.Contains(t, out, "下达 400000.00 = 预留 0.00 + 已发 347310.00 + 退票在途 0.00 + 可用 52690.00")
}

// testDefects: exactly the lines of defects.csv are refused, each with its code; all others are accepted.
func testDefects(t *testing.T) {
	paidMonth(t)
	rows, err := csv.NewReader(bytes.NewReader(testdata(t, "defects.csv"))).ReadAll()
	require.NoError(t, err)
	want := map[string]string{}
	for _, row := range rows[1:] {
		want[row[0]+" "+row[1]] = row[2]
	}
	list := bytes.ReplaceAll(testdata(t, "payments-2027-01.defects.csv"), []byte(",2027-"), []byte(",2026-")) // January 2027 is not to be paid yet
	total := bytes.Count(list, []byte("\n")) - 1
	openBatch(t, "defects", "2026-01", total, "1.00")
	job := uploadLines(t, "defects", "defects-1", list)
	got := map[string]string{}
	for _, r := range job.Result.Refusals {
		got[strconv.Itoa(r.Line)+" "+r.Serial] = r.Code
		require.NotEmpty(t, r.Reason)
	}
	require.Equal(t, want, got)
	require.Equal(t, total-len(want), job.Result.Accepted)

	again := uploadLines(t, "defects", "defects-2", list)
	require.Equal(t, total-len(want), again.Result.Unchanged, "the same list again changes nothing")
	require.Equal(t, len(want), again.Result.Refused)

	_, err = as(t, "civil-preparer").Post(t.Context(), "/v1/batches/defects/seal", "defects-seal", struct{}{}, nil)
	problem(t, err, http.StatusConflict)
}

// testGB18030: a list in GB18030 is read, and a batch with more money than the tranche has can be neither opened nor sealed.
func testGB18030(t *testing.T) {
	paidMonth(t)
	preparer := as(t, "civil-preparer")
	act := func(verb string, body any) error {
		_, err := preparer.Post(t.Context(), "/v1/batches/december/"+verb, "december-"+verb, body, nil)
		return err
	}
	_, err := preparer.Post(t.Context(), "/v1/batches", "december-too-much", map[string]any{
		"id": "december", "programme": monthProgramme, "region": monthCounty, "period": "2026-12", "tranche": monthTranche,
		"count": 300, "sum": "347310.00",
	}, nil)
	require.Contains(t, problem(t, err, http.StatusConflict).Type, "funds") // the tranche has at most 52,690.00 left
	openBatch(t, "december", "2026-12", 300, "1.00")
	job := uploadLines(t, "december", "december-lines", testdata(t, "payments-2026-12.gb18030.csv"))
	require.Equal(t, 300, job.Result.Accepted)
	require.NoError(t, act("control", map[string]any{"count": 300, "sum": "347310.00"}))
	require.Contains(t, problem(t, act("seal", struct{}{}), http.StatusConflict).Type, "funds")
	require.NoError(t, act("cancel", map[string]string{"reason": "资金不足"}))
}

// testIdempotency: one key sent a thousand times at once makes one transaction; the key with another body is refused.
func testIdempotency(t *testing.T) {
	paidMonth(t)
	c := as(t, "civil-preparer")
	body := map[string]any{
		"id": "once", "programme": monthProgramme, "region": monthCounty, "period": "2026-02", "tranche": monthTranche, "count": 1, "sum": "480.00",
	}
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

// testRace: two batches list the same people at once; each person is in exactly one of them.
func testRace(t *testing.T) {
	paidMonth(t)
	list := strings.ReplaceAll(demoList(), "2026-11", "2026-03")
	preparer := as(t, "civil-preparer")
	jobs, errs := make([]restclient.Job, 2), make([]error, 2)
	var wg sync.WaitGroup
	for i := range jobs {
		id := fmt.Sprintf("race-%d", i)
		openBatch(t, id, "2026-03", 300, "1.00") // neither is sealed
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
