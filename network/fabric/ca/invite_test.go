package ca

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"relieftrail/network/registration"
	"relieftrail/network/topology"
)

// door is finance's registration authority before its real certificate authority, reached without TLS.
type door struct {
	t    *testing.T
	node *topology.Node
	url  string
	key  *age.X25519Identity
}

func openDoor(t *testing.T, n *topology.Node) *door {
	t.Helper()
	client := n.Organisation.RAClient()
	server := httptest.NewServer((&registration.Server{
		Dir: n.Organisation.Invitations(), Log: slog.New(slog.DiscardHandler),
		Authority: registration.Authority{URL: caURL(n), Name: IdentityAuthority(n.Organisation), Client: https(t, n, &client)},
	}).Handler())
	t.Cleanup(server.Close)
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return &door{t, n, server.URL, key}
}

// invite has the operator invite somebody, and gives the secret.
func (d *door) invite(c *Client, p topology.Principal) string {
	d.t.Helper()
	secret, err := c.Invite(p)
	require.NoError(d.t, err)
	i, err := registration.Seal(d.key.Recipient(), p.Name, secret, time.Now().Add(time.Hour))
	require.NoError(d.t, err)
	require.NoError(d.t, registration.Put(d.node.Organisation.Invitations(), p.Name, i))
	return secret
}

// certify asks for a certificate of a new key.
func (d *door) certify(name, secret string) (status int, cert *x509.Certificate, key *ecdsa.PrivateKey) {
	d.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(d.t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	require.NoError(d.t, err)
	body, err := json.Marshal(map[string]string{
		"secret": secret, "request": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})),
	})
	require.NoError(d.t, err)
	answer, err := http.Post(d.url+"/v1/officials/"+name+"/certificate", "application/json", bytes.NewReader(body))
	require.NoError(d.t, err)
	defer answer.Body.Close()
	var got struct{ Certificate string }
	require.NoError(d.t, json.NewDecoder(answer.Body).Decode(&got))
	if answer.StatusCode == http.StatusCreated {
		block, _ := pem.Decode([]byte(got.Certificate))
		require.NotNil(d.t, block)
		cert, err = x509.ParseCertificate(block.Bytes)
		require.NoError(d.t, err)
	}
	return answer.StatusCode, cert, key
}

// TestAnInvitedOfficialEnrolsOnce is the door before a real fabric-ca.
func TestAnInvitedOfficialEnrolsOnce(t *testing.T) {
	top, n := authorities(t)
	finance := n.Organisation
	require.NoError(t, EnrolAll(top, finance))
	client, err := NewClient(n)
	require.NoError(t, err)
	defer client.Close()
	d := openDoor(t, n)
	liWei := topology.Principal{Name: "li-wei", Role: "preparer", Region: "530181"}

	first := d.invite(client, liWei)
	secret := d.invite(client, liWei)
	status, _, _ := d.certify("li-wei", first)
	require.Equal(t, http.StatusForbidden, status, "a new invitation ends the one before")
	status, cert, key := d.certify("li-wei", secret)
	require.Equal(t, http.StatusCreated, status)
	require.Equal(t, "530181", attributes(t, cert)["region"])
	require.Equal(t, "preparer", attributes(t, cert)["role"])
	require.Equal(t, []string{"client"}, cert.Subject.OrganizationalUnit)
	require.NoError(t, cert.CheckSignatureFrom(certificate(t, finance.CARoot())))
	require.WithinDuration(t, time.Now().Add(finance.Certificates.Officials), cert.NotAfter, time.Hour)
	require.True(t, cert.Equal(certificate(t, OfficialCert(finance, "li-wei"))))

	t.Run("the secret is used up at the authority, too", func(t *testing.T) {
		i, err := registration.Seal(d.key.Recipient(), "li-wei", secret, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.NoError(t, registration.Put(finance.Invitations(), "li-wei", i)) // somebody who can write there opens the door again
		status, _, _ := d.certify("li-wei", secret)
		require.Equal(t, http.StatusForbidden, status)
	})
	t.Run("another official's secret gets nothing", func(t *testing.T) {
		mine := d.invite(client, topology.Principal{Name: "zhao-min", Role: "reader", Region: "530181"})
		d.invite(client, topology.Principal{Name: "sun-bo", Role: "approver", Region: "53"})
		status, _, _ := d.certify("sun-bo", mine)
		require.Equal(t, http.StatusForbidden, status)
		status, cert, _ := d.certify("zhao-min", mine)
		require.Equal(t, http.StatusCreated, status)
		require.Equal(t, "reader", attributes(t, cert)["role"])
	})
	t.Run("renewed by a new invitation", func(t *testing.T) {
		for range 2 {
			status, again, _ := d.certify("li-wei", d.invite(client, topology.Principal{Name: "li-wei"}))
			require.Equal(t, http.StatusCreated, status)
			require.Equal(t, attributes(t, cert), attributes(t, again), "the authority has role and region")
			require.NotEqual(t, cert.SerialNumber, again.SerialNumber)
		}
	})
	t.Run("registrars and nodes do not come through", func(t *testing.T) {
		password, err := os.ReadFile(n.Dir() + "/registrar.secret")
		require.NoError(t, err)
		for _, name := range []string{registrarOf(identityCA(finance)), topology.Admin, topology.KindPeer, "finance-approver"} {
			status, _, _ := d.certify(name, string(bytes.TrimSpace(password)))
			require.Equal(t, http.StatusNotFound, status, name)
		}
	})
	t.Run("what the authority itself would let the holder of an official's key do", func(t *testing.T) {
		thief := caller{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), key}
		port := finance.RAClient()
		for _, try := range []struct {
			method, path string
			body         map[string]any
			status       int
		}{
			{http.MethodPost, "/register", map[string]any{"id": "mallory", "type": "client", "caname": identityCA(finance)}, http.StatusForbidden},
			{http.MethodPut, "/identities/li-wei?ca=" + identityCA(finance), map[string]any{"secret": "x"}, http.StatusForbidden},
			{http.MethodGet, "/identities?ca=" + identityCA(finance), nil, http.StatusForbidden},
			{http.MethodGet, "/certificates?ca=" + identityCA(finance), nil, http.StatusForbidden},
			{http.MethodGet, "/affiliations?ca=" + identityCA(finance), nil, http.StatusForbidden},
			{http.MethodPost, "/gencrl", map[string]any{"caname": identityCA(finance)}, http.StatusForbidden},
			{http.MethodPost, "/revoke", map[string]any{"id": "zhao-min", "caname": identityCA(finance)}, http.StatusForbidden},
			// Why there is a door: a stolen key would renew itself for ever.
			{http.MethodPost, "/reenroll", map[string]any{"certificate_request": request(t, "li-wei"), "caname": identityCA(finance)}, http.StatusCreated},
		} {
			text := []byte{}
			if try.body != nil {
				text, err = json.Marshal(try.body)
				require.NoError(t, err)
			}
			status, answer := thief.send(t, n, port, try.method, try.path, text)
			require.Equal(t, try.status, status, "%s %s: %s", try.method, try.path, answer)
			if try.method == http.MethodPost { // by the door there is no such way
				answer, err := http.Post(d.url+try.path, "application/json", bytes.NewReader(text))
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				require.Equal(t, http.StatusNotFound, answer.StatusCode)
			}
		}
	})
	t.Run("the gateway's own certificate does not open the authorities' port", func(t *testing.T) {
		for _, pair := range []topology.KeyPair{finance.Node(topology.KindGateway).TLS(), finance.Node(topology.KindRA).TLS()} {
			cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
			require.NoError(t, err)
			require.NotEmpty(t, cert.Certificate)
			_, err = https(t, n, &pair).Get(caURL(n) + "/cainfo")
			require.ErrorContains(t, err, "tls: ")
		}
	})
	t.Run("revoked, and invited again", func(t *testing.T) {
		revoked, err := client.Revoke("li-wei", false)
		require.NoError(t, err)
		require.NotEmpty(t, revoked)
		require.NoError(t, WriteRevocation(finance, "li-wei", Revocation{Reason: "遗失"}))
		status, _, _ := d.certify("li-wei", d.invite(client, liWei))
		require.Equal(t, http.StatusCreated, status)
		require.False(t, Revoked(finance, "li-wei"))
	})
	t.Run("retired before enrolling", func(t *testing.T) {
		secret := d.invite(client, topology.Principal{Name: "qian-hua", Role: "preparer", Region: "530181"})
		none, err := client.Revoke("qian-hua", true)
		require.NoError(t, err)
		require.Empty(t, none)
		status, _, _ := d.certify("qian-hua", secret)
		require.Equal(t, http.StatusForbidden, status, "the authority knows the name no more, whatever the door says")
		require.NoError(t, WriteRevocation(finance, "qian-hua", Revocation{Reason: "离职", Retired: true}))
		_, err = client.Invite(topology.Principal{Name: "qian-hua"})
		require.ErrorContains(t, err, "is retired")
	})
}
