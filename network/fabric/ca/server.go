package ca

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

const configFile = "fabric-ca-server-config.yaml"

// authority is one of those that a server has.
type authority struct {
	Name              string
	Host              string
	Port              int
	OperationsAddress string
	// OperationsTLS is nil until the server has the certificate for it.
	OperationsTLS *operationsTLS
	MSPID         string
	Registrar     string
	Secret        string
	Terms         topology.Certificates
	// Clients are the certificates of those that are served.
	Clients []string
	// Registers are the kinds of identity that its registrar registers.
	Registers string
	// ForTLS is set for those that issue TLS certificates.
	ForTLS bool
	// Others are the configurations of the other authorities, set for the one that the server is started with.
	Others []string
}

// operationsTLS is how a server's operations port knows who asks.
type operationsTLS struct {
	topology.KeyPair
	ClientRoot string
}

// Process writes the configuration of an organisation's certificate authorities, which are one node, and describes the
// process that runs them. Its operations port serves the loopback address until there is a TLS certificate, which one of the
// authorities has to issue first.
func Process(program string, n *topology.Node) (process.Process, error) {
	dir, o := n.Dir(), n.Organisation
	secret, err := registrarSecret(n)
	if err != nil {
		return process.Process{}, err
	}
	clients, err := clients(o)
	if err != nil {
		return process.Process{}, fmt.Errorf("%s: the certificates of its clients: %w", n.Name, err)
	}
	tls, identity, operations := configOf(n, "tls"), configOf(n, "identity"), configOf(n, "operations")
	base := authority{
		Host: n.Host, Port: n.Port, OperationsAddress: net.JoinHostPort("127.0.0.1", strconv.Itoa(n.OperationsPort)),
		MSPID: o.MSPID, Secret: secret, Terms: o.Certificates, Clients: clients,
	}
	if listens(n) {
		base.OperationsAddress, base.OperationsTLS = n.OperationsAddress(), &operationsTLS{n.TLS(), o.OperationsRoot()}
	}
	for path, a := range map[string]authority{
		identity:   base.forIdentities(identityCA(o)),
		tls:        base.forTLS(tlsCA(o), identity, operations),
		operations: base.forTLS(operationsCA(o)),
	} {
		text, err := templates.Render("ca.yaml", a)
		if err != nil {
			return process.Process{}, err
		}
		if err := process.WriteFile(path, text); err != nil {
			return process.Process{}, err
		}
	}
	files := append([]string{tls, identity, operations}, clients...)
	if listens(n) {
		files = append(files, n.TLS().Cert)
	}
	return process.Process{
		Name:  n.Name,
		Exe:   program,
		Args:  []string{"start", "--home", filepath.Dir(tls)},
		Dir:   dir,
		Log:   n.LogFile(),
		Files: files,
		Listens: []process.Listen{
			{Use: "CA", Address: n.Address()},
			{Use: "CA operations", Address: base.OperationsAddress},
		},
	}, nil
}

func configOf(n *topology.Node, authority string) string {
	return filepath.Join(n.Dir(), authority, configFile)
}

// listens reports whether an organisation's authorities have the TLS certificate of their operations port.
func listens(n *topology.Node) bool {
	_, err := os.Stat(n.TLS().Cert)
	return err == nil
}

func (a authority) forIdentities(name string) authority {
	a.Name, a.Registrar, a.Registers = name, registrarOf(name), strings.Join([]string{typeClient, typeAdmin, typePeer, typeOrderer}, ",")
	return a
}

func (a authority) forTLS(name string, others ...string) authority {
	a.Name, a.Registrar, a.Registers, a.ForTLS, a.Others = name, registrarOf(name), typeClient, true, others
	return a
}

func identityCA(o *topology.Organisation) string { return "ca-" + o.Name }

func tlsCA(o *topology.Organisation) string { return "tlsca-" + o.Name }

func operationsCA(o *topology.Organisation) string { return "opsca-" + o.Name }

// registrarOf is who registers with an authority. They have different names, since the SDK keeps one certificate for
// each name in an organisation.
func registrarOf(authority string) string { return "registrar-" + authority }

func caURL(n *topology.Node) string { return "https://" + n.Address() }

// registrarSecret is the password of the identity that registers all others, made once.
func registrarSecret(n *topology.Node) (string, error) {
	return Secret(filepath.Join(n.Dir(), "registrar.secret"))
}

// Secret is the content of a file, which is made with 256 random bits in hex when it is not there.
func Secret(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSecret(path)
	}
	return strings.TrimSpace(string(text)), err
}

func newSecret(path string) (string, error) {
	secret, err := randomHex(32)
	if err != nil {
		return "", err
	}
	if err := process.WriteFile(path, []byte(secret+"\n")); err != nil {
		return "", fmt.Errorf("a new secret: %w", err)
	}
	return secret, nil
}
