package e2e

import (
	"crypto/ed25519"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"relieftrail/chaincode/receipt"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology/templates"
)

const witnessName = "witness.test/e2e"

// testWitness: a witness outside the agencies, litewitness, cosigns what finance's gateway publishes. Its cosignature is in the checkpoint and in
// receipts, and a policy may ask for it.
func testWitness(t *testing.T) {
	tool := func(name string) string {
		file := filepath.Join(root, ".relieftrail", "bin", name)
		if _, err := os.Stat(file); err != nil {
			t.Skip(name + " is not installed: scripts/test-tools builds it")
		}
		return file
	}
	litewitness, witnessctl := tool("litewitness"), tool("witnessctl")
	paidMonth(t)
	sameTree(t)
	w := newWitness(t)
	for _, args := range w.knowsTheLog(t) {
		out, err := program(witnessctl, args...)
		require.NoError(t, err, out)
	}
	w.start(t, litewitness)
	restartFinance(t, "--topology", w.network(t))
	t.Cleanup(func() { restartFinance(t) })

	first := w.witnessed(t, 0)
	creditTwo(t, "witnessed", "2026-04")
	w.witnessed(t, first+1) // it has grown, and the witness has seen that it only grew

	var payments struct{ Items []struct{ ID string } }
	finance := as(t, "finance-preparer")
	require.NoError(t, finance.Get(t.Context(), "/v1/payments?state=credited&limit=1&batch=witnessed", &payments))
	require.Len(t, payments.Items, 1)
	made, err := finance.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/payments/" + payments.Items[0].ID + "/receipt"})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "a.receipt")
	require.NoError(t, os.WriteFile(file, made.Body, 0o600))
	_, policy := page(t, "audit", "/public/v1/keys?format=policy&log=FinanceMSP")
	require.Equal(t, 1, strings.Count(string(policy), "\nlog "))
	asked := strings.Replace(string(policy), "quorum agencies", "witness outside "+w.key.String()+"\ngroup both all agencies outside\nquorum both", 1)
	trust := filepath.Join(t.TempDir(), "policy.txt")
	require.NoError(t, os.WriteFile(trust, []byte(asked), 0o600))
	out, err := program("go", "run", "./gateway/cmd/receipt-verify", "--policy", trust, file)
	require.NoError(t, err, out)
}

// witness is a litewitness with a folder, an address and a key.
type witness struct {
	dir, address string
	private      ed25519.PrivateKey
	key          receipt.Key
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &witness{dir: t.TempDir(), address: free.Addr().String(), private: private}
	require.NoError(t, free.Close())
	w.key, err = receipt.CosignerKey(witnessName, public)
	require.NoError(t, err)
	return w
}

func (w *witness) database() string { return filepath.Join(w.dir, "witness.db") }

// knowsTheLog are the commands by which the witness learns the log's name and keys, as the gateway gives them.
func (w *witness) knowsTheLog(t *testing.T) [][]string {
	t.Helper()
	var trust struct {
		Origin   string
		Agencies []struct {
			LogKeys []string `json:"log_keys"`
		}
	}
	_, keys := page(t, "finance", "/public/v1/keys")
	require.NoError(t, json.Unmarshal(keys, &trust))
	commands := [][]string{{"add-log", "-db", w.database(), "-origin", trust.Origin}}
	for _, a := range trust.Agencies {
		for _, key := range a.LogKeys {
			commands = append(commands, []string{"add-key", "-db", w.database(), "-origin", trust.Origin, "-key", key})
		}
	}
	return commands
}

// start runs litewitness until the test ends. It signs by an agent that has the key.
func (w *witness) start(t *testing.T, program string) {
	t.Helper()
	keys := agent.NewKeyring()
	require.NoError(t, keys.Add(agent.AddedKey{PrivateKey: w.private}))
	socket := filepath.Join(w.dir, "agent")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, c) }()
		}
	}()
	signer, err := ssh.NewSignerFromKey(w.private)
	require.NoError(t, err)
	run := exec.CommandContext(t.Context(), program, "-db", w.database(), "-name", witnessName, "-ssh-agent", socket,
		"-key", ssh.FingerprintSHA256(signer.PublicKey()), "-listen", w.address)
	require.NoError(t, run.Start())
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + w.address + "/")
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return true
	}, 10*time.Second, 50*time.Millisecond)
}

// network writes the development network's topology, in which finance's gateway asks the witness.
func (w *witness) network(t *testing.T) string {
	t.Helper()
	var network obj
	require.NoError(t, yaml.Unmarshal(must(templates.DevTopology()), &network))
	for _, organisation := range network["organisations"].([]any) {
		if o := organisation.(obj); o["msp_id"] == "FinanceMSP" {
			o["witnesses"] = []obj{{"url": "http://" + w.address, "key": w.key.String()}}
		}
	}
	file := filepath.Join(w.dir, "network.yaml")
	require.NoError(t, os.WriteFile(file, must(yaml.Marshal(network)), 0o600))
	return file
}

// witnessed waits until finance's checkpoint has the newest payments, as many as said at least, and the witness's line. It gives its size.
func (w *witness) witnessed(t *testing.T, least int) (size int) {
	t.Helper()
	require.Eventually(t, func() bool {
		newest, _ := treeOf(t, "civil")
		tree, lines := treeOf(t, "finance")
		if tree != newest || len(lines) != 5 || !strings.HasPrefix(lines[4], "— "+witnessName+" ") {
			return false
		}
		size = must(strconv.Atoi(strings.Split(tree, "\n")[1]))
		return size >= least
	}, time.Minute, 100*time.Millisecond)
	return size
}

// restartFinance starts finance's gateway again, with other settings.
func restartFinance(t *testing.T, options ...string) {
	t.Helper()
	stopNode(t, "finance/gateway")
	out, err := reliefnet(append([]string{"up"}, options...)...)
	require.NoError(t, err, out)
}

// creditTwo pays two people of the demonstration's for another period, and the bank credits both.
func creditTwo(t *testing.T, batch, period string) {
	t.Helper()
	document := toldBank(t, monthTranche, batch, period, 280, 2)
	got, err := as(t, "finance-preparer").SendBankFile(t.Context(), "/v1/batches/"+batch+"/settlements", batch+"-statement", document)
	require.NoError(t, err)
	require.Equal(t, 2, got.Counts.Settled)
}

// toldBank pays some of the demonstration's people, from the first on, for another period from a tranche, as far as the bank, and gives the
// statement by which it answers that all were credited.
func toldBank(t *testing.T, tranche, batch, period string, first, count int) []byte {
	t.Helper()
	list, sum := peopleOfTheMonth(t, t.TempDir(), period, first, count)
	openBatchOf(t, tranche, batch, period, count, sum.String())
	job := uploadLines(t, batch, batch+"-lines", must(os.ReadFile(list)))
	require.Equal(t, count, job.Result.Accepted)
	for _, step := range [][2]string{{"civil-preparer", "seal"}, {"civil-approver", "approve"}} {
		_, err := as(t, step[0]).Post(t.Context(), "/v1/batches/"+batch+"/"+step[1], batch+step[0], struct{}{}, nil)
		require.NoError(t, err)
	}
	finance := as(t, "finance-preparer")
	require.NoError(t, restclient.TellBank(t.Context(), finance, as(t, "finance-approver"), batch))
	document, err := finance.Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/batches/" + batch + "/payment-file"})
	require.NoError(t, err)
	file := must(paybank.Read(document.Body))
	require.Len(t, file.Payments, count)
	s := paybank.New("ALL-"+batch, 1, file.Account, paybank.Today(), 10_000_000)
	for _, p := range file.Payments {
		s.Pay(p.EndToEndID, p.Amount)
	}
	return s.Document()
}
