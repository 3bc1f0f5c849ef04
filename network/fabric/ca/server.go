package ca

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

const configFile = "fabric-ca-server-config.yaml"

// authority is one of the two that a server has.
type authority struct {
	Name           string
	Host           string
	Port           int
	OperationsPort int
	MSPID          string
	Registrar      string
	Secret         string
	Terms          topology.Certificates
	// Operator is the certificate of the only client that is served.
	Operator string
	// Second is the configuration of the other authority, set for the one that the server is started with.
	Second string
}

// Process writes the configuration of an organisation's certificate authorities, which are one node, and describes the
// process that runs them.
func Process(program string, n *topology.Node) (process.Process, error) {
	dir, o := n.Dir(), n.Organisation
	secret, err := registrarSecret(n)
	if err != nil {
		return process.Process{}, err
	}
	operator, err := operatorPair(o)
	if err != nil {
		return process.Process{}, fmt.Errorf("%s: its operator's certificate: %w", n.Name, err)
	}
	tls, identity := filepath.Join(dir, "tls", configFile), filepath.Join(dir, "identity", configFile)
	base := authority{
		Host: n.Host, Port: n.Port, OperationsPort: n.OperationsPort,
		MSPID: o.MSPID, Secret: secret, Terms: o.Certificates, Operator: operator.Cert,
	}
	for path, a := range map[string]authority{
		identity: base.named(identityCA(o), ""),
		tls:      base.named(tlsCA(o), identity),
	} {
		text, err := templates.Render("ca.yaml", a)
		if err != nil {
			return process.Process{}, err
		}
		if err := process.WriteFile(path, text); err != nil {
			return process.Process{}, err
		}
	}
	return process.Process{
		Name:  n.Name,
		Exe:   program,
		Args:  []string{"start", "--home", filepath.Dir(tls)},
		Dir:   dir,
		Log:   n.LogFile(),
		Files: []string{tls, identity, operator.Cert},
		Listens: []process.Listen{
			{Use: "CA", Address: n.Address()},
			{Use: "CA operations", Address: n.OperationsAddress()},
		},
	}, nil
}

func (a authority) named(name, second string) authority {
	a.Name, a.Registrar, a.Second = name, registrarOf(name), second
	return a
}

func identityCA(o *topology.Organisation) string { return "ca-" + o.Name }

func tlsCA(o *topology.Organisation) string { return "tlsca-" + o.Name }

// registrarOf is who registers with an authority. The two have different names, since the SDK keeps one certificate for
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
