package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// The demonstration's month: its programme, county, tranche and first batch.
const (
	monthProgramme = "dibao"
	monthCounty    = "530181"
	monthTranche   = "dibao-2026-q4"
	monthBatch     = "dibao-530181-2026-11"
)

// monthOnce runs the demonstration once in this process. It gives its output.
var monthOnce = sync.OnceValues(demonstrate)

// paidMonth makes sure that the demonstration's month is on the ledger: programme dibao in force, its roll of 300
// households, tranche dibao-2026-q4 of 400,000.00 yuan, and November 2026 paid and settled, which leaves 52,690.00.
func paidMonth(t *testing.T) {
	t.Helper()
	out, err := monthOnce()
	require.NoError(t, err, out)
}

// demonstrate runs the demonstration. A second run makes a programme of its own, dibao2.
func demonstrate() (string, error) {
	return program("go", "run", "./network/testbed/demo", "--civil", gatewayURL("civil"), "--finance", gatewayURL("finance"),
		"--audit", gatewayURL("audit"), "--tokens", filepath.Join(state, "dev", "tokens"))
}

// plant sends the planted person's details to the system once: in a file whose only line is refused, so that no part of
// it may be kept in clear. It may be called again.
func plant(t *testing.T) {
	t.Helper()
	paidMonth(t)
	openBatch(t, "planted", "2026-10", 1, "480.00")
	job := uploadLines(t, "planted", "planted-lines", []byte(header+plantedLine))
	require.Equal(t, 1, job.Result.Refused)
}

// openBatch opens a batch of the month's programme for another period.
func openBatch(t *testing.T, id, period string, count int, sum string) {
	t.Helper()
	openBatchOf(t, monthTranche, id, period, count, sum)
}

// openBatchOf opens a batch that is paid from another tranche.
func openBatchOf(t *testing.T, tranche, id, period string, count int, sum string) {
	t.Helper()
	_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches", id+"-open", map[string]any{
		"id": id, "programme": monthProgramme, "region": monthCounty, "period": period, "tranche": tranche, "count": count, "sum": sum,
	}, nil)
	require.NoError(t, err)
}

// uploadLines sends a payment list and waits until all its lines are taken or refused.
func uploadLines(t *testing.T, batch, key string, body []byte) restclient.Job {
	t.Helper()
	job, err := as(t, "civil-preparer").Upload(t.Context(), http.MethodPut, "/v1/batches/"+batch+"/lines", key, bytes.NewReader(body), nil)
	require.NoError(t, err)
	return job
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

// demoList is the demonstration's payment list for November 2026.
func demoList() string {
	return string(must(os.ReadFile(filepath.Join(root, "scripts", "demo-data", "payments-2026-11.csv"))))
}
