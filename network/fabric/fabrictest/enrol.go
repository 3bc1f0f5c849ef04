package fabrictest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Topology is the development network in a folder of the test, with every identity enrolled that it names.
func Topology(t *testing.T) *topology.Topology {
	t.Helper()
	top, err := topology.Load(topology.Options{State: t.TempDir()})
	require.NoError(t, err)
	for _, o := range top.Organisations {
		identities, tls, operations := newRoot(t, "ca-"+o.Name), newRoot(t, "tlsca-"+o.Name), newRoot(t, "opsca-"+o.Name)
		require.NoError(t, process.WriteFile(o.CARoot(), identities.pem))
		require.NoError(t, process.WriteFile(o.TLSRoot(), tls.pem))
		require.NoError(t, process.WriteFile(o.OperationsRoot(), operations.pem))
		tls.issue(t, o.OperatorTLS(), topology.OperatorTool, "client")
		operations.issue(t, o.OperationsTLS(), topology.OperatorTool, "client")
		for _, n := range o.Nodes {
			tls.issue(t, n.TLS(), n.ID, "client")
			if n.Kind == topology.KindPeer || n.Kind == topology.KindOrderer {
				identities.issue(t, topology.KeyPair{
					Cert: filepath.Join(n.MSP(), "signcerts", "cert.pem"), Key: filepath.Join(n.MSP(), "keystore", "key.pem"),
				}, n.ID, n.Kind)
			}
		}
		identities.issue(t, o.User(topology.Admin), topology.Admin, "admin")
		identities.issue(t, o.User(topology.GatewayUser), topology.GatewayUser, "client")
		for _, p := range o.Principals {
			identities.issue(t, o.User(p.Name), p.Name, "client")
		}
	}
	return top
}

// root is a root certificate and its key.
type root struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newRoot(t *testing.T, name string) root {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return root{cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// issue makes a certificate for the loopback address, with an organisational unit by which Fabric distinguishes nodes from people.
func (r root) issue(t *testing.T, pair topology.KeyPair, name, unit string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, OrganizationalUnit: []string{unit}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, r.cert, &key.PublicKey, r.key)
	require.NoError(t, err)
	text, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, process.WriteFile(pair.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})))
	require.NoError(t, process.WriteFile(pair.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}
