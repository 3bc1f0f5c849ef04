package clientcert

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

// authority is a certificate authority of a test, with its files.
type authority struct {
	cert             *x509.Certificate
	key              *ecdsa.PrivateKey
	caFile, listFile string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	dir := t.TempDir()
	a := &authority{caFile: filepath.Join(dir, "ca.pem"), listFile: filepath.Join(dir, "ca.crl")}
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "systems"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{7},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	a.list(t, noon.AddDate(0, 0, 7))
	return a
}

// list writes a revocation list.
func (a *authority) list(t *testing.T, until time.Time, serials ...int64) {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon.AddDate(0, 0, -1), NextUpdate: until}
	for _, n := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(n), RevocationTime: noon.AddDate(0, 0, -1)})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.cert, a.key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.listFile, der, 0o600))
}

// connection is one of a system with a certificate, as TLS has verified it.
func (a *authority) connection(t *testing.T, serial int64, commonName string, hosts ...string) *tls.ConnectionState {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: commonName}, DNSNames: hosts, NotBefore: noon.AddDate(0, -1, 0),
		NotAfter: noon.AddDate(0, 1, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{leaf, a.cert}}}
}

func TestASystemIsKnownByItsCertificate(t *testing.T) {
	a := newAuthority(t)
	now := noon
	systems, err := New(Options{
		CAFile: a.caFile, CRLFile: a.listFile, Systems: map[string]string{"payroll.civil.example": "civil-payroll", "old": "civil-old"},
		Now: func() time.Time { return now },
	})
	require.NoError(t, err)
	payroll := a.connection(t, 5, "anything", "payroll.civil.example")
	principal, err := systems.Principal(payroll)
	require.NoError(t, err)
	require.Equal(t, "civil-payroll", principal)
	principal, err = systems.Principal(a.connection(t, 6, "old"))
	require.NoError(t, err)
	require.Equal(t, "civil-old", principal)
	require.False(t, systems.Ending())

	long := a.connection(t, 7, "old")
	long.VerifiedChains[0] = append(long.VerifiedChains[0], a.cert)
	for name, state := range map[string]*tls.ConnectionState{
		"no TLS": nil, "no certificate": {}, "another name": a.connection(t, 8, "other"), "no name": a.connection(t, 9, ""),
		"two names":                             a.connection(t, 10, "old", "payroll.civil.example", "old"),
		"a common name beside another host":     a.connection(t, 11, "old", "other.example"),
		"an authority under the authority":      long,
		"a certificate that TLS did not verify": {PeerCertificates: payroll.VerifiedChains[0]},
	} {
		_, err := systems.Principal(state)
		require.ErrorIs(t, err, ErrCertificate, name)
	}

	// The list is followed; one that cannot be used leaves the one before in force.
	a.list(t, noon.AddDate(0, 0, 6), 5)
	systems.look()
	_, err = systems.Principal(payroll)
	require.ErrorContains(t, err, "revoked")
	require.NoError(t, os.WriteFile(a.listFile, []byte("no list"), 0o600))
	systems.look()
	require.True(t, systems.Ending())
	_, err = systems.Principal(payroll)
	require.ErrorContains(t, err, "revoked")
	another := newAuthority(t)
	another.listFile = a.listFile
	another.list(t, noon.AddDate(0, 0, 7))
	systems.look()
	_, err = systems.Principal(payroll)
	require.ErrorContains(t, err, "revoked", "the list of another authority")

	now = noon.AddDate(0, 0, 6).Add(time.Second)
	_, err = systems.Principal(a.connection(t, 6, "old"))
	require.ErrorContains(t, err, "out of date")
	a.list(t, noon.AddDate(1, 0, 0))
	systems.look()
	_, err = systems.Principal(payroll)
	require.NoError(t, err, "taken back from the list")
	now = noon.AddDate(0, 1, 1)
	_, err = systems.Principal(payroll)
	require.ErrorContains(t, err, "expired", "a connection that has lasted longer than its certificate")
}

func TestFilesThatAreRefused(t *testing.T) {
	a := newAuthority(t)
	good, err := os.ReadFile(a.caFile)
	require.NoError(t, err)
	for name, o := range map[string]Options{
		"no authority": {CAFile: a.listFile, CRLFile: a.listFile}, "no list": {CAFile: a.caFile, CRLFile: a.caFile},
		"no file": {CAFile: a.caFile, CRLFile: a.caFile + ".none"},
	} {
		_, err := New(o)
		require.Error(t, err, name)
	}
	require.NoError(t, os.WriteFile(a.caFile, append(good, good...), 0o600))
	_, err = New(Options{CAFile: a.caFile, CRLFile: a.listFile})
	require.ErrorContains(t, err, "must hold one certificate")
}
