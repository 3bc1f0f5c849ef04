// Package operator does what an operator asks for: bring the network up, take it down, tell how it is.
package operator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

// stopFirst are stopped before the others: they would only complain about what they miss.
var stopFirst = []string{topology.KindGateway}

// templateValues are what core.yaml and orderer.yaml are filled in with.
type templateValues struct {
	Topology *topology.Topology
	Org      *topology.Organisation
	Node     struct {
		Name, Data, MSP, Builder string
		TLS                      topology.KeyPair
	}
}

func (o *Operator) values(org *topology.Organisation, kind string) templateValues {
	v := templateValues{Topology: o.Topology, Org: org}
	v.Node.Name = org.NodeName(kind)
	v.Node.Data = filepath.Join(org.NodeDir(kind), "data")
	v.Node.MSP = org.MSP(kind)
	v.Node.Builder = filepath.Join(org.NodeDir(kind), "builder")
	v.Node.TLS = org.TLS(kind)
	return v
}

// fabricNode writes the configuration file of a peer or orderer and says how to run it.
func (o *Operator) fabricNode(org *topology.Organisation, kind, program, template string) (process.Process, error) {
	text, err := templates.Render(template, o.values(org, kind))
	if err != nil {
		return process.Process{}, err
	}
	dir := org.NodeDir(kind)
	file := filepath.Join(dir, template)
	if err := process.WriteFile(file, text); err != nil {
		return process.Process{}, err
	}
	return process.Process{
		Name: org.NodeName(kind), Exe: program, Dir: dir, Log: org.LogFile(kind),
		Files: []string{file, org.TLS(kind).Cert},
		Env: append(o.memory(kind),
			"FABRIC_CFG_PATH="+dir,
			"FABRIC_LOGGING_SPEC=warn",
			"FABRIC_LOGGING_FORMAT=%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}",
		),
	}, nil
}

func (o *Operator) peer(org *topology.Organisation) (process.Process, error) {
	if err := o.writeBuilder(org); err != nil {
		return process.Process{}, fmt.Errorf("%s: its external builder: %w", org.NodeName(topology.KindPeer), err)
	}
	p, err := o.fabricNode(org, topology.KindPeer, o.programs.Peer, "core.yaml")
	p.Args = []string{"node", "start"}
	p.Listens = []process.Listen{
		{Use: "peer", Address: org.Address(org.Peer.Port)},
		{Use: "chaincode listener", Address: org.Address(org.Peer.ChaincodePort)},
		{Use: "peer operations", Address: org.Address(org.Peer.OperationsPort)},
	}
	return p, err
}

func (o *Operator) orderer(org *topology.Organisation) (process.Process, error) {
	p, err := o.fabricNode(org, topology.KindOrderer, o.programs.Orderer, "orderer.yaml")
	p.Listens = []process.Listen{
		{Use: "orderer", Address: org.Address(org.Orderer.Port)},
		{Use: "orderer administration", Address: org.Address(org.Orderer.AdminPort)},
		{Use: "orderer operations", Address: org.Address(org.Orderer.OperationsPort)},
	}
	return p, err
}

// writeBuilder gives a peer the three programs by which it learns where its organisation's chaincode listens. The peer
// keeps what they said when a package was installed, so a kept answer is brought up to date as well.
func (o *Operator) writeBuilder(org *topology.Organisation) error {
	v := o.values(org, topology.KindPeer)
	for _, program := range []string{"detect", "build", "release"} {
		text, err := templates.Builder(program)
		if err != nil {
			return err
		}
		path := filepath.Join(v.Node.Builder, "bin", program)
		if err := process.WriteFile(path, text); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a program, for its owner
			return err
		}
	}
	connection, err := connection(org)
	if err != nil {
		return err
	}
	kept, err := filepath.Glob(filepath.Join(v.Node.Data, "externalbuilder", "builds", "*", "release", "chaincode", "server", "connection.json"))
	if err != nil {
		return err
	}
	for _, path := range append(kept, filepath.Join(v.Node.Builder, "connection.json")) {
		if err := process.WriteFile(path, connection); err != nil {
			return err
		}
	}
	return nil
}

// connection tells a peer how to reach its organisation's chaincode: mutual TLS, the peer's own certificate.
func connection(org *topology.Organisation) ([]byte, error) {
	var pem [3][]byte
	pair := org.TLS(topology.KindPeer)
	for i, path := range []string{pair.Key, pair.Cert, org.TLSRoot()} {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		pem[i] = text
	}
	return json.MarshalIndent(map[string]any{
		"address":              org.Address(org.Chaincode.Port),
		"dial_timeout":         "3s",
		"tls_required":         true,
		"client_auth_required": true,
		"client_key":           string(pem[0]),
		"client_cert":          string(pem[1]),
		"root_cert":            string(pem[2]),
	}, "", "  ")
}

// chaincode says how to run an organisation's chaincode as the package that was deployed.
func (o *Operator) chaincode(org *topology.Organisation, packageID string) process.Process {
	tls := org.TLS(topology.KindChaincode)
	return process.Process{
		Name: org.NodeName(topology.KindChaincode), Exe: o.programs.Chaincode,
		Dir: org.NodeDir(topology.KindChaincode), Log: org.LogFile(topology.KindChaincode),
		Files: []string{tls.Cert},
		Env: append(o.memory(topology.KindChaincode),
			"CHAINCODE_ID="+packageID,
			"CHAINCODE_MSPID="+org.MSPID,
			"CHAINCODE_SERVER_ADDRESS="+org.Address(org.Chaincode.Port),
			"CHAINCODE_TLS_KEY_FILE="+tls.Key,
			"CHAINCODE_TLS_CERT_FILE="+tls.Cert,
			"CHAINCODE_TLS_CLIENT_CA_FILE="+org.TLSRoot(),
			"CHAINCODE_PROFILE_ADDRESS="+o.Topology.ProfileAddress(org.Chaincode.Port),
		),
		Listens: []process.Listen{{Use: "chaincode", Address: org.Address(org.Chaincode.Port)}},
	}
}

// memory is what tells a node's garbage collector how much it may use.
func (o *Operator) memory(kind string) []string {
	env := []string{"GOGC=" + strconv.Itoa(o.Topology.Nodes.GOGC[kind])}
	if limit := o.Topology.Nodes.Memory[kind]; limit != "" {
		env = append(env, "GOMEMLIMIT="+limit)
	}
	return env
}
