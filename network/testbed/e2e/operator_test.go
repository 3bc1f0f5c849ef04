package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type nodeStatus struct {
	Node   string `json:"node"`
	PID    int    `json:"pid"`
	State  string `json:"state"`
	Height uint64 `json:"height"`
}

func status(t *testing.T) []nodeStatus {
	t.Helper()
	out, _ := reliefnet("status", "--json")
	var s struct {
		Nodes []nodeStatus `json:"nodes"`
	}
	require.NoError(t, json.NewDecoder(strings.NewReader(out)).Decode(&s), out) // problems are printed after it
	require.NotEmpty(t, s.Nodes)
	return s.Nodes
}

// testOperator: the operator's commands between two months.
func testOperator(t *testing.T) {
	out, err := reliefnet("up")
	require.NoError(t, err, "up on a running network changes nothing: %s", out)
	_, err = reliefnet("enrol", "--org", "civil-affairs", "--name", "civil-visitor", "--role", "preparer", "--region", "530181")
	require.NoError(t, err)
	out, err = reliefnet("reset")
	require.Error(t, err, "reset asks for --yes")
	require.Contains(t, out, "--yes")
	require.NoError(t, filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, "key.pem") || strings.HasSuffix(path, ".token") || strings.HasSuffix(path, "_sk")) {
			info, err := d.Info()
			require.NoError(t, err)
			require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), path)
		}
		return nil
	}))
	for agency := range gatewayPorts {
		for path, want := range map[string]string{"/healthz": "", "/metrics": "go_goroutines", "/openapi.yaml": "openapi: 3.1", "/docs": "<html"} {
			resp, err := http.Get(gatewayURL(agency) + path)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, http.StatusOK, resp.StatusCode, path)
			require.Contains(t, string(body), want, path)
		}
	}
}

// testDeploy: a changed chaincode definition becomes the next sequence, and the ledger keeps its records.
func testDeploy(t *testing.T) {
	paidMonth(t)
	before := height(t, "audit")
	source := filepath.Join(root, "chaincode", "collections_config.json")
	original := must(os.ReadFile(source))
	changed := filepath.Join(state, "collections_changed.json")
	require.NoError(t, os.WriteFile(changed, []byte(strings.Replace(string(original), `"maxPeerCount": 0`, `"maxPeerCount": 1`, 1)), 0o600))
	t.Setenv("RELIEFNET_CHAINCODE_COLLECTIONS", changed)
	out, err := reliefnet("deploy")
	require.NoError(t, err, out)
	require.Greater(t, height(t, "audit"), before)
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/programmes/"+monthProgramme, &struct{}{}))
}

// testKillAll: after kill -9 of every process, up brings the same ledger back. A dead node and a port in use are named.
func testKillAll(t *testing.T) {
	paidMonth(t)
	paid := func() string {
		var tranche struct{ Balances map[string]string }
		require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/tranches/"+monthTranche, &tranche))
		return tranche.Balances["paid"]
	}
	before := paid()
	require.NotEmpty(t, before)
	heights := map[string]uint64{}
	for _, n := range status(t) {
		heights[n.Node] = n.Height
		require.NoError(t, syscall.Kill(n.PID, syscall.SIGKILL), n.Node)
	}
	out, err := reliefnet("status")
	require.Error(t, err, "status says that nodes are down")
	require.NotEmpty(t, out)

	var taken net.Listener
	require.Eventually(t, func() bool { // until the killed peer is gone
		taken, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 7011+portOffset))
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	out, err = reliefnet("up")
	require.NoError(t, taken.Close())
	require.Error(t, err)
	require.Contains(t, out, strconv.Itoa(7011+portOffset), "the port in use is named")

	out, err = reliefnet("up")
	require.NoError(t, err, out)
	for _, n := range status(t) {
		require.GreaterOrEqual(t, n.Height, heights[n.Node], n.Node)
	}
	require.Equal(t, before, paid())
}
