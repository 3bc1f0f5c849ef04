package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// testIndex: an auditor's questions about the month, a caller who reads what they have just written, equal answers of
// all three agencies, a check of the index against the ledger, and a rebuild of the index.
func testIndex(t *testing.T) {
	paidMonth(t)
	auditor := as(t, "audit-reader")
	type page struct {
		Items []struct {
			ID, State, Subject, Batch, Act, Code string
			ReturnReason                         string `json:"return_reason"`
			Records                              []string
		}
		Next string
	}
	var returned, lines page
	require.NoError(t, auditor.Get(t.Context(), "/v1/payments?state=returned&return_reason=AC04&region=530181&period=2026-11", &returned))
	require.NotEmpty(t, returned.Items)
	for _, p := range returned.Items {
		require.Equal(t, "returned", p.State)
		require.Equal(t, "AC04", p.ReturnReason)
	}
	one := returned.Items[0]
	require.NoError(t, auditor.Get(t.Context(), "/v1/payments?approver=FinanceMSP/finance-approver&subject="+one.Subject, &lines))
	require.NotEmpty(t, lines.Items)
	var acts page
	require.NoError(t, auditor.Get(t.Context(), "/v1/officials/FinanceMSP/finance-approver/acts?act=payment.authorise", &acts))
	var authorised []string
	for _, act := range acts.Items {
		authorised = append(authorised, act.Records...)
	}
	require.Contains(t, authorised, "batch/"+one.Batch)

	// a caller reads at once what they have written
	preparer := as(t, "civil-preparer")
	for i := range 5 {
		id := fmt.Sprintf("own-write-%d", i)
		openBatch(t, id, "2026-09", 1, "480.00")
		require.NoError(t, preparer.Get(t.Context(), "/v1/batches/"+id, &struct{}{}))
		_, err := preparer.Post(t.Context(), "/v1/batches/"+id+"/cancel", id+"-cancel", map[string]string{"reason": "试验"}, nil)
		require.NoError(t, err)
	}
	problem(t, auditor.Get(t.Context(), "/v1/payments?region=53018x", &page{}), http.StatusUnprocessableEntity)
	testTrailFormats(t, auditor, one.Subject)

	// the three agencies' own indexes say the same
	answers := map[string]bool{}
	for _, who := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		a, err := as(t, who).Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/subjects/" + one.Subject + "/trail"})
		require.NoError(t, err)
		answers[string(a.Body)] = true
	}
	require.Len(t, answers, 1)
	testIndexCommands(t, auditor)
}

func testTrailFormats(t *testing.T, auditor *restclient.Client, subject string) {
	t.Helper()
	var trail struct{ Steps []json.RawMessage }
	require.NoError(t, auditor.Get(t.Context(), "/v1/subjects/"+subject+"/trail", &trail))
	require.NotEmpty(t, trail.Steps)
	a, err := auditor.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/subjects/" + subject + "/trail?format=csv"})
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(a.Body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(trail.Steps)+1)
	a, err = auditor.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/subjects/" + subject + "/trail?format=prov"})
	require.NoError(t, err)
	var prov map[string]map[string]any
	require.NoError(t, json.Unmarshal(a.Body, &prov))
	require.Len(t, prov["wasGeneratedBy"], len(trail.Steps))
	require.NotEmpty(t, prov["actedOnBehalfOf"])
}

// testIndexCommands checks the index of the audit agency while its gateway runs, and rebuilds it while the gateway is
// down.
func testIndexCommands(t *testing.T, auditor *restclient.Client) {
	t.Helper()
	gateway := filepath.Join(root, ".relieftrail", "bin", "gateway")
	config := filepath.Join(state, "orgs", "audit", "gateway", "gateway.yaml")
	out, err := program(gateway, "index", "check", "--config", config)
	require.NoError(t, err, out)
	require.Contains(t, out, "the index agrees with the ledger")
	out, err = program(gateway, "index", "rebuild", "--config", config)
	require.Error(t, err, "the gateway runs")
	require.Contains(t, out, "stop the gateway first")
	before, err := auditor.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/payments?limit=1000"})
	require.NoError(t, err)
	for _, n := range status(t) {
		if n.Node == "audit/gateway" {
			require.NoError(t, syscall.Kill(n.PID, syscall.SIGTERM))
		}
	}
	require.Eventually(t, func() bool { // until the gateway has ended and released the index
		out, err = program(gateway, "index", "rebuild", "--config", config)
		return err == nil
	}, 30*time.Second, 100*time.Millisecond, out)
	require.Contains(t, out, "the index has been rebuilt")
	out, err = reliefnet("up")
	require.NoError(t, err, out)
	after, err := auditor.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/payments?limit=1000"})
	require.NoError(t, err)
	require.Equal(t, string(before.Body), string(after.Body))
	require.True(t, strings.HasPrefix(string(after.Body), `{"items":[{`))
}
