package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/msp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

// thief has an official's certificate and key, and, to make things easy, a way to the authorities' port.
type thief struct {
	*Client
	signer msp.SigningIdentity
}

func newThief(t *testing.T, n *topology.Node, name string) thief {
	t.Helper()
	c, err := NewClient(n)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	pair := n.Organisation.User(name)
	cert, err := os.ReadFile(pair.Cert)
	require.NoError(t, err)
	key, err := os.ReadFile(pair.Key)
	require.NoError(t, err)
	signer, err := c.identity.CreateSigningIdentity(msp.WithCert(cert), msp.WithPrivateKey(key))
	require.NoError(t, err)
	return thief{c, signer}
}

// reenrol asks for a certificate of a new key under the name.
func (th thief) reenrol(t *testing.T, name string) (*x509.Certificate, error) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	require.NoError(t, err)
	body := map[string]string{
		"caname":              th.identity.name,
		"certificate_request": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})),
	}
	var answer struct{ Cert string }
	if err := th.askAs(th.signer, http.MethodPost, "reenroll", nil, body, &answer); err != nil {
		return nil, err
	}
	text, err := base64.StdEncoding.DecodeString(answer.Cert)
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	require.NotNil(t, block)
	return x509.ParseCertificate(block.Bytes)
}

func serialsOf(certs []*x509.Certificate) []string {
	serials := make([]string, len(certs))
	for i, cert := range certs {
		serials[i] = Serial(cert)
	}
	return serials
}

func TestRevocation(t *testing.T) {
	top, n := authorities(t)
	finance := n.Organisation
	require.NoError(t, EnrolAll(top, finance))
	const name = "finance-preparer"

	t.Run("the authorities answer their operator only", func(t *testing.T) {
		root, err := os.ReadFile(finance.TLSRoot())
		require.NoError(t, err)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(root))
		for _, pair := range []topology.KeyPair{{}, finance.User(name), finance.User(topology.Admin), finance.Node(topology.KindPeer).TLS()} {
			settings := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
			if pair.Cert != "" {
				cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
				require.NoError(t, err)
				settings.Certificates = []tls.Certificate{cert}
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: settings}}
			response, err := client.Get(caURL(n) + "/cainfo")
			if err == nil {
				_ = response.Body.Close()
			}
			require.ErrorContains(t, err, "certificate", pair.Cert)
		}
	})
	t.Run("terms", func(t *testing.T) {
		for path, want := range map[string]time.Duration{
			finance.User(name).Cert:                         finance.Certificates.Officials,
			finance.User(topology.Admin).Cert:               finance.Certificates.Officials,
			finance.User(topology.GatewayUser).Cert:         finance.Certificates.Nodes,
			finance.Node(topology.KindPeer).Member().Cert:   finance.Certificates.Nodes,
			finance.Node(topology.KindOrderer).TLS().Cert:   finance.Certificates.Nodes,
			finance.Node(topology.KindChaincode).TLS().Cert: finance.Certificates.Nodes,
			finance.CAListener():                            finance.Certificates.Nodes,
			finance.CAOperator().Cert:                       finance.Certificates.Nodes,
			finance.CARoot():                                finance.Certificates.Authorities,
			finance.TLSRoot():                               finance.Certificates.Authorities,
		} {
			require.WithinDuration(t, time.Now().Add(want), certificate(t, path).NotAfter, time.Hour, path)
		}
	})

	// Somebody with a copy of the key has a second certificate.
	stolen := newThief(t, n, name)
	second, err := stolen.reenrol(t, name)
	require.NoError(t, err, "it is not revoked yet")

	client, err := NewClient(n)
	require.NoError(t, err)
	defer client.Close()
	revoked, err := client.Revoke(name, false)
	require.NoError(t, err)
	serials := serialsOf(revoked)
	require.ElementsMatch(t, []string{Serial(certificate(t, finance.User(name).Cert)), Serial(second)}, serials)

	t.Run("again", func(t *testing.T) {
		again, err := client.Revoke(name, false)
		require.NoError(t, err)
		require.ElementsMatch(t, serials, serialsOf(again))
		known, err := client.Revoked(name)
		require.NoError(t, err)
		require.ElementsMatch(t, serials, serialsOf(known))
		known, err = client.Revoked("finance-approver")
		require.NoError(t, err)
		require.Empty(t, known)
	})
	t.Run("a revoked certificate renews nothing", func(t *testing.T) {
		_, err := stolen.reenrol(t, name)
		require.ErrorContains(t, err, "Authentication failure")
	})
	t.Run("the list has them all", func(t *testing.T) {
		text, err := client.RevocationList()
		require.NoError(t, err)
		list, err := ParseRevocationList(finance, text)
		require.NoError(t, err)
		var listed []string
		for _, entry := range list.RevokedCertificateEntries {
			listed = append(listed, entry.SerialNumber.Text(16))
		}
		require.ElementsMatch(t, serials, listed)
		require.NoError(t, KeepRevocationList(finance, text))
		require.FileExists(t, finance.Node(topology.KindPeer).MSP()+"/crls/crl.pem")
		other, err := top.Organisation("audit")
		require.NoError(t, err)
		_, err = ParseRevocationList(other, text)
		require.Error(t, err)
	})
	t.Run("a start does not bring it back", func(t *testing.T) {
		require.NoError(t, WriteRevocation(finance, name, Revocation{Reason: "遗失"}))
		require.NoError(t, os.Remove(finance.User(name).Cert))
		require.True(t, Enrolled(finance))
		require.NoError(t, EnrolAll(top, finance))
		require.NoFileExists(t, finance.User(name).Cert)
	})
	t.Run("for good", func(t *testing.T) {
		_, err := client.Revoke("finance-approver", true)
		require.NoError(t, err)
		again, err := client.Revoke("finance-approver", true)
		require.NoError(t, err)
		require.Len(t, again, 1)
		require.NoError(t, os.Remove(finance.User("finance-approver").Cert))
		require.ErrorContains(t, client.Principal(topology.Principal{Name: "finance-approver", Role: "approver", Region: "53"}), "Authentication failure")
	})
	t.Run("nobody", func(t *testing.T) {
		_, err := client.Revoke("nobody", false)
		require.ErrorContains(t, err, "issued no certificate")
	})
	t.Run("an expired certificate renews nothing", func(t *testing.T) {
		text, err := os.ReadFile(n.Dir() + "/identity/" + configFile)
		require.NoError(t, err)
		require.Contains(t, string(text), "reenrollIgnoreCertExpiry: false")
	})
}

func TestRenewal(t *testing.T) {
	top, n := authorities(t)
	finance := n.Organisation
	require.NoError(t, EnrolAll(top, finance))
	client, err := NewClient(n)
	require.NoError(t, err)
	defer client.Close()
	peer, orderer := finance.Node(topology.KindPeer), finance.Node(topology.KindOrderer)
	gateway, chaincode := finance.Node(topology.KindGateway), finance.Node(topology.KindChaincode)
	before := map[string]*x509.Certificate{}
	pairs := []topology.KeyPair{
		finance.User("finance-preparer"), finance.User(topology.Admin), finance.User(topology.GatewayUser),
		peer.Member(), peer.TLS(), orderer.Member(), orderer.TLS(), chaincode.TLS(), gateway.TLS(), n.TLS(),
		finance.OperatorTLS(), finance.OperationsTLS(),
	}
	for _, pair := range pairs {
		before[pair.Cert] = certificate(t, pair.Cert)
	}
	require.NoError(t, WriteRevocation(finance, "finance-preparer", Revocation{Reason: "遗失"}))
	require.NoError(t, client.RenewPrincipal(topology.Principal{Name: "finance-preparer", Role: "preparer", Region: "53"}))
	require.False(t, Revoked(finance, "finance-preparer"), "it has a certificate that is not revoked")
	require.NoError(t, client.RenewAdmin())
	for _, node := range []*topology.Node{peer, orderer, chaincode, gateway} {
		require.NoError(t, client.RenewNode(top, node))
	}
	require.NoError(t, client.RenewNode(top, n))
	require.NoFileExists(t, finance.CAListener(), "the server makes it at its next start")
	require.NoError(t, client.RenewOperator())
	for _, pair := range pairs {
		root := finance.TLSRoot()
		switch {
		case before[pair.Cert].CheckSignatureFrom(certificate(t, finance.CARoot())) == nil:
			root = finance.CARoot()
		case pair == finance.OperationsTLS():
			root = finance.OperationsRoot()
		}
		old, renewed := before[pair.Cert], issued(t, pair, root)
		require.NotEqual(t, old.SerialNumber, renewed.SerialNumber, pair.Cert)
		require.Equal(t, old.Subject.String(), renewed.Subject.String(), pair.Cert)
		require.Equal(t, attributes(t, old), attributes(t, renewed), pair.Cert)
		require.Equal(t, old.IPAddresses, renewed.IPAddresses, pair.Cert)
		require.Equal(t, old.DNSNames, renewed.DNSNames, pair.Cert)
		require.Equal(t, old.ExtKeyUsage, renewed.ExtKeyUsage, pair.Cert)
		sameKey := old.PublicKey.(*ecdsa.PublicKey).Equal(renewed.PublicKey)
		require.Equal(t, pair == orderer.TLS(), sameKey, "%s: the channel knows an orderer by its key", pair.Cert)
	}

	require.NoError(t, WriteRevocation(finance, "finance-approver", Revocation{Reason: "离职", Retired: true}))
	err = client.RenewPrincipal(topology.Principal{Name: "finance-approver", Role: "approver", Region: "53"})
	require.ErrorContains(t, err, "is retired")
}
