package redteam

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"

	"relieftrail/network/topology"
)

// A port of a kind of node, and by which TLS certificates it is opened.
type port struct {
	kind, use string
	address   func(*topology.Node) string
	// own and others are whose certificates open it: those of its own agency, those of the other agencies.
	own, others []string
	// then is what decides once the port is open.
	then string
}

// Every TLS certificate of the channel's agencies, by whose it is. That for operations is of another authority.
var inChannel = []string{
	topology.KindPeer, topology.KindOrderer, topology.KindChaincode, topology.KindGateway, topology.KindCA, topology.KindRA,
	topology.OperatorTool,
}

// Certificates of authorities of their own.
const (
	operations  = "operations"
	authorities = "authorities" // with which the operator's tool reaches the certificate authorities
	enrolling   = "enrolling"   // with which the registration authority reaches them
)

var ports = []port{
	{topology.KindPeer, "its own", (*topology.Node).Address, inChannel, inChannel,
		"the signature of each message: the policies and access control below"},
	{topology.KindPeer, "chaincode that connects to it", (*topology.Node).ChaincodeAddress, []string{}, []string{},
		"nothing: it trusts certificates that the peer makes itself, and makes none"},
	{topology.KindPeer, operations, (*topology.Node).OperationsAddress, []string{operations}, []string{}, "nothing more: health, log levels"},
	{topology.KindOrderer, "its own", (*topology.Node).Address, inChannel, inChannel,
		"the signature of each message; among orderers, the very certificate of a consenter"},
	{topology.KindOrderer, "administration", (*topology.Node).AdminAddress, []string{operations}, []string{},
		"nothing more: joins and leaves channels"},
	{topology.KindOrderer, operations, (*topology.Node).OperationsAddress, []string{operations}, []string{},
		"nothing more: health, metrics, log levels"},
	{topology.KindChaincode, "its own", (*topology.Node).Address, []string{topology.KindPeer}, []string{}, "nothing more: it answers its peer"},
	{topology.KindCA, "its own", (*topology.Node).Address, []string{authorities, enrolling}, []string{},
		"to register, the registrar's key; to enrol, a password; to renew, the certificate's key"},
	{topology.KindCA, operations, (*topology.Node).OperationsAddress, []string{operations}, []string{}, "nothing more: health"},
	{topology.KindRA, "its own", (*topology.Node).Address, []string{topology.KindGateway}, []string{},
		"an invitation of the operator's, and its secret, for one certificate"},
}

// opens reports whether the table lets a certificate open a port of a node.
func (p port) opens(n *topology.Node, c credential) bool {
	if c.agency == n.Organisation.Name {
		return slices.Contains(p.own, c.holder)
	}
	return c.agency != "" && slices.Contains(p.others, c.holder)
}

// PortTable says in Markdown who opens which port.
func PortTable() string {
	var text strings.Builder
	text.WriteString("| node | port | TLS certificates that open it | what decides then |\n|---|---|---|---|\n")
	for _, p := range ports {
		who := listed(p.own)
		switch {
		case len(p.own) == 0:
			who = "none"
		case slices.Equal(p.own, p.others):
			who += " of every agency"
		default:
			who += " of its own agency"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", p.kind, p.use, who, p.then)
	}
	return text.String()
}

func listed(holders []string) string {
	named := slices.Clone(holders)
	for i, h := range named {
		switch h {
		case topology.OperatorTool:
			named[i] = "the operator's tool"
		case operations:
			named[i] = "the authority for operations"
		case authorities:
			named[i] = "the operator's certificate for the authorities"
		case enrolling:
			named[i] = "the registration authority's for them"
		}
	}
	return strings.Join(named, ", ")
}

// credential is a certificate that somebody shows at a port.
type credential struct {
	// agency and holder are whose it is; holder is "" for a certificate that is not for TLS, agency for a stranger's.
	agency, holder string
	name           string
	cert           *tls.Certificate // nil: none is shown
}

// credentials are all certificates of all agencies, those of identities too, a stranger's, and none.
func credentials(t *topology.Topology) ([]credential, error) {
	own, err := selfSigned()
	if err != nil {
		return nil, err
	}
	all := []credential{{name: "no certificate"}, {name: "a stranger's", cert: own}}
	s := describe(t)
	for _, id := range s.Identities {
		cert, err := tls.LoadX509KeyPair(id.Cert, id.Key)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", id.Name, id.Agency, err)
		}
		c := credential{agency: id.Agency, name: fmt.Sprintf("%s %s of %s", id.Kind, id.Name, id.Agency), cert: &cert}
		if id.Kind == "TLS certificate" {
			c.holder = id.Name
		}
		all = append(all, c)
	}
	for _, o := range t.Organisations {
		for holder, pair := range map[string]topology.KeyPair{authorities: o.CAOperator(), enrolling: o.RAClient()} {
			cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", holder, o.Name, err)
			}
			all = append(all, credential{agency: o.Name, holder: holder, name: holder + " of " + o.Name, cert: &cert})
		}
	}
	return all, nil
}

// selfSigned is a certificate of nobody's.
func selfSigned() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stranger"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// TryPorts opens every port of every node of a network that is up with every certificate, and returns how many attempts it
// made and which did not end as the table says.
func TryPorts(ctx context.Context, t *topology.Topology) (attempts int, wrong []string, err error) {
	shown, err := credentials(t)
	if err != nil {
		return 0, nil, err
	}
	for _, p := range ports {
		for _, n := range t.NodesOf(p.kind) {
			for _, c := range shown {
				attempts++
				opened, err := opens(ctx, p.address(n), c.cert)
				if err != nil {
					return attempts, wrong, fmt.Errorf("%s, port %s, with %s: %w", n.Name, p.use, c.name, err)
				}
				if opened != p.opens(n, c) {
					wrong = append(wrong, fmt.Sprintf("%s, port %s, with %s: opens %t", n.Name, p.use, c.name, opened))
				}
			}
		}
	}
	return attempts, wrong, nil
}

// patience is how long a port may take to answer.
const patience = 10 * time.Second

// opens reports whether a server takes a client's certificate. With TLS 1.3 a server refuses it after the handshake, so the client
// says something and waits for an answer: HTTP/2's or HTTP/1's, whichever the server speaks.
func opens(ctx context.Context, address string, cert *tls.Certificate) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := &tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // it is the server that must be careful here
		NextProtos:         []string{"h2", "http/1.1"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if cert == nil {
				return &tls.Certificate{}, nil
			}
			return cert, nil
		},
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return false, refused(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return false, err
	}
	hello := "GET /healthz HTTP/1.1\r\nHost: " + address + "\r\n\r\n"
	if conn.(*tls.Conn).ConnectionState().NegotiatedProtocol == "h2" {
		hello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00" // and empty settings
	}
	_, err = io.WriteString(conn, hello)
	if err == nil {
		_, err = io.ReadFull(conn, make([]byte, 9))
	}
	if err != nil {
		return false, refused(err)
	}
	return true, nil
}

// refused is nil when an error is a server's refusal of a certificate.
func refused(err error) error {
	var alert tls.AlertError
	if errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls: ") ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "connection reset") {
		return nil
	}
	return err
}
