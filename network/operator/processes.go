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

// stopFirst are the kinds that are stopped before the others, because without the others they only log errors.
var stopFirst = []string{topology.KindGateway}

// templateValues are what core.yaml and orderer.yaml are filled in with.
type templateValues struct {
	Topology *topology.Topology
	Node     *topology.Node
	// Builder is the folder of a peer's external builder.
	Builder string
}

func (o *Operator) values(n *topology.Node) templateValues {
	return templateValues{Topology: o.Topology, Node: n, Builder: builderDir(n)}
}

func builderDir(n *topology.Node) string { return filepath.Join(n.Dir(), "builder") }

// fabricNode writes the configuration file of a peer or orderer and describes the process that runs it.
func (o *Operator) fabricNode(n *topology.Node, program, template string) (process.Process, error) {
	text, err := templates.Render(template, o.values(n))
	if err != nil {
		return process.Process{}, err
	}
	file := n.Config(template)
	if err := process.WriteFile(file, text); err != nil {
		return process.Process{}, err
	}
	return process.Process{
		Name: n.Name, Exe: program, Dir: n.Dir(), Log: n.LogFile(),
		Files: []string{file, n.TLS().Cert, n.Member().Cert},
		Env: append(o.memory(n.Kind),
			"FABRIC_CFG_PATH="+n.Dir(),
			"FABRIC_LOGGING_SPEC=warn",
			"FABRIC_LOGGING_FORMAT=%{time:2006-01-02T15:04:05.000Z07:00} %{level} [%{module}] %{message}",
		),
	}, nil
}

func (o *Operator) peer(n *topology.Node) (process.Process, error) {
	if err := writeBuilder(n); err != nil {
		return process.Process{}, fmt.Errorf("%s: its external builder: %w", n.Name, err)
	}
	p, err := o.fabricNode(n, o.programs.Peer, "core.yaml")
	p.Args = []string{"node", "start"}
	p.Listens = []process.Listen{
		{Use: "peer", Address: n.Address()},
		{Use: "chaincode listener", Address: n.ChaincodeAddress()},
		{Use: "peer operations", Address: n.OperationsAddress()},
	}
	return p, err
}

func (o *Operator) orderer(n *topology.Node) (process.Process, error) {
	p, err := o.fabricNode(n, o.programs.Orderer, "orderer.yaml")
	p.Listens = []process.Listen{
		{Use: "orderer", Address: n.Address()},
		{Use: "orderer administration", Address: n.AdminAddress()},
		{Use: "orderer operations", Address: n.OperationsAddress()},
	}
	return p, err
}

// writeBuilder gives a peer the three programs of its external builder, from which it learns where its organisation's
// chaincode listens. The peer keeps their output of the day when a package was installed, so what it keeps is updated, too.
func writeBuilder(peer *topology.Node) error {
	dir := builderDir(peer)
	for _, program := range []string{"detect", "build", "release"} {
		text, err := templates.Builder(program)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, "bin", program)
		if err := process.WriteFile(path, text); err != nil {
			return err
		}
		if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a program, for its owner
			return err
		}
	}
	connection, err := connection(peer)
	if err != nil {
		return err
	}
	built := filepath.Join(peer.Data(), "externalbuilder", "builds", "*", "release")
	kept, err := filepath.Glob(filepath.Join(built, "chaincode", "server", "connection.json"))
	if err != nil {
		return err
	}
	for _, path := range append(kept, filepath.Join(dir, "connection.json")) {
		if err := process.WriteFile(path, connection); err != nil {
			return err
		}
	}
	return nil
}

// connection is how a peer reaches its organisation's chaincode: with mutual TLS, by its own certificate.
func connection(peer *topology.Node) ([]byte, error) {
	var pem [3][]byte
	pair := peer.TLS()
	for i, path := range []string{pair.Key, pair.Cert, peer.Organisation.TLSRoot()} {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		pem[i] = text
	}
	return json.MarshalIndent(map[string]any{
		"address":              peer.Organisation.Node(topology.KindChaincode).Address(),
		"dial_timeout":         "3s",
		"tls_required":         true,
		"client_auth_required": true,
		"client_key":           string(pem[0]),
		"client_cert":          string(pem[1]),
		"root_cert":            string(pem[2]),
	}, "", "  ")
}

// chaincode describes the process that runs a chaincode node as the package that was deployed. It serves its organisation's
// peer, known by its very certificate: nobody else has anything to ask it.
func (o *Operator) chaincode(n *topology.Node, packageID string) process.Process {
	tls, peer := n.TLS(), n.Organisation.Node(topology.KindPeer).TLS()
	return process.Process{
		Name: n.Name, Exe: o.programs.Chaincode,
		Dir: n.Dir(), Log: n.LogFile(),
		Files: []string{tls.Cert, peer.Cert},
		Env: append(o.memory(n.Kind),
			"CHAINCODE_ID="+packageID,
			"CHAINCODE_MSPID="+n.Organisation.MSPID,
			"CHAINCODE_SERVER_ADDRESS="+n.Address(),
			"CHAINCODE_TLS_KEY_FILE="+tls.Key,
			"CHAINCODE_TLS_CERT_FILE="+tls.Cert,
			"CHAINCODE_TLS_CLIENT_CERT_FILE="+peer.Cert,
			"CHAINCODE_PROFILE_ADDRESS="+o.Topology.ProfileAddress(n),
		),
		Listens: []process.Listen{{Use: "chaincode", Address: n.Address()}},
	}
}

// memory is the environment that limits how much memory a kind of node uses.
func (o *Operator) memory(kind string) []string {
	env := []string{"GOGC=" + strconv.Itoa(o.Topology.NodeSettings.GOGC[kind])}
	if limit := o.Topology.NodeSettings.Memory[kind]; limit != "" {
		env = append(env, "GOMEMLIMIT="+limit)
	}
	return env
}
