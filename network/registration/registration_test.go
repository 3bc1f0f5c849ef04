package registration

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

// bench is a door before an authority that takes each name's one secret once, as fabric-ca does (the real one is in
// network/fabric/ca's tests).
type bench struct {
	*Server
	t      *testing.T
	log    bytes.Buffer
	now    time.Time
	key    *age.X25519Identity
	secret map[string]string
	asked  int
	away   bool
}

func newBench(t *testing.T) *bench {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	b := &bench{t: t, now: noon, key: key, secret: map[string]string{}}
	var mu sync.Mutex
	root, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b.asked++
		name, password, _ := r.BasicAuth()
		switch {
		case b.away:
			w.WriteHeader(http.StatusInternalServerError)
			return
		case b.secret[name] == "" || b.secret[name] != password || r.URL.Path != "/api/v1/enroll":
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		delete(b.secret, name)
		var asked map[string]string
		if json.NewDecoder(r.Body).Decode(&asked) != nil || len(asked) != 2 || asked["caname"] != "ca-civil" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		block, _ := pem.Decode([]byte(asked["certificate_request"]))
		request, _ := x509.ParseCertificateRequest(block.Bytes)
		template := &x509.Certificate{SerialNumber: big.NewInt(int64(b.asked)), Subject: request.Subject, NotAfter: noon.AddDate(0, 6, 0)}
		der, _ := x509.CreateCertificate(rand.Reader, template, template, request.PublicKey, root)
		cert := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]string{"Cert": cert}})
	}))
	t.Cleanup(authority.Close)
	b.Server = &Server{
		Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(&b.log, nil)), Now: func() time.Time { return b.now },
		Authority: Authority{URL: authority.URL, Name: "ca-civil", Client: authority.Client()},
	}
	return b
}

// invite lets a name in with a secret, for a day.
func (b *bench) invite(name, password string) {
	b.t.Helper()
	b.secret[name] = password
	i, err := Seal(b.key.Recipient(), name, password, b.now.AddDate(0, 0, 1))
	require.NoError(b.t, err)
	require.NoError(b.t, Put(b.Dir, name, i))
}

func (b *bench) send(method, path, body string) (status int, answer map[string]string) {
	b.t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body)))
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, answer
}

func (b *bench) certify(name, password, request string) (status int, answer map[string]string) {
	b.t.Helper()
	body, err := json.Marshal(asked{password, request})
	require.NoError(b.t, err)
	return b.send(http.MethodPost, "/v1/officials/"+name+"/certificate", string(body))
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func requestFor(t testing.TB, key crypto.Signer, template x509.CertificateRequest) string {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &template, key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func named(name string) x509.CertificateRequest {
	return x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}
}

func TestAnInvitationGetsOneCertificate(t *testing.T) {
	b := newBench(t)
	b.invite("li-wei", "secret one")
	status, _ := b.send(http.MethodGet, "/v1/officials/li-wei/invitation", "")
	require.Equal(t, http.StatusOK, status)
	request := requestFor(t, newKey(t), named("li-wei"))

	status, _ = b.certify("li-wei", "", request)
	require.Equal(t, http.StatusForbidden, status, "without the secret")
	require.Zero(t, b.asked)
	status, _ = b.certify("li-wei", "another", request)
	require.Equal(t, http.StatusForbidden, status, "with another secret")
	require.Zero(t, b.asked, "a wrong one is not tried at the authority, which would lock the name")
	status, first := b.certify("li-wei", "secret one", request)
	require.Equal(t, http.StatusCreated, status)

	status, again := b.certify("li-wei", "", request)
	require.Equal(t, http.StatusOK, status, "an answer that was lost is given again to who has the key")
	require.Equal(t, first, again)
	status, _ = b.certify("li-wei", "secret one", requestFor(t, newKey(t), named("li-wei")))
	require.Equal(t, http.StatusNotFound, status, "another key gets none")
	status, _ = b.send(http.MethodGet, "/v1/officials/li-wei/invitation", "")
	require.Equal(t, http.StatusNotFound, status)
	require.NotContains(t, b.log.String(), "secret one")
}

func TestWhoIsNotInvitedIsNotLetIn(t *testing.T) {
	b := newBench(t)
	b.secret["zhao-min"] = "right" // registered with the authority, as a node is, and not invited here
	request := func(name string) string { return requestFor(t, newKey(t), named(name)) }
	status, _ := b.certify("zhao-min", "right", request("zhao-min"))
	require.Equal(t, http.StatusNotFound, status)

	b.invite("li-wei", "secret")
	status, _ = b.certify("zhao-min", "secret", request("zhao-min"))
	require.Equal(t, http.StatusNotFound, status, "with another's secret")
	b.invite("zhao-min", "other")
	status, _ = b.certify("zhao-min", "secret", request("zhao-min"))
	require.Equal(t, http.StatusForbidden, status, "with another's secret, though invited")
	status, _ = b.certify("zhao-min", "other", request("li-wei"))
	require.Equal(t, http.StatusBadRequest, status, "for another's name")

	require.NoError(t, Withdraw(b.Dir, "li-wei"))
	require.NoError(t, Withdraw(b.Dir, "li-wei"))
	status, _ = b.certify("li-wei", "secret", request("li-wei"))
	require.Equal(t, http.StatusNotFound, status, "withdrawn")
	b.now = noon.AddDate(0, 0, 1)
	status, _ = b.certify("zhao-min", "other", request("zhao-min"))
	require.Equal(t, http.StatusNotFound, status, "ended")
	status, _ = b.send(http.MethodGet, "/v1/officials/zhao-min/invitation", "")
	require.Equal(t, http.StatusNotFound, status)
}

func TestTwoAtOnceGetOneCertificate(t *testing.T) {
	b := newBench(t)
	b.invite("li-wei", "secret")
	requests := []string{requestFor(t, newKey(t), named("li-wei")), requestFor(t, newKey(t), named("li-wei"))}
	status := make([]int, len(requests))
	var group sync.WaitGroup
	for i := range requests {
		group.Go(func() { status[i], _ = b.certify("li-wei", "secret", requests[i]) })
	}
	group.Wait()
	require.ElementsMatch(t, []int{http.StatusCreated, http.StatusNotFound}, status)
	require.Equal(t, 1, b.asked)
}

func TestNothingElseIsLetThrough(t *testing.T) {
	b := newBench(t)
	b.invite("li-wei", "secret")
	for _, path := range []string{
		"/", "/api/v1/enroll", "/api/v1/reenroll", "/api/v1/register", "/api/v1/certificates", "/api/v1/identities", "/cainfo", "/reenroll",
		"/v1/officials/li-wei/certificate/../../../../api/v1/reenroll", "/v1/officials/LI-WEI/certificate", "/v1/officials/%2e%2e/certificate", "/v1/officials/a%2fb/certificate",
	} {
		status, _ := b.send(http.MethodPost, path, "{}")
		require.Contains(t, []int{http.StatusNotFound, http.StatusTemporaryRedirect, http.StatusMovedPermanently}, status, path)
	}
	status, _ := b.send(http.MethodGet, "/v1/officials/li-wei/certificate", "")
	require.Equal(t, http.StatusMethodNotAllowed, status)
	require.Zero(t, b.asked)
}

func TestBadRequests(t *testing.T) {
	b := newBench(t)
	b.invite("li-wei", "secret")
	key := newKey(t)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	good := requestFor(t, key, named("li-wei"))
	withName := named("li-wei")
	withName.DNSNames = []string{"civil-affairs"}
	withUnit := named("li-wei")
	withUnit.Subject.OrganizationalUnit = []string{"admin"}
	isCA := named("li-wei")
	isCA.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 19}, Value: []byte{0x30, 3, 1, 1, 0xff}}}
	block, _ := pem.Decode([]byte(good))
	block.Bytes[len(block.Bytes)-1] ^= 1
	for name, request := range map[string]string{
		"empty": "", "no PEM": "request", "two": good + good, "a certificate": strings.ReplaceAll(good, "CERTIFICATE REQUEST", "CERTIFICATE"),
		"not PKCS #10":      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
		"signed by another": string(pem.EncodeToMemory(block)), "Ed25519": requestFor(t, ed, named("li-wei")), "P-384": requestFor(t, p384, named("li-wei")),
		"another's name": requestFor(t, key, named("zhao-min")), "no name": requestFor(t, key, named("")), "a host": requestFor(t, key, withName),
		"a unit": requestFor(t, key, withUnit), "an authority": requestFor(t, key, isCA),
	} {
		status, answer := b.certify("li-wei", "secret", request)
		require.Equal(t, http.StatusBadRequest, status, name)
		require.NotEmpty(t, answer["error"], name)
	}
	for _, body := range []string{"", "null{", `{"secret":1}`, `{"secret":"` + strings.Repeat("x", maxBody) + `"}`} {
		status, _ := b.send(http.MethodPost, "/v1/officials/li-wei/certificate", body)
		require.Equal(t, http.StatusBadRequest, status)
	}
	require.Zero(t, b.asked)
}

func TestAnAuthorityThatIsAway(t *testing.T) {
	b := newBench(t)
	b.invite("li-wei", "secret")
	b.away = true
	request := requestFor(t, newKey(t), named("li-wei"))
	status, answer := b.certify("li-wei", "secret", request)
	require.Equal(t, http.StatusBadGateway, status)
	require.NotContains(t, answer["error"], "127.0.0.1", "the gateway learns nothing of the authority's place")
	b.away = false
	status, _ = b.certify("li-wei", "secret", request)
	require.Equal(t, http.StatusCreated, status, "the invitation counts still")

	require.NoError(t, os.WriteFile(invitationFile(b.Dir, "li-wei"), []byte("half a fi"), 0o600))
	status, _ = b.send(http.MethodGet, "/v1/officials/li-wei/invitation", "")
	require.Equal(t, http.StatusBadGateway, status)
}

func TestASealedSecretIsForOneKeyAndOneName(t *testing.T) {
	b := newBench(t)
	i, err := Seal(b.key.Recipient(), "li-wei", "secret", noon)
	require.NoError(t, err)
	require.NotContains(t, string(i.Sealed), "secret")
	r, err := age.Decrypt(bytes.NewReader(i.Sealed), b.key)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"li-wei","secret":"secret"}`, string(text))
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	_, err = age.Decrypt(bytes.NewReader(i.Sealed), other)
	require.Error(t, err)
}

// TestTheDoorOpensToTheGateway: of all certificates under the agency's root of TLS, to that in the gateway's name alone.
func TestTheDoorOpensToTheGateway(t *testing.T) {
	rootKey := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, rootKey.Public(), rootKey)
	require.NoError(t, err)
	root, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(root)
	issue := func(name string, by *x509.Certificate, byKey *ecdsa.PrivateKey) tls.Certificate {
		key := newKey(t)
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"door"},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		}
		if by == nil {
			by, byKey = leaf, key
		}
		der, err := x509.CreateCertificate(rand.Reader, leaf, by, key.Public(), byKey)
		require.NoError(t, err)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	door := httptest.NewUnstartedServer(http.NotFoundHandler())
	door.TLS = ServerTLS(issue("ra", root, rootKey), pool, "gateway")
	door.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	door.StartTLS()
	defer door.Close()
	ask := func(shown ...tls.Certificate) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "door", Certificates: shown}}
		defer transport.CloseIdleConnections()
		answer, err := (&http.Client{Transport: transport}).Get(door.URL)
		if err == nil {
			err = answer.Body.Close()
		}
		return err
	}
	require.NoError(t, ask(issue("gateway", root, rootKey)))
	require.Error(t, ask())
	for _, name := range []string{"peer", "operator", "Gateway", ""} {
		require.Error(t, ask(issue(name, root, rootKey)), name)
	}
	require.Error(t, ask(issue("gateway", nil, nil)), "one that signs itself")
}

func FuzzReadRequest(f *testing.F) {
	f.Add(requestFor(f, newKey(f), named("li-wei")))
	f.Add("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		request, err := readRequest(text, "li-wei")
		if err == nil {
			require.Equal(t, "li-wei", request.Subject.CommonName)
			require.Empty(t, request.Extensions)
		}
	})
}
