package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// one is a world with civil affairs' gateway alone, which a test starts and stops itself.
func one(t *testing.T) (*world, *config.Config) {
	t.Helper()
	w := &world{t: t, network: ledgertest.New(t), gateway: map[string]string{}, log: &buffer{}}
	cfg := testConfig(t, "CivilAffairsMSP", principals["CivilAffairsMSP"])
	return w, cfg
}

// start runs the gateway; what it answers stops it.
func (w *world) start(cfg *config.Config) (stop func() error) {
	w.t.Helper()
	a, err := app.Open(cfg, w.network.Gateway(cfg.Organisation), app.NewLogger(w.log, cfg.Log), "test")
	require.NoError(w.t, err)
	for _, p := range cfg.Principals {
		w.gateway[p.Name] = a.URL()
	}
	if w.checked == nil && !cfg.TLS.Enabled() {
		defer func() {
			w.checked = openAPI(w.t, a.URL())
			w.awaitIndex(a.URL())
		}()
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return func() error {
		cancel()
		err := <-ended
		require.NoError(w.t, a.Close())
		return err
	}
}

func programme() object {
	return object{
		"id": "dibao", "version": 1, "name": "最低生活保障", "region": "530181", "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "import_until": "2027-12-31", "notice_days": 7, "pay_by_day": 10,
		"recheck_months": object{"A": 12, "B": 12, "C": 6}, "required_evidence": []string{"home-visit"},
		"budget": object{"functional": "2081901", "economic": "50901"},
	}
}

func TestKeysOutliveARestart(t *testing.T) {
	w, cfg := one(t)
	draft := call{"POST", "/v1/programmes", programme(), map[string]string{"Idempotency-Key": "draft"}}
	stop := w.start(cfg)
	first := w.must(201, "civil-preparer", draft)
	require.NoError(t, stop())

	stop = w.start(cfg)
	before := w.height()
	again := w.must(201, "civil-preparer", draft)
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
	require.Equal(t, first.Header.Get("X-Transaction-Id"), again.Header.Get("X-Transaction-Id"))
	require.JSONEq(t, string(first.body), string(again.body))
	require.Equal(t, before, w.height())
	require.NoError(t, stop())
}

func TestUnknownCommitIsAcceptedAndFoundLater(t *testing.T) {
	w, cfg := one(t)
	cfg.Timeouts.Endorse, cfg.Timeouts.Submit, cfg.Timeouts.Status = 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond
	var silent atomic.Bool
	silent.Store(true)
	w.network.OnStatus = func(string) ledgertest.Fault {
		if silent.Load() {
			return ledgertest.NoAnswer
		}
		return ledgertest.None
	}
	w.network.OnSubmit = func(string) ledgertest.Fault {
		if silent.Load() {
			return ledgertest.LoseIt
		}
		return ledgertest.None
	}
	stop := w.start(cfg)
	draft := call{"POST", "/v1/programmes", programme(), map[string]string{"Idempotency-Key": "draft"}}
	a := w.must(202, "civil-preparer", draft)
	tx := a.Header.Get("X-Transaction-Id")
	require.Equal(t, "/v1/transactions/"+tx, a.Header.Get("Location"))
	var status struct{ State string }
	w.get("civil-preparer", a.Header.Get("Location"), &status)
	require.Equal(t, "pending", status.State)

	silent.Store(false)
	require.Eventually(t, func() bool {
		w.get("civil-preparer", a.Header.Get("Location"), &status)
		return status.State == "committed"
	}, 20*time.Second, 20*time.Millisecond, "the gateway sends the same bytes again")
	again := w.must(201, "civil-preparer", draft)
	require.Equal(t, tx, again.Header.Get("X-Transaction-Id"), "and nothing is done twice")
	require.NoError(t, stop())
}

func TestStoppingFinishesWhatIsBeingAnswered(t *testing.T) {
	w, cfg := one(t)
	entered, release := make(chan struct{}), make(chan struct{})
	w.network.OnSubmit = func(string) ledgertest.Fault {
		close(entered)
		<-release
		return ledgertest.None
	}
	stop := w.start(cfg)
	status, stopped := make(chan int, 1), make(chan error, 1)
	go func() {
		a := w.do("civil-preparer", call{method: "POST", path: "/v1/programmes", body: programme()})
		status <- a.StatusCode
	}()
	<-entered
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool {
		resp, err := http.Get(w.gateway["civil-preparer"] + "/healthz")
		if err == nil {
			_ = resp.Body.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond, "nobody new is let in")
	close(release)
	require.Equal(t, http.StatusCreated, <-status)
	require.NoError(t, <-stopped)
}

func TestPortThatIsTakenIsToldAtTheStart(t *testing.T) {
	w, cfg := one(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	cfg.Listen = taken.Addr().String()
	_, err = app.Open(cfg, w.network.Gateway(cfg.Organisation), app.NewLogger(w.log, cfg.Log), "test")
	require.ErrorContains(t, err, cfg.Listen)
}

func TestTLS(t *testing.T) {
	w, cfg := one(t)
	var roots *x509.CertPool
	cfg.TLS.CertFile, cfg.TLS.KeyFile, roots = selfSigned(t)
	stop := w.start(cfg)
	require.Contains(t, w.gateway["civil-preparer"], "https://")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(w.gateway["civil-preparer"] + "/healthz")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NoError(t, stop())
}

func TestCheckNamesEveryFileThatIsWrong(t *testing.T) {
	_, cfg := one(t)
	cert, key, _ := selfSigned(t)
	for i := range cfg.Principals {
		cfg.Principals[i].CertFile, cfg.Principals[i].KeyFile = cert, key
	}
	cfg.Service, cfg.Ledger.TLSCAFile = config.KeyPair{CertFile: cert, KeyFile: key}, cert
	cfg.Ledger.TLSCertFile, cfg.Ledger.TLSKeyFile = cert, key
	require.NoError(t, app.Check(cfg))

	_, other, _ := selfSigned(t)
	cfg.Principals[1].KeyFile = other
	cfg.Service.CertFile = filepath.Join(t.TempDir(), "none.pem")
	cfg.Ledger.TLSCAFile, cfg.Ledger.TLSKeyFile = key, other
	err := app.Check(cfg)
	for _, want := range []string{"principal civil-approver", "service", "none.pem", "ledger.tls_ca_file", "ledger.tls_cert_file"} {
		require.ErrorContains(t, err, want)
	}
}

// selfSigned makes a certificate for this machine: its files, and the pool that trusts it.
func selfSigned(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	roots = x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(certPEM))
	return certFile, keyFile, roots
}
