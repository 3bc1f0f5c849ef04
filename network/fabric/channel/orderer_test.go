package channel

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/fabric/fabrictest"
	"relieftrail/network/topology"
)

// serve answers on an orderer's administration and operations addresses, as an orderer does: only for a client whose
// certificate is of its own organisation's authority for operations.
func serve(t *testing.T, n *topology.Node, handler http.HandlerFunc) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(n.TLS().Cert, n.TLS().Key)
	require.NoError(t, err)
	root, err := os.ReadFile(n.Organisation.OperationsRoot())
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(root))
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a handshake that is refused is part of the tests
	server.StartTLS()
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	port, err := strconv.Atoi(address.Port())
	require.NoError(t, err)
	n.AdminPort, n.OperationsPort = port, port
}

func TestOrdererJoinsOnce(t *testing.T) {
	top := fabrictest.Topology(t)
	n := top.NodesOf(topology.KindOrderer)[0]
	var joined []byte
	serve(t, n, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/participation/v1/channels":
			file, _, err := r.FormFile("config-block")
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			joined, _ = io.ReadAll(file)
			w.WriteHeader(http.StatusCreated)
		case r.Method == http.MethodGet && r.URL.Path == "/participation/v1/channels/relief" && joined != nil:
			_, _ = io.WriteString(w, `{"name":"relief","status":"active","consensusRelation":"consenter","height":7}`)
		default:
			http.NotFound(w, r)
		}
	})
	state, err := OrdererState(t.Context(), top, n)
	require.NoError(t, err)
	require.Equal(t, State{}, state)
	require.NoError(t, JoinOrderer(t.Context(), top, n, []byte("the first block")))
	require.Equal(t, "the first block", string(joined))
	state, err = OrdererState(t.Context(), top, n)
	require.NoError(t, err)
	require.Equal(t, State{Joined: true, Status: "active", Height: 7}, state)
	require.NoError(t, JoinOrderer(t.Context(), top, n, []byte("another block")), "it has the channel")
	require.Equal(t, "the first block", string(joined))
}

func TestOrdererRefusals(t *testing.T) {
	top := fabrictest.Topology(t)
	n := top.NodesOf(topology.KindOrderer)[1]
	serve(t, n, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Error(w, `{"error":"cannot join: the block has no consenters"}`, http.StatusBadRequest)
			return
		}
		http.NotFound(w, r)
	})
	require.ErrorContains(t, JoinOrderer(t.Context(), top, n, []byte("no block")),
		`finance/orderer: answers 400: {"error":"cannot join: the block has no consenters"}`)

	// Another organisation's certificate is no proof that the caller may.
	other := *n
	other.Organisation = top.Organisations[0]
	_, err := OrdererState(t.Context(), top, &other)
	require.ErrorContains(t, err, "certificate", "the orderer is not of this organisation")

	n.AdminPort = 1 // nobody listens there
	_, err = OrdererState(t.Context(), top, n)
	require.ErrorContains(t, err, "finance/orderer: ")
	require.NoError(t, os.Remove(n.Organisation.OperationsTLS().Key))
	_, err = OrdererState(t.Context(), top, n)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestOrdererAnswersThatMakeNoSense(t *testing.T) {
	top := fabrictest.Topology(t)
	n := top.NodesOf(topology.KindOrderer)[0]
	serve(t, n, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	_, err := OrdererState(t.Context(), top, n)
	require.ErrorContains(t, err, "civil-affairs/orderer: invalid character")
}

func TestLeads(t *testing.T) {
	top := fabrictest.Topology(t)
	n := top.NodesOf(topology.KindOrderer)[0]
	metrics, status := "", http.StatusOK
	serve(t, n, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, metrics)
	})
	for text, want := range map[string]bool{
		"consensus_etcdraft_is_leader{channel=\"relief\"} 1\n":       true,
		"consensus_etcdraft_is_leader{channel=\"relief\"} 0\n":       false,
		"consensus_etcdraft_is_leader{channel=\"other-relief\"} 1\n": false,
		"": false,
	} {
		metrics = text
		leads, err := Leads(t.Context(), top, n)
		require.NoError(t, err)
		require.Equal(t, want, leads, text)
	}
	status, metrics = http.StatusServiceUnavailable, "starting"
	_, err := Leads(t.Context(), top, n)
	require.ErrorContains(t, err, "civil-affairs/orderer: answers 503: starting")
}
