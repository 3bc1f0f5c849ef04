package ca

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// https calls an address of finance's authorities, with a TLS certificate if one is given.
func https(t *testing.T, n *topology.Node, pair *topology.KeyPair) *http.Client {
	t.Helper()
	root, err := os.ReadFile(n.Organisation.TLSRoot())
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(root))
	config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if pair != nil {
		cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
		require.NoError(t, err)
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	transport := &http.Transport{TLSClientConfig: config}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestOperationsPortIsForTheOperator(t *testing.T) {
	top, n := authorities(t)
	require.NoError(t, EnrolAll(top, n.Organisation))
	runner := &process.Runner{Dir: top.RunDir()}
	record, err := runner.Record(n.Name)
	require.NoError(t, err)
	p, err := Process(record.Exe, n)
	require.NoError(t, err)
	require.NoError(t, runner.Start(p), "it is started again, since it has a certificate now")
	require.NoError(t, runner.Await(t.Context(), 30*time.Second, n.Name, []string{n.Name}, func(ctx context.Context) error {
		return Ready(ctx, n)
	}))
	health := func(pair *topology.KeyPair) error {
		answer, err := https(t, n, pair).Get("https://" + n.OperationsAddress() + "/healthz")
		if err != nil {
			return err
		}
		require.Equal(t, http.StatusOK, answer.StatusCode)
		return answer.Body.Close()
	}
	o := n.Organisation
	operations, operatorTLS, official := o.OperationsTLS(), o.OperatorTLS(), o.User("finance-approver")
	require.NoError(t, health(&operations))
	require.ErrorContains(t, health(nil), "certificate required")
	for _, pair := range []topology.KeyPair{operatorTLS, official, o.User(topology.Admin), o.Node(topology.KindPeer).TLS(), n.TLS()} {
		require.ErrorContains(t, health(&pair), "tls: ", pair.Cert)
	}
	plain, err := http.Get("http://" + n.OperationsAddress() + "/healthz")
	require.NoError(t, err)
	require.NoError(t, plain.Body.Close())
	require.Equal(t, http.StatusBadRequest, plain.StatusCode)
}

// TestOfficialsKeyMakesNoOtherKey: with the key of an official, nobody registers an identity or gets a certificate of another
// authority; what the own authority gives is for no port of a node.
func TestOfficialsKeyMakesNoOtherKey(t *testing.T) {
	top, n := authorities(t)
	require.NoError(t, EnrolAll(top, n.Organisation))
	o := n.Organisation
	for _, user := range []string{"finance-approver", "finance-registrar", topology.GatewayUser, topology.Admin} {
		thief := loadCaller(t, o.User(user))
		for _, name := range []string{identityCA(o), tlsCA(o), operationsCA(o)} {
			status, text := thief.ask(t, n, "/register", map[string]any{"id": "mallory", "type": "client", "caname": name})
			require.Contains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, status, "%s at %s: %s", user, name, text)
		}
		for _, name := range []string{tlsCA(o), operationsCA(o)} {
			for _, profile := range []string{"", "tls", "ca"} {
				status, text := thief.ask(t, n, "/reenroll", map[string]any{
					"certificate_request": request(t, user), "profile": profile, "caname": name,
				})
				require.Equal(t, http.StatusUnauthorized, status, "%s at %s: %s", user, name, text)
			}
		}
		status, text := thief.ask(t, n, "/reenroll", map[string]any{
			"certificate_request": request(t, user), "profile": "ca", "caname": identityCA(o),
		})
		require.NotEqual(t, http.StatusCreated, status, "%s is no authority: %s", user, text)
		status, text = thief.ask(t, n, "/reenroll", map[string]any{
			"certificate_request": request(t, user), "profile": "tls", "caname": identityCA(o),
		})
		require.Equal(t, http.StatusCreated, status, "a valid certificate may be renewed: %s", text)
		var answer struct{ Result struct{ Cert string } }
		require.NoError(t, json.Unmarshal([]byte(text), &answer))
		der, err := base64.StdEncoding.DecodeString(answer.Result.Cert)
		require.NoError(t, err)
		block, _ := pem.Decode(der)
		cert, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		require.Empty(t, cert.ExtKeyUsage, "neither a server nor a client of TLS")
		for _, root := range []string{o.TLSRoot(), o.OperationsRoot()} {
			require.Error(t, cert.CheckSignatureFrom(certificate(t, root)))
		}
	}
}

// caller speaks the authorities' protocol with an identity's key.
type caller struct {
	cert []byte
	key  *ecdsa.PrivateKey
}

func loadCaller(t *testing.T, pair topology.KeyPair) caller {
	t.Helper()
	cert, err := os.ReadFile(pair.Cert)
	require.NoError(t, err)
	text, err := os.ReadFile(pair.Key)
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	return caller{cert, key.(*ecdsa.PrivateKey)}
}

// ask posts a request with fabric-ca's token.
func (c caller) ask(t *testing.T, n *topology.Node, path string, body map[string]any) (int, string) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return c.send(t, n, n.Organisation.CAOperator(), http.MethodPost, path, text)
}

// send sends a request with fabric-ca's token, the certificate and a signature over the request and the certificate, through the
// port that answers the holders of two TLS certificates alone.
func (c caller) send(t *testing.T, n *topology.Node, port topology.KeyPair, method, path string, text []byte) (int, string) {
	t.Helper()
	b64 := base64.StdEncoding.EncodeToString
	sum := sha256.Sum256([]byte(method + "." + b64([]byte(path)) + "." + b64(text) + "." + b64(c.cert)))
	r, s, err := ecdsa.Sign(rand.Reader, c.key, sum[:])
	require.NoError(t, err)
	if half := new(big.Int).Rsh(c.key.Params().N, 1); s.Cmp(half) > 0 {
		s.Sub(c.key.Params().N, s)
	}
	signature, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	require.NoError(t, err)
	post, err := http.NewRequestWithContext(t.Context(), method, caURL(n)+path, bytes.NewReader(text))
	require.NoError(t, err)
	post.Header.Set("Authorization", b64(c.cert)+"."+b64(signature))
	answer, err := https(t, n, &port).Do(post)
	require.NoError(t, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(said)
}

// request asks for a certificate of a new key for a name.
func request(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}
