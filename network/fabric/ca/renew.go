package ca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"

	mspclient "github.com/hyperledger/fabric-sdk-go/pkg/client/msp"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// RenewPrincipal issues a new certificate for a new key to a principal. An official whose certificates were revoked is whole
// again with it; one who was retired gets none.
func (c *Client) RenewPrincipal(p topology.Principal) error {
	revocation, _, err := ReadRevocation(c.org, p.Name)
	if err != nil {
		return err
	}
	if revocation.Retired {
		return fmt.Errorf("%s: %s is retired and gets no certificate: enrol another name", c.org.Name, p.Name)
	}
	if err := c.issue(c.identity, c.org.User(p.Name), principalRequest(p)); err != nil {
		return err
	}
	return c.whole(p.Name)
}

// RenewAdmin issues a new certificate for a new key to the organisation's administrator.
func (c *Client) RenewAdmin() error {
	request := mspclient.IdentityRequest{ID: topology.Admin, Type: typeAdmin}
	if err := c.issue(c.identity, c.org.User(topology.Admin), request); err != nil {
		return err
	}
	return c.whole(topology.Admin)
}

// RenewOperator issues new certificates for new keys to the operator's tool. What it reaches the authorities with is made again
// when they start.
func (c *Client) RenewOperator() error {
	request := mspclient.IdentityRequest{ID: topology.OperatorTool, Type: typeClient}
	if err := c.issue(c.tls, c.org.OperatorTLS(), request, mspclient.WithProfile(profileNode)); err != nil {
		return err
	}
	return c.issue(c.operations, c.org.OperationsTLS(), request, mspclient.WithProfile(profileNode))
}

// RenewNode issues new certificates to a node, which reads them at its next start. Keys are new but for an orderer's TLS key,
// by which the channel's configuration knows it. The authorities' server makes that of its own port itself when it starts.
func (c *Client) RenewNode(t *topology.Topology, n *topology.Node) error {
	request := mspclient.IdentityRequest{ID: n.ID}
	switch n.Kind {
	case topology.KindCA:
		if err := os.Remove(c.org.CAListener()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	case topology.KindGateway:
		request = principalRequest(topology.Principal{Name: topology.GatewayUser, Role: "reader", Region: t.Gateway.Region})
		if err := c.issue(c.identity, c.org.User(topology.GatewayUser), request, mspclient.WithProfile(profileNode)); err != nil {
			return err
		}
		if err := c.whole(topology.GatewayUser); err != nil {
			return err
		}
		request = mspclient.IdentityRequest{ID: n.ID}
	case topology.KindPeer:
		request.Type = typePeer
	case topology.KindOrderer:
		request.Type = typeOrderer
	}
	if request.Type != "" {
		if err := c.issue(c.identity, n.Member(), request, mspclient.WithProfile(profileNode)); err != nil {
			return err
		}
		if err := c.whole(n.ID); err != nil {
			return err
		}
	}
	return c.renewTLS(n)
}

// whole notes that an identity has a certificate again that is not revoked.
func (c *Client) whole(name string) error {
	if !Revoked(c.org, name) {
		return nil
	}
	return os.Remove(c.org.Revocation(name))
}

func (c *Client) renewTLS(n *topology.Node) error {
	request := mspclient.IdentityRequest{ID: n.ID, Type: typeClient}
	if n.Kind == topology.KindOrderer {
		return c.renewKey(c.tls, n.TLS(), request, hosts(n))
	}
	return c.issue(c.tls, n.TLS(), request, mspclient.WithProfile(profileNode),
		mspclient.WithCSR(&mspclient.CSRInfo{CN: n.ID, Hosts: hosts(n)}))
}

// renewKey is issue for the key that is there already.
func (c *Client) renewKey(from authorityClient, pair topology.KeyPair, request mspclient.IdentityRequest, hosts []string) error {
	fail := func(err error) error {
		return fmt.Errorf("%s: a new certificate for %s: %w", c.node.Name, request.ID, err)
	}
	key, err := readKey(pair.Key)
	if err != nil {
		return fail(err)
	}
	secret, err := c.register(from, request)
	if err != nil {
		return fail(err)
	}
	cert, err := c.certify(from, request.ID, secret, hosts, key)
	if err != nil {
		return fail(err)
	}
	if err := process.WriteFile(pair.Cert, cert); err != nil {
		return fail(err)
	}
	return nil
}

// certify has an authority certify a key of a node. The SDK can only have a new key certified.
func (c *Client) certify(from authorityClient, id, secret string, hosts []string, key crypto.Signer) ([]byte, error) {
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: id}}, key)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{
		"caname": from.name, "profile": profileNode, "hosts": hosts,
		"certificate_request": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})),
	})
	if err != nil {
		return nil, err
	}
	enrolment, err := http.NewRequest(http.MethodPost, caURL(c.node)+"/api/v1/enroll", bytes.NewReader(body)) //nolint:noctx // the client has a timeout
	if err != nil {
		return nil, err
	}
	enrolment.SetBasicAuth(id, secret)
	response, err := c.http.Do(enrolment)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct{ Cert string }
	if err := decodeAnswer(response, &answer); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(answer.Cert)
}

func readKey(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: must hold a key in PEM", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s: must hold a key that signs", path)
	}
	return signer, nil
}
