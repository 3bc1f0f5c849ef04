package ca

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	mspclient "github.com/hyperledger/fabric-sdk-go/pkg/client/msp"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/config"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Client asks an organisation's certificate authorities as their registrar.
type Client struct {
	node          *topology.Node
	org           *topology.Organisation
	store         string
	sdk           *fabsdk.FabricSDK
	identity, tls authorityClient
	operations    authorityClient
	// secret and http are for what the SDK has no call for.
	secret string
	http   *http.Client
}

// authorityClient asks one of the authorities.
type authorityClient struct {
	*mspclient.Client
	name string
}

// Kinds of identity: the organisational unit in a certificate, by which Fabric distinguishes nodes from people.
const (
	typeClient  = "client"
	typeAdmin   = "admin"
	typePeer    = "peer"
	typeOrderer = "orderer"
)

// profileNode is the signing profile of the authorities for nodes, with their term; without a profile a certificate has the
// term of officials'. See ca.yaml for its name.
const profileNode = "tls"

// requestTimeout bounds one request to an authority.
const requestTimeout = 30 * time.Second

// NewClient connects to an organisation's certificate authorities. Close it.
func NewClient(n *topology.Node) (*Client, error) {
	secret, err := registrarSecret(n)
	if err != nil {
		return nil, err
	}
	transport, err := operatorTransport(n.Organisation)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	// The SDK keeps keys and certificates in a folder. Ours are put where they belong, so that one is thrown away.
	store, err := os.MkdirTemp(n.Dir(), "client-")
	if err != nil {
		return nil, err
	}
	c := &Client{node: n, org: n.Organisation, store: store, secret: secret, http: &http.Client{
		Transport: transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if err := c.connect(); err != nil {
		c.Close()
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	return c, nil
}

func (c *Client) connect() error {
	profile, err := json.Marshal(c.profile())
	if err != nil {
		return err
	}
	if c.sdk, err = fabsdk.New(config.FromRaw(profile, "json")); err != nil {
		return err
	}
	if c.identity, err = c.authority(identityCA(c.org)); err != nil {
		return err
	}
	if c.tls, err = c.authority(tlsCA(c.org)); err != nil {
		return err
	}
	c.operations, err = c.authority(operationsCA(c.org))
	return err
}

func (c *Client) authority(name string) (authorityClient, error) {
	client, err := mspclient.New(c.sdk.Context(), mspclient.WithOrg(c.org.Name), mspclient.WithCAInstance(name))
	return authorityClient{client, name}, err
}

// profile is what the SDK has to know of the authorities.
func (c *Client) profile() map[string]any {
	type object = map[string]any
	operator := c.org.CAOperator()
	authority := func(name string) object {
		return object{
			"url":    caURL(c.node),
			"caName": name,
			"tlsCACerts": object{"path": c.org.TLSRoot(), "client": object{
				"key": object{"path": operator.Key}, "cert": object{"path": operator.Cert},
			}},
			"registrar": object{"enrollId": registrarOf(name), "enrollSecret": c.secret},
		}
	}
	identity, tls, operations := identityCA(c.org), tlsCA(c.org), operationsCA(c.org)
	return object{
		"version": "1.0.0",
		"client": object{
			"organization":    c.org.Name,
			"logging":         object{"level": "error"},
			"credentialStore": object{"path": filepath.Join(c.store, "certs"), "cryptoStore": object{"path": c.store}},
			"BCCSP": object{"security": object{
				"enabled": true, "default": object{"provider": "SW"},
				"hashAlgorithm": "SHA2", "softVerify": true, "level": 256,
			}},
		},
		"organizations": object{c.org.Name: object{
			"mspid": c.org.MSPID, "cryptoPath": c.store, "certificateAuthorities": []string{identity, tls, operations},
		}},
		"certificateAuthorities": object{identity: authority(identity), tls: authority(tls), operations: authority(operations)},
	}
}

// Close ends the connection and deletes the keys that the SDK kept.
func (c *Client) Close() {
	if c.sdk != nil {
		c.sdk.Close()
	}
	c.http.CloseIdleConnections()
	_ = os.RemoveAll(c.store)
}

// Principal enrols a principal, with its role and region in the certificate, unless it is enrolled.
func (c *Client) Principal(p topology.Principal) error {
	return c.enrol(c.identity, c.org.User(p.Name), principalRequest(p))
}

func principalRequest(p topology.Principal) mspclient.IdentityRequest {
	request := mspclient.IdentityRequest{ID: p.Name, Type: typeClient}
	if p.Role != "" { // otherwise they stay as the authority has them
		request.Attributes = []mspclient.Attribute{
			{Name: "role", Value: p.Role, ECert: true},
			{Name: "region", Value: p.Region, ECert: true},
		}
	}
	return request
}

// Admin enrols the organisation's administrator unless it is enrolled.
func (c *Client) Admin() error {
	return c.enrol(c.identity, c.org.User(topology.Admin), mspclient.IdentityRequest{ID: topology.Admin, Type: typeAdmin})
}

// Node enrols what a node needs and does not have. Peers and orderers are members of their organisation and speak TLS,
// chaincode speaks TLS, a gateway reads blocks as a principal and speaks TLS to its peer, and the authorities speak TLS at
// their operations port.
func (c *Client) Node(t *topology.Topology, n *topology.Node) error {
	switch n.Kind {
	case topology.KindPeer:
		return c.member(n, typePeer)
	case topology.KindOrderer:
		return c.member(n, typeOrderer)
	case topology.KindGateway:
		reader := principalRequest(topology.Principal{Name: topology.GatewayUser, Role: "reader", Region: t.Gateway.Region})
		if err := c.enrol(c.identity, c.org.User(topology.GatewayUser), reader, mspclient.WithProfile(profileNode)); err != nil {
			return err
		}
	}
	return c.nodeTLS(n)
}

// Operator enrols the operator's tool for TLS, unless it is enrolled: with the authority that nodes trust at their own ports, and
// with the one that they trust at their administration and operations ports.
func (c *Client) Operator() error {
	request := mspclient.IdentityRequest{ID: topology.OperatorTool, Type: typeClient}
	if err := c.enrol(c.tls, c.org.OperatorTLS(), request, mspclient.WithProfile(profileNode)); err != nil {
		return err
	}
	return c.enrol(c.operations, c.org.OperationsTLS(), request, mspclient.WithProfile(profileNode))
}

// member enrols a peer or orderer, writes its membership folder, and enrols it for TLS.
func (c *Client) member(n *topology.Node, unit string) error {
	err := c.enrol(c.identity, n.Member(), mspclient.IdentityRequest{ID: n.ID, Type: unit}, mspclient.WithProfile(profileNode))
	if err != nil {
		return err
	}
	if err := writeMSP(c.org, n.MSP()); err != nil {
		return fmt.Errorf("%s: its membership folder: %w", n.Name, err)
	}
	return c.nodeTLS(n)
}

// nodeTLS enrols a node for TLS, as server and as client, unless it is enrolled.
func (c *Client) nodeTLS(n *topology.Node) error {
	return c.enrol(c.tls, n.TLS(), mspclient.IdentityRequest{ID: n.ID, Type: typeClient},
		mspclient.WithProfile(profileNode),
		mspclient.WithCSR(&mspclient.CSRInfo{CN: n.ID, Hosts: hosts(n)}))
}

// hosts are the names that a node may be called by.
func hosts(n *topology.Node) []string {
	names := []string{n.Host}
	for _, local := range []string{"localhost", "127.0.0.1"} {
		if n.Host != local {
			names = append(names, local)
		}
	}
	return names
}

// enrol registers an identity with a new password, enrols it, and writes its key and then its certificate. An identity whose
// certificate is there is enrolled already. One that is registered and has no certificate was cut short: it gets a new password.
func (c *Client) enrol(
	from authorityClient, pair topology.KeyPair, request mspclient.IdentityRequest, opts ...mspclient.EnrollmentOption,
) error {
	if _, err := os.Stat(pair.Cert); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return c.issue(from, pair, request, opts...)
}

// issue is enrol for an identity that may have a certificate already: it gets another, for a new key.
func (c *Client) issue(
	from authorityClient, pair topology.KeyPair, request mspclient.IdentityRequest, opts ...mspclient.EnrollmentOption,
) error {
	fail := func(err error) error {
		return fmt.Errorf("%s: enrolling %s: %w", c.node.Name, request.ID, err)
	}
	secret, err := c.register(from, request)
	if err != nil {
		return fail(err)
	}
	if err := from.Enroll(request.ID, append(opts, mspclient.WithSecret(secret))...); err != nil {
		return fail(err)
	}
	signer, err := from.GetSigningIdentity(request.ID)
	if err != nil {
		return fail(err)
	}
	key, err := os.ReadFile(filepath.Join(c.store, "keystore", hex.EncodeToString(signer.PrivateKey().SKI())+"_sk"))
	if err != nil {
		return fail(err)
	}
	if err := process.WriteFile(pair.Key, key); err != nil {
		return fail(err)
	}
	if err := process.WriteFile(pair.Cert, signer.EnrollmentCertificate()); err != nil {
		return fail(err)
	}
	return nil
}

// register registers an identity with a new password, or gives it one. The password is used once, at once, and kept nowhere.
func (c *Client) register(from authorityClient, request mspclient.IdentityRequest) (secret string, err error) {
	if secret, err = randomHex(24); err != nil {
		return "", err
	}
	// Without its name the server's default authority would be asked, whichever one the client is for.
	request.CAName, request.Secret = from.name, secret
	if request.MaxEnrollments == 0 {
		request.MaxEnrollments = -1
	}
	_, err = from.CreateIdentity(&request)
	if err != nil && strings.Contains(err.Error(), "already registered") {
		_, err = from.ModifyIdentity(&request)
	}
	return secret, err
}
