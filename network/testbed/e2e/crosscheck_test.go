package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crosscheckReport is the part of reliefnet crosscheck --json that the tests read.
type crosscheckReport struct {
	Until uint64 `json:"until"`
	Count struct {
		Valid      int `json:"valid"`
		Signatures int `json:"signatures"`
		Payments   int `json:"payments"`
	} `json:"count"`
	Tranches []struct {
		ID string `json:"id"`
	} `json:"tranches"`
	LogSize    int                 `json:"log_size"`
	NotChecked []string            `json:"not_checked"`
	Findings   []crosscheckFinding `json:"findings"`
}

type crosscheckFinding struct {
	Organisations []string `json:"organisations"`
	Block         *uint64  `json:"block"`
	Transaction   *int     `json:"transaction"`
	Kind          string   `json:"kind"`
	Detail        string   `json:"detail"`
}

func crosscheck(t *testing.T, args ...string) (crosscheckReport, error) {
	t.Helper()
	out, err := reliefnet(append([]string{"crosscheck", "--json"}, args...)...)
	var r crosscheckReport
	begin := bytes.IndexByte([]byte(out), '{') // the progress is printed before it
	require.GreaterOrEqual(t, begin, 0, out)
	require.NoError(t, json.NewDecoder(bytes.NewReader([]byte(out[begin:]))).Decode(&r), out)
	return r, err
}

func blockFolder(organisation string) string {
	return filepath.Join(state, "orgs", organisation, "peer", "data", "ledgersData", "chains", "chains", "relief")
}

// testCrosscheck: nothing differs on a sound ledger, whether the blocks come from the peers or from their files.
func testCrosscheck(t *testing.T) {
	paidMonth(t)
	kept := filepath.Join(t.TempDir(), "kept")
	r, err := crosscheck(t, "--keep", kept)
	require.NoError(t, err, "%+v", r.Findings)
	require.Equal(t, height(t, "audit"), r.Until)
	require.Positive(t, r.Count.Valid)
	require.Positive(t, r.Count.Payments)
	require.NotEmpty(t, r.Tranches)
	require.Positive(t, r.LogSize)
	require.Empty(t, r.NotChecked)

	again, err := crosscheck(t, "--keep", kept)
	require.NoError(t, err, "%+v", again.Findings)
	require.Equal(t, r, again, "it continues where it was: at the end")

	files, err := crosscheck(t, "--file", "audit="+blockFolder("audit"), "--file", "finance="+blockFolder("finance"))
	require.NoError(t, err, "%+v", files.Findings)
	require.Equal(t, r.Count, files.Count)
	require.Equal(t, r.LogSize, files.LogSize)

	_, err = crosscheck(t, "--from", "5", "--to", "9")
	require.NoError(t, err)
}

// testChangedByte: one byte of one peer's block file is changed, at several places in turn. The peer serves the changed
// block, and crosscheck finds the block and names the peer.
func testChangedByte(t *testing.T) {
	paidMonth(t)
	const organisation = "finance"
	path := filepath.Join(blockFolder(organisation), "blockfile_000000")
	original := must(os.ReadFile(path))
	stopPeer(t, organisation)
	defer func() {
		stopPeer(t, organisation)
		require.NoError(t, os.WriteFile(path, original, 0o600))
		out, err := reliefnet("up")
		require.NoError(t, err, out)
	}()
	payload := bytes.Index(original, []byte("payment:AddLines"))
	require.Positive(t, payload)
	for name, at := range map[string]int{
		"a transaction's payload": payload,
		"an endorser":             payload + bytes.Index(original[payload:], []byte("FinanceMSP")),
		"the orderer's signature": bytes.LastIndex(original, []byte("END CERTIFICATE")) + 60, // of the last block
	} {
		t.Run(name, func(t *testing.T) {
			changed := bytes.Clone(original)
			changed[at] ^= 1
			require.NoError(t, os.WriteFile(path, changed, 0o600))
			out, err := reliefnet("up")
			require.NoError(t, err, out)
			r, err := crosscheck(t)
			require.Error(t, err)
			require.NotEmpty(t, r.Findings)
			blocks := map[uint64]bool{}
			for _, f := range r.Findings {
				require.Equal(t, []string{organisation}, f.Organisations, "%+v", f)
				require.NotNil(t, f.Block, "%+v", f)
				blocks[*f.Block] = true
			}
			require.LessOrEqual(t, len(blocks), 2, "%+v", r.Findings)
			t.Logf("%+v", r.Findings)
			stopPeer(t, organisation)
		})
	}
}

// stopPeer kills an organisation's peer, so that its files can be changed.
func stopPeer(t *testing.T, organisation string) {
	t.Helper()
	stopNode(t, organisation+"/peer")
}

// stopNode kills one node and waits until its process has ended.
func stopNode(t *testing.T, name string) {
	t.Helper()
	for _, n := range status(t) {
		if n.Node == name && n.PID != 0 {
			require.NoError(t, syscall.Kill(n.PID, syscall.SIGKILL))
			require.Eventually(t, func() bool { return syscall.Kill(n.PID, 0) != nil }, 20*time.Second, 20*time.Millisecond)
		}
	}
}
