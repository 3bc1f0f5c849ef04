package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

const (
	bulkHouseholds = 3000
	bulkSegment    = 10 // so small that the upload of the list takes a while
)

// bulkWorld is a programme of the other county with a roll, and a list of it.
func bulkWorld(t *testing.T) (list []byte, sum relief.Fen) {
	t.Helper()
	for _, act := range []struct {
		by, path string
		body     any
	}{
		{"civil-other-county", "/v1/programmes", map[string]any{
			"id": "bulk", "version": 1, "name": "临时救助", "region": invent.County, "unit": "household", "cycle": "monthly",
			"min_amount": "1.00", "max_amount": "10000.00", "starts": "2026-01", "import_until": "2027-12-31",
			"notice_days": 7, "pay_by_day": 10,
			"budget": map[string]string{"functional": "2081901", "economic": "50901"}, "segment_size": bulkSegment,
		}},
		{"finance-approver", "/v1/programmes/bulk/enact", map[string]int{"version": 1}},
		{"finance-approver", "/v1/tranches", map[string]any{
			"id": "bulk-t", "programme": "bulk", "region": invent.County, "amount": "100000000.00", "source": "云财社〔2026〕99号",
			"account": "5301290100000099", "fiscal_year": 2026,
			"targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
		}},
	} {
		_, err := as(t, act.by).Post(t.Context(), act.path, "bulk"+strings.ReplaceAll(act.path, "/", "-"), act.body, nil)
		require.NoError(t, err)
	}
	var roll, file bytes.Buffer
	invent.Roll(&roll, bulkHouseholds)
	job, err := restclient.ImportRoll(t.Context(), as(t, "civil-other-county"), as(t, "civil-other-approver"),
		"/v1/programmes/bulk/roll", "bulk-roll", &roll, nil)
	require.NoError(t, err)
	require.Equal(t, bulkHouseholds, job.Result.Accepted)
	invent.List(&file, bulkHouseholds, "2026-11")
	for n := range bulkHouseholds {
		sum += invent.Household(n).Amount()
	}
	return file.Bytes(), sum
}

// testUploadKillUpload kills the gateway in the middle of a list and starts it. The same list is sent again, under the
// same key and under another key at once. Committed lines are not written again, and each line is listed exactly once.
func testUploadKillUpload(t *testing.T) {
	list, sum := bulkWorld(t)
	c := as(t, "civil-other-county")
	_, err := c.Post(t.Context(), "/v1/batches", "bulk-open", map[string]any{
		"id": "bulk-11", "programme": "bulk", "region": invent.County, "period": "2026-11", "tranche": "bulk-t", "count": bulkHouseholds, "sum": sum,
	}, nil)
	require.NoError(t, err)
	put := func(key string) string {
		a, err := c.Do(t.Context(), restclient.Request{
			Method: http.MethodPut, Path: "/v1/batches/bulk-11/lines", Key: key, ContentType: "text/csv", Body: bytes.NewReader(list),
		})
		require.NoError(t, err)
		return a.Location
	}
	first := put("bulk-lines")
	committed := 0
	require.Eventually(t, func() bool {
		var job restclient.Job
		require.NoError(t, c.Get(t.Context(), first, &job))
		committed = job.Progress.Accepted
		return committed >= bulkHouseholds/10
	}, time.Minute, 5*time.Millisecond)
	require.Less(t, committed, bulkHouseholds, "half way")
	for _, n := range status(t) {
		if n.Node == "civil-affairs/gateway" {
			require.NoError(t, syscall.Kill(n.PID, syscall.SIGKILL))
		}
	}
	out, err := reliefnet("up")
	require.NoError(t, err, out)

	require.Equal(t, first, put("bulk-lines"), "the same key is the same job, which goes on")
	second := put("bulk-lines-again")
	require.NotEqual(t, first, second)
	accepted := 0
	for _, location := range []string{first, second} {
		job, err := c.WaitJob(t.Context(), location, nil)
		require.NoError(t, err)
		require.Equal(t, bulkHouseholds, job.Result.Accepted+job.Result.Unchanged)
		require.Zero(t, job.Result.Refused)
		accepted += job.Result.Accepted
	}
	// A chunk that was committed before the kill counts as unchanged, or as accepted when the outbox finds its transaction.
	require.LessOrEqual(t, accepted, bulkHouseholds, "what was committed was not written again")

	a, err := c.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/batches/bulk-11/lines", Accept: "application/x-ndjson"})
	require.NoError(t, err)
	seen := map[string]bool{}
	for line := range bytes.Lines(a.Body) {
		var payment struct {
			ID      string `json:"id"`
			Attempt int    `json:"attempt"`
		}
		require.NoError(t, json.Unmarshal(line, &payment))
		require.False(t, seen[payment.ID], payment.ID)
		require.Equal(t, 1, payment.Attempt)
		seen[payment.ID] = true
	}
	require.Len(t, seen, bulkHouseholds)
	_, err = c.Post(t.Context(), "/v1/batches/bulk-11/seal", "bulk-seal", struct{}{}, nil)
	require.NoError(t, err, "count and sum are the control totals: each line exactly once")
}
