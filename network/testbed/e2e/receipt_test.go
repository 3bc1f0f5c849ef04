package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // the test changes the index's file
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// page is a gateway's answer to a request without a token.
func page(t *testing.T, agency, path string) (int, []byte) {
	t.Helper()
	resp, err := http.Get(gatewayURL(agency) + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, body
}

// treeOf is the signed part of a gateway's checkpoint, "" before there is one; lines are its signatures.
func treeOf(t *testing.T, agency string) (tree string, lines []string) {
	t.Helper()
	code, body := page(t, agency, "/log/checkpoint")
	if code != http.StatusOK {
		return "", nil
	}
	tree, signatures, _ := strings.Cut(string(body), "\n\n")
	return tree, strings.Split(strings.TrimSpace(signatures), "\n")
}

// sameTree waits until all gateways publish the same tree with every credited payment, and returns its size.
func sameTree(t *testing.T) int {
	t.Helper()
	var tree string
	require.Eventually(t, func() bool {
		first, lines := treeOf(t, "civil")
		_, newest := page(t, "civil", "/log/newest")
		signed, _, _ := strings.Cut(string(newest), "\n\n")
		for agency := range gatewayPorts {
			if other, _ := treeOf(t, agency); other != first {
				return false
			}
		}
		tree = first
		return first != "" && first == signed && len(lines) == 4 // the log's, and one of each agency
	}, 30*time.Second, 100*time.Millisecond)
	size, err := strconv.Atoi(strings.Split(tree, "\n")[1])
	require.NoError(t, err)
	return size
}

// testReceipts: finance's gateway makes receipts, and receipt-verify verifies them offline with another agency's
// policy.
func testReceipts(t *testing.T) {
	paidMonth(t)
	size := sameTree(t)
	require.GreaterOrEqual(t, size, 300)
	dir := t.TempDir()
	verifier := filepath.Join(dir, "receipt-verify")
	out, err := program("go", "build", "-o", verifier, "./gateway/cmd/receipt-verify")
	require.NoError(t, err, out)
	_, policy := page(t, "audit", "/public/v1/keys?format=policy")
	trust := filepath.Join(dir, "policy.txt")
	require.NoError(t, os.WriteFile(trust, policy, 0o600))

	finance := as(t, "finance-preparer")
	var payments struct{ Items []struct{ ID string } }
	require.NoError(t, finance.Get(t.Context(), "/v1/payments?state=credited&limit=3", &payments))
	require.Len(t, payments.Items, 3)
	for _, p := range payments.Items {
		path := "/v1/payments/" + p.ID + "/receipt"
		answer, err := finance.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: path})
		require.NoError(t, err)
		file := filepath.Join(dir, p.ID+".receipt")
		require.NoError(t, os.WriteFile(file, answer.Body, 0o600))
		said, err := exec.CommandContext(t.Context(), verifier, "--policy", trust, file).CombinedOutput()
		require.NoError(t, err, string(said))
		for _, word := range []string{p.ID, "民政局", "财政局", "审计局"} {
			require.Contains(t, string(said), word)
		}
		altered := bytes.Replace(answer.Body, []byte("index "), []byte("index 1"), 1)
		require.NoError(t, os.WriteFile(file, altered, 0o600))
		said, err = exec.CommandContext(t.Context(), verifier, "--policy", trust, file).CombinedOutput()
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, string(said))
		require.Equal(t, 1, exit.ExitCode())

		var made struct {
			LeafHash string `json:"leaf_hash"`
		}
		require.NoError(t, finance.Get(t.Context(), path+"?format=json", &made))
		for agency := range gatewayPorts {
			code, body := page(t, agency, "/public/v1/receipts/"+made.LeafHash)
			require.Equal(t, http.StatusOK, code, string(body))
		}
		err = as(t, "civil-preparer").Get(t.Context(), path, nil)
		problem(t, err, http.StatusForbidden)
	}
}

// testGatewayAway: while one gateway is down, the others serve the last cosigned checkpoint; afterwards it catches up.
func testGatewayAway(t *testing.T) {
	paidMonth(t)
	before := sameTree(t)
	stopNode(t, "audit/gateway")
	require.Eventually(t, func() bool {
		_, ready := page(t, "finance", "/readyz")
		return bytes.Contains(ready, []byte("AuditMSP cannot be reached"))
	}, 30*time.Second, 100*time.Millisecond)
	code, _ := page(t, "finance", "/log/checkpoint")
	require.Equal(t, http.StatusOK, code)
	r, err := crosscheck(t)
	require.NoError(t, err, "%+v", r.Findings)
	require.Len(t, r.NotChecked, 2, "the auditor's tool names the logs that it could not read")
	require.Contains(t, r.NotChecked[0], "log of payments of audit's gateway")
	require.Contains(t, r.NotChecked[1], "log of statements of audit's gateway")
	out, err := reliefnet("up")
	require.NoError(t, err, out)
	require.Equal(t, before, sameTree(t))
}

// testRolledBackIndex: leaves are deleted from an agency's index. Its gateway notices, names both states of the tree,
// and signs nothing until its index is rebuilt.
func testRolledBackIndex(t *testing.T) {
	paidMonth(t)
	size := sameTree(t)
	data := filepath.Join(state, "orgs", "audit", "gateway", "data")
	stopNode(t, "audit/gateway")
	db, err := sql.Open("sqlite3", filepath.Join(data, "index.db"))
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "DELETE FROM leaves WHERE n >= 100")
	require.NoError(t, err)
	var left int // a row holds a run of leaves
	err = db.QueryRowContext(t.Context(), "SELECT n + length FROM leaves ORDER BY n DESC LIMIT 1").Scan(&left)
	require.NoError(t, errors.Join(err, db.Close()))
	require.Less(t, left, size)
	out, err := reliefnet("up")
	require.NoError(t, err, out)
	require.Eventually(t, func() bool {
		_, ready := page(t, "audit", "/readyz")
		return bytes.Contains(ready, []byte("ALERT rolled-back")) && bytes.Contains(ready, []byte(fmt.Sprintf("ours %d ", size))) &&
			bytes.Contains(ready, []byte(fmt.Sprintf("theirs %d ", left)))
	}, 30*time.Second, 100*time.Millisecond)
	out, err = reliefnet("status")
	require.Error(t, err)
	require.Contains(t, out, "ALERT rolled-back")

	stopNode(t, "audit/gateway")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		require.NoError(t, os.RemoveAll(filepath.Join(data, "index.db"+suffix)))
	}
	out, err = reliefnet("up")
	require.NoError(t, err, out)
	require.Eventually(t, func() bool {
		_, ready := page(t, "audit", "/readyz")
		var r struct{ Alerts []string }
		return json.Unmarshal(ready, &r) == nil && len(r.Alerts) == 0
	}, 60*time.Second, 200*time.Millisecond)
	require.Equal(t, size, sameTree(t))
	var kept struct {
		Alerts []struct {
			Kind string
			Open bool
		}
	}
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/log/alerts", &kept))
	require.NotEmpty(t, kept.Alerts)
	require.False(t, kept.Alerts[0].Open)
	require.Equal(t, "rolled-back", kept.Alerts[0].Kind)
}
