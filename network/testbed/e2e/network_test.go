package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

const portOffset = 10000

var (
	root  = must(filepath.Abs("../../.."))
	state = filepath.Join(root, ".relieftrail", "e2e")
)

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

// runAll founds a network, runs the tests and stops the network even when they fail.
func runAll(m *testing.M) int {
	if out, err := program("go", "build", "-o", filepath.Join(root, ".relieftrail", "bin", "reliefnet-e2e"), "./network/cmd/reliefnet"); err != nil {
		fmt.Fprintf(os.Stderr, "building reliefnet: %v\n%s", err, out)
		return 1
	}
	_, _ = reliefnet("reset", "--yes")
	defer func() { _, _ = reliefnet("down") }()
	began := time.Now()
	if out, err := reliefnet("up"); err != nil {
		fmt.Fprintf(os.Stderr, "reliefnet up: %v\n%s", err, out)
		return 1
	}
	fmt.Printf("network up from nothing in %.1f s\n", time.Since(began).Seconds())
	return m.Run()
}

// program runs a command in the checkout with the settings of the test network and returns what it printed.
func program(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "RELIEFNET_STATE="+state, "RELIEFNET_PORT_OFFSET="+strconv.Itoa(portOffset))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func reliefnet(args ...string) (string, error) {
	return program(filepath.Join(root, ".relieftrail", "bin", "reliefnet-e2e"), args...)
}

var gatewayPorts = map[string]int{"civil": 8401, "finance": 8402, "audit": 8403}

func gatewayURL(agency string) string {
	return fmt.Sprintf("http://127.0.0.1:%d", gatewayPorts[agency]+portOffset)
}

// clients share the highest block number in any response, so that an official of one agency reads what another has
// written.
var clients restclient.Network

// as returns a client of the gateway of the principal's own agency.
func as(t *testing.T, principal string) *restclient.Client {
	t.Helper()
	agency, _, _ := bytes.Cut([]byte(principal), []byte("-"))
	c, err := clients.New(gatewayURL(string(agency)), filepath.Join(state, "dev", "tokens", principal+".token"))
	require.NoError(t, err)
	return c
}

// height is the number of blocks of a gateway's peer, from the gateway's readiness page. The gateway asks its peer once a second.
func height(t *testing.T, agency string) uint64 {
	t.Helper()
	time.Sleep(time.Second)
	resp, err := http.Get(gatewayURL(agency) + "/readyz")
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var ready struct {
		Height uint64 `json:"height"`
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&ready))
	require.NotZero(t, ready.Height)
	return ready.Height
}

// problem requires that an error is a refusal with this status, and returns it.
func problem(t *testing.T, err error, status int) *restclient.Problem {
	t.Helper()
	var p *restclient.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, status, p.Status, "%s: %s", p.Title, p.Detail)
	require.NotEmpty(t, p.Type)
	require.NotEmpty(t, p.Title)
	return p
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
