package redteam

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"

	"relieftrail/network/topology"
)

// spec tells the probe (network/nodes/probe) what a network is and has.
type spec struct {
	Channel      string          `json:"channel"`
	Chaincode    string          `json:"chaincode"`
	Endorsement  string          `json:"endorsement"`
	Block        string          `json:"block"`
	Collections  string          `json:"collections"`
	Agencies     []agency        `json:"agencies"`
	Identities   []identity      `json:"identities"`
	Certificates map[string]pair `json:"certificates"`
}

type agency struct {
	Name    string `json:"name"`
	MSPID   string `json:"msp_id"`
	Peer    string `json:"peer"`
	Orderer string `json:"orderer"`
}

type identity struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Agency string `json:"agency"`
	pair
}

type pair struct {
	Cert string `json:"cert"`
	Key  string `json:"key"`
}

// describe lists every key that the agencies of a network have.
func describe(t *topology.Topology) spec {
	s := spec{
		Channel: t.Channel.Name, Chaincode: t.Chaincode.Name, Endorsement: t.Chaincode.Endorsement,
		Block: t.Genesis(), Collections: t.Chaincode.Collections, Certificates: map[string]pair{},
	}
	for _, o := range t.Organisations {
		s.Agencies = append(s.Agencies, agency{
			o.Name, o.MSPID, o.Node(topology.KindPeer).Address(), o.Node(topology.KindOrderer).Address(),
		})
		add := func(kind, name string, p topology.KeyPair) {
			s.Identities = append(s.Identities, identity{kind, name, o.Name, pair(p)})
		}
		for _, p := range o.Principals {
			add("official", p.Name, o.User(p.Name))
		}
		add("gateway", topology.GatewayUser, o.User(topology.GatewayUser))
		add("admin", topology.Admin, o.User(topology.Admin))
		for _, kind := range []string{topology.KindPeer, topology.KindOrderer} {
			msp := o.Node(kind).MSP()
			add(kind, kind, topology.KeyPair{
				Cert: filepath.Join(msp, "signcerts", "cert.pem"), Key: filepath.Join(msp, "keystore", "key.pem"),
			})
		}
		for name, p := range certificates(o) {
			s.Certificates[o.Name+"/"+name] = pair(p)
			add("TLS certificate", name, p)
		}
	}
	return s
}

// certificates are an agency's TLS certificates, by whose they are.
func certificates(o *topology.Organisation) map[string]topology.KeyPair {
	all := map[string]topology.KeyPair{"operator": o.OperatorTLS(), "operations": o.OperationsTLS()}
	for _, n := range o.Nodes {
		all[n.Kind] = n.TLS()
	}
	return all
}

// probe runs the probe on a network and returns what it printed.
func probe(ctx context.Context, program string, t *topology.Topology, what string) ([]byte, error) {
	text, err := json.Marshal(describe(t))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, what) //nolint:gosec // built from this checkout
	var out, faults bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &out, &faults
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("probe %s: %w: %s", what, err, faults.String())
	}
	return out.Bytes(), nil
}

// Policies are tables of who satisfies which policy of a network's channel, in Markdown. program is the probe.
func Policies(ctx context.Context, program string, t *topology.Topology) ([]byte, error) {
	return probe(ctx, program, t, "policies")
}

// Attempt is something that the probe tried on a network, and how it ended.
type Attempt struct {
	Attempt string `json:"attempt"`
	By      string `json:"by"`
	Passed  bool   `json:"passed"`
	// Wanted marks attempts that must pass, because they are their key's right.
	Wanted bool   `json:"wanted"`
	Answer string `json:"answer"`
}

// TryKeys tries with every key of the agencies what is not its right, on a network of tests that is up and has private data.
// program is the probe. It leaves one block: a configuration that differs from the one before in a version.
func TryKeys(ctx context.Context, program string, t *topology.Topology) ([]Attempt, error) {
	text, err := probe(ctx, program, t, "attempts")
	if err != nil {
		return nil, err
	}
	var all []Attempt
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("what the probe printed: %w", err)
	}
	return all, nil
}
