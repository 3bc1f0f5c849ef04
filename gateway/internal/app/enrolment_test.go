package app_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/gateway/internal/config"
	"relieftrail/network/testbed/signin"
)

// registration is a door over TLS that certifies whom the test invites (the whole-system test has the real one).
type registration struct {
	t       *testing.T
	mu      sync.Mutex
	to      age.Recipient
	invited string
	asked   int
	term    time.Duration // of the certificates
}

func (r *registration) invite(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.invited = name
}

func (r *registration) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *registration) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	name := strings.Split(q.URL.Path, "/")[3]
	if name != r.invited {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if q.Method == http.MethodGet {
		var sealed bytes.Buffer
		writer, err := age.Encrypt(&sealed, r.to)
		require.NoError(r.t, err)
		require.NoError(r.t, json.NewEncoder(writer).Encode(object{"name": name, "secret": "secret"}))
		require.NoError(r.t, writer.Close())
		_ = json.NewEncoder(w).Encode(object{"sealed": sealed.Bytes()})
		return
	}
	r.invited = ""
	var asked struct{ Request string }
	require.NoError(r.t, json.NewDecoder(q.Body).Decode(&asked))
	block, _ := pem.Decode([]byte(asked.Request))
	request, err := x509.ParseCertificateRequest(block.Bytes)
	require.NoError(r.t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(r.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(r.asked)), Subject: request.Subject, NotAfter: time.Now().Add(r.term)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, request.PublicKey, key)
	require.NoError(r.t, err)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(object{"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))})
}

// withEnrolment is civil affairs' gateway where li-wei may enrol, who is not registered yet.
func withEnrolment(t *testing.T, change ...func(*config.Config)) (w *world, cfg *config.Config, r *registration) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	r = &registration{t: t, to: key.Recipient(), term: 100 * 24 * time.Hour}
	server := httptest.NewTLSServer(r)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ca, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "officials.key")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, []byte(key.String()+"\n"), 0o600))
	w, cfg, _ = withProvider(t, append(change, func(c *config.Config) {
		c.Enrolment = config.Enrolment{URL: server.URL, KeyFile: keyFile, CAFile: ca}
	})...)
	w.network.Newcomers = map[string]*fakeledger.Identity{"li-wei": fakeledger.Official(fakeledger.CivilAffairs, "li-wei", "preparer", "530181")}
	return w, cfg, r
}

func TestAnOfficialEnrolsAtTheFirstSignIn(t *testing.T) {
	w, cfg, r := withEnrolment(t)
	gateway := cfg.Sessions.URL
	comes := func() string {
		return signin.NewBrowser(t, gateway).SignIn("li-wei", signin.Password("li-wei")).Request.URL.Path
	}
	r.invite("li-wei")
	require.Equal(t, "/problems/forbidden", comes())
	require.Zero(t, r.times(), "whom the ledger does not have is not asked about")
	r.invite("")

	require.NoError(t, w.network.Ledger.Register(w.network.Newcomers["li-wei"], "mz7001"))
	require.Eventually(t, func() bool { return comes() == "/problems/forbidden" && r.times() > 0 }, waitLong, waitTick)
	require.Contains(t, w.log.String(), "the official is not invited")

	r.invite("li-wei")
	b := signin.NewBrowser(t, gateway)
	require.Equal(t, "/gateway", b.SignIn("li-wei", signin.Password("li-wei")).Request.URL.Path, w.log)
	s, _ := b.Session()
	require.Equal(t, "li-wei", s.Official)
	require.Equal(t, http.StatusOK, b.Open(gateway+"/v1/me").StatusCode)
	before := r.times()
	require.Equal(t, "/gateway", comes())
	require.Equal(t, before, r.times(), "the kept key is good for the next time")

	_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Retire",
		[]string{`{"agency":"CivilAffairsMSP","name":"li-wei","reason":"moved"}`}, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, status := b.Session()
		return status == http.StatusUnauthorized && strings.Contains(w.log.String(), "the key of a retired official was deleted")
	}, waitLong, waitTick)
	r.invite("li-wei")
	before = r.times()
	require.Equal(t, "/problems/access-ended", comes())
	require.Equal(t, before, r.times(), "nobody enrols again who is retired")
}

func TestACertificateThatEndsIsRenewedByAnInvitation(t *testing.T) {
	w, cfg, r := withEnrolment(t)
	gateway := cfg.Sessions.URL
	require.NoError(t, w.network.Ledger.Register(w.network.Newcomers["li-wei"], "mz7001"))
	r.term = 24 * time.Hour
	r.invite("li-wei")
	comes := func() bool {
		return signin.NewBrowser(t, gateway).SignIn("li-wei", signin.Password("li-wei")).Request.URL.Path == "/gateway"
	}
	require.Eventually(t, comes, waitLong, waitTick)
	require.True(t, comes(), "without an invitation there is time yet")
	require.Equal(t, 1, strings.Count(w.log.String(), "an official has enrolled"))
	r.mu.Lock()
	r.term = 100 * 24 * time.Hour
	r.mu.Unlock()
	r.invite("li-wei")
	require.True(t, comes())
	require.Equal(t, 2, strings.Count(w.log.String(), "an official has enrolled"))
	before := r.times()
	require.True(t, comes())
	require.Equal(t, before, r.times())
}

// TestTheStaffNumberDecidesWhoEnrols: whoever has taken over a user name at the provider does not use the invitation up.
func TestTheStaffNumberDecidesWhoEnrols(t *testing.T) {
	w, cfg, r := withEnrolment(t, func(c *config.Config) { c.OIDC.NumberClaim = "sub" })
	require.NoError(t, w.network.Ledger.Register(w.network.Newcomers["li-wei"], "another"))
	w.awaitIndex(cfg.Sessions.URL)
	r.invite("li-wei")
	require.Eventually(t, func() bool {
		return signin.NewBrowser(t, cfg.Sessions.URL).SignIn("li-wei", signin.Password("li-wei")).Request.URL.Path == "/problems/sign-in-refused"
	}, waitLong, waitTick, w.log)
	require.Zero(t, r.times())
}

// TestAPrincipalOfTheSettingsDoesNotEnrol: what the operator has put into the settings holds.
func TestAPrincipalOfTheSettingsDoesNotEnrol(t *testing.T) {
	_, cfg, r := withEnrolment(t)
	r.invite("civil-preparer")
	require.Equal(t, "/gateway", signin.NewBrowser(t, cfg.Sessions.URL).SignIn("civil-preparer", signin.Password("civil-preparer")).Request.URL.Path)
	require.Zero(t, r.times())
}
