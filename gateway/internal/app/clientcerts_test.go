package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
)

// systemsCA issues certificates of systems, and writes a revocation list.
type systemsCA struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newSystemsCA(t *testing.T) *systemsCA {
	t.Helper()
	ca := &systemsCA{t: t, dir: t.TempDir()}
	pair := ca.issue(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "systems"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{7},
	})
	var err error
	ca.cert, err = x509.ParseCertificate(pair.Certificate[0])
	require.NoError(t, err)
	ca.key = pair.PrivateKey.(*ecdsa.PrivateKey)
	require.NoError(t, os.WriteFile(ca.file("ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}), 0o600))
	ca.revoke()
	return ca
}

func (ca *systemsCA) file(name string) string { return filepath.Join(ca.dir, name) }

func (ca *systemsCA) issue(template *x509.Certificate) tls.Certificate {
	ca.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(ca.t, err)
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	issuer, signer := ca.cert, ca.key
	if issuer == nil {
		issuer, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	require.NoError(ca.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (ca *systemsCA) system(serial int64, name string) *tls.Certificate {
	pair := ca.issue(&x509.Certificate{
		SerialNumber: big.NewInt(serial), DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return &pair
}

func (ca *systemsCA) revoke(serials ...int64) {
	ca.t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().AddDate(0, 0, 7)}
	for _, n := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(n), RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, ca.cert, ca.key)
	require.NoError(ca.t, err)
	require.NoError(ca.t, os.WriteFile(ca.file("ca.crl"), der, 0o600))
}

// A system shows its certificate over TLS, and is known until its authority revokes it, on the same connection too.
func TestSystemsShowCertificates(t *testing.T) {
	w, cfg := one(t)
	ca, stranger := newSystemsCA(t), newSystemsCA(t)
	var roots *x509.CertPool
	cfg.TLS.CertFile, cfg.TLS.KeyFile, roots = selfSigned(t)
	cfg.ClientCertificates = config.ClientCertificates{
		CAFile: ca.file("ca.pem"), CRLFile: ca.file("ca.crl"),
		Systems: []config.CertificateSystem{{Name: "payroll.civil.example", Principal: "civil-preparer"}},
	}
	stop := w.start(cfg)
	defer func() { require.NoError(t, stop()) }()
	gateway := w.gateway["civil-preparer"]
	client := func(certificate *tls.Certificate) *http.Client {
		config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		if certificate != nil {
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return certificate, nil }
		}
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	ask := func(c *http.Client, header ...string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway+"/v1/me", http.NoBody)
		require.NoError(t, err)
		if len(header) == 2 {
			r.Header.Set(header[0], header[1])
		}
		response, err := c.Do(r)
		if err != nil {
			return 0 // TLS has refused
		}
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	payroll := client(ca.system(5, "payroll.civil.example"))
	require.Eventually(t, func() bool { return ask(payroll) == http.StatusOK }, waitLong, waitTick, "once the index has the officials")
	require.Equal(t, http.StatusForbidden, ask(payroll, "Sec-Fetch-Site", "cross-site"), "a browser that shows a certificate for another site's page")
	require.Equal(t, http.StatusUnauthorized, ask(client(nil)))
	require.Equal(t, http.StatusOK, ask(client(nil), "Authorization", "Bearer "+token("civil-approver")), "tokens go on working")
	require.Equal(t, http.StatusUnauthorized, ask(payroll, "Authorization", "Bearer x"), "a token that is shown is the one that counts")
	require.Equal(t, http.StatusUnauthorized, ask(client(ca.system(6, "other.civil.example"))), "a system that the settings do not name")
	require.Zero(t, ask(client(stranger.system(5, "payroll.civil.example"))), "another authority's")

	ca.revoke(5)
	require.Eventually(t, func() bool { return ask(payroll) == http.StatusUnauthorized }, waitLong, waitTick)
	require.NotContains(t, w.log.String(), "payroll.civil.example")
}
