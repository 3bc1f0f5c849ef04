package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"relieftrail/gateway/benchclient"
	"relieftrail/network/testbed/restclient"
)

// portOffset keeps the measuring network's ports apart from those of the development network and of the tests.
const portOffset = 20000

// net is the measuring network: the development network with the product's contracts and the floors in one chaincode.
type net struct {
	clients restclient.Network
	b       *bench
	dir     string
	direct  map[string]*benchclient.Ledger
	counts  map[string]int // the number of names given so far, by prefix
}

// network brings the network up, once in a run.
func (b *bench) network(ctx context.Context) (*net, error) {
	if b.net != nil {
		return b.net, nil
	}
	n := &net{b: b, dir: filepath.Join(b.state, "network"), direct: map[string]*benchclient.Ledger{}, counts: map[string]int{}}
	began := time.Now()
	b.say("building reliefnet")
	if err := n.command(ctx, "scripts/build", n.tool(), "./network/cmd/reliefnet"); err != nil {
		return nil, err
	}
	if !b.keep {
		if err := n.command(ctx, n.tool(), "reset", "--yes"); err != nil {
			return nil, err
		}
	}
	b.say("network up (the first time Fabric is compiled)")
	b.net = n
	if err := n.command(ctx, n.tool(), "up"); err != nil {
		return nil, err
	}
	b.say("network up in %.1f s", time.Since(began).Seconds())
	return n, nil
}

func (n *net) tool() string { return filepath.Join(n.b.state, "reliefnet") }

// environment makes reliefnet act on the measuring network.
func (n *net) environment() []string {
	env := append(os.Environ(),
		"RELIEFNET_STATE="+n.dir, "RELIEFNET_PORT_OFFSET="+strconv.Itoa(portOffset),
		"RELIEFNET_CHAINCODE_PACKAGE=relieftrail/chaincode/testnet/bench",
		"RELIEFNET_GATEWAY_PUBLIC_RATE=1000000", // all requests come from one address
	)
	if n.b.profiles != "" {
		env = append(env, "RELIEFNET_NODES_PROFILE_OFFSET="+strconv.Itoa(profileOffset))
	}
	return env
}

func (n *net) command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // reliefnet and go, from this package
	cmd.Env = n.environment()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out.String())
	}
	return nil
}

func (n *net) close(keep bool) error {
	var faults []error
	for _, l := range n.direct {
		faults = append(faults, l.Close())
	}
	if !keep {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		faults = append(faults, n.command(ctx, n.tool(), "down"))
	}
	return errors.Join(faults...)
}

// agencies holds the folder and the gateway's port of each agency, by the first word of its principals' names.
var agencies = map[string]struct {
	folder string
	port   int
}{"civil": {"civil-affairs", 8401}, "finance": {"finance", 8402}, "audit": {"audit", 8403}}

// gatewayURL is the address of an agency's gateway; agency is civil, finance or audit.
func (n *net) gatewayURL(agency string) string {
	return "http://127.0.0.1:" + strconv.Itoa(agencies[agency].port+portOffset)
}

// as is a REST client of a principal such as civil-preparer.
func (n *net) as(principal string) (*restclient.Client, error) {
	agency, _, _ := strings.Cut(principal, "-")
	c, err := n.clients.New(n.gatewayURL(agency), filepath.Join(n.dir, "dev", "tokens", principal+".token"))
	if err != nil {
		return nil, err
	}
	c.HTTP = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	return c, nil
}

// ledger calls the peer of an agency past the gateway, with the gateway's own client.
func (n *net) ledger(agency string) (*benchclient.Ledger, error) {
	if l := n.direct[agency]; l != nil {
		return l, nil
	}
	l, err := benchclient.Open(filepath.Join(n.dir, "orgs", agencies[agency].folder, "gateway", "gateway.yaml"))
	if err != nil {
		return nil, err
	}
	n.direct[agency] = l
	return l, nil
}

// name makes an id of at most 10 small letters and digits that is new on this network, even on one kept from an earlier
// run.
func (n *net) name(prefix string) string {
	n.counts[prefix]++
	return prefix + strconv.FormatInt(n.b.began.Unix(), 36) + strconv.FormatInt(int64(n.counts[prefix]), 36)
}

// process is one process of the network.
type process struct {
	Name string `json:"name"` // such as audit/peer
	PID  int    `json:"pid"`
}

func (n *net) processes() ([]process, error) {
	files, err := filepath.Glob(filepath.Join(n.dir, "run", "*.json"))
	if err != nil {
		return nil, err
	}
	var all []process
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var p process
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, p)
	}
	return all, nil
}
