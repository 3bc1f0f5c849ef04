package channel

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"relieftrail/network/topology"
)

// State is what an orderer says of itself and the channel.
type State struct {
	// Joined is false while the orderer does not have the channel.
	Joined bool
	Status string `json:"status"`
	Height uint64 `json:"height"`
}

// OrdererState asks an orderer for the channel. An error means that it does not answer.
func OrdererState(ctx context.Context, t *topology.Topology, n *topology.Node) (State, error) {
	status, body, err := participation(ctx, n, http.MethodGet, "/"+t.Channel.Name, "", nil)
	if err != nil {
		return State{}, err
	}
	switch status {
	case http.StatusNotFound:
		return State{}, nil
	case http.StatusOK:
		state := State{Joined: true}
		if err := json.Unmarshal(body, &state); err != nil {
			return State{}, fmt.Errorf("%s: %w", n.Name, err)
		}
		return state, nil
	}
	return State{}, refusal(n, status, body)
}

// JoinOrderer gives an orderer the channel unless it has it.
func JoinOrderer(ctx context.Context, t *topology.Topology, n *topology.Node, genesis []byte) error {
	state, err := OrdererState(ctx, t, n)
	if err != nil || state.Joined {
		return err
	}
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, err := writer.CreateFormFile("config-block", t.Channel.Name+".block")
	if err != nil {
		return err
	}
	if _, err := part.Write(genesis); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	status, body, err := participation(ctx, n, http.MethodPost, "", writer.FormDataContentType(), &form)
	if err != nil {
		return err
	}
	if status != http.StatusCreated {
		return refusal(n, status, body)
	}
	return nil
}

// participation calls the channel participation API of an orderer, which takes a TLS certificate of the organisation's
// authority for operations for proof that the caller may.
func participation(ctx context.Context, n *topology.Node, method, path, contentType string, body io.Reader) (int, []byte, error) {
	return call(ctx, n, n.AdminAddress(), method, "/participation/v1/channels"+path, contentType, body)
}

// Leads reports whether an orderer is the one that orders the channel (Raft), from its metrics.
func Leads(ctx context.Context, t *topology.Topology, n *topology.Node) (bool, error) {
	status, body, err := call(ctx, n, n.OperationsAddress(), http.MethodGet, "/metrics", "", nil)
	if err != nil {
		return false, err
	}
	if status != http.StatusOK {
		return false, refusal(n, status, body)
	}
	return bytes.Contains(body, []byte(`consensus_etcdraft_is_leader{channel="`+t.Channel.Name+`"} 1`)), nil
}

// call speaks to one of the addresses that an orderer has for its operator.
func call(ctx context.Context, n *topology.Node, address, method, path, contentType string, body io.Reader) (int, []byte, error) {
	fail := func(err error) (int, []byte, error) {
		return 0, nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	pair := n.Organisation.OperationsTLS()
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return fail(err)
	}
	root, err := os.ReadFile(n.Organisation.TLSRoot())
	if err != nil {
		return fail(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		return fail(errors.New("the root of its TLS certificates is no certificate"))
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
	}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, method, "https://"+address+path, body)
	if err != nil {
		return fail(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return fail(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return fail(err)
	}
	return response.StatusCode, text, nil
}

func refusal(n *topology.Node, status int, body []byte) error {
	return fmt.Errorf("%s: answers %d: %s", n.Name, status, bytes.TrimSpace(body))
}
