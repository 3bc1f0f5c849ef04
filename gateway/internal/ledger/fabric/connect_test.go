package fabric

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
)

// files writes an identity of civil affairs as enrolment does, and a CA that is the same certificate.
func files(t *testing.T) Identity {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	id := Identity{"CivilAffairsMSP", filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	require.NoError(t, os.WriteFile(id.CertFile, []byte(fakeledger.Official("CivilAffairsMSP", "civil-preparer", "preparer", "530181").PEM()), 0o600))
	require.NoError(t, os.WriteFile(id.KeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return id
}

// withTLS completes a configuration with a TLS certificate, which signs itself.
func withTLS(t *testing.T, c Config) Config {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	c.TLSCertFile, c.TLSKeyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(c.TLSCertFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	require.NoError(t, os.WriteFile(c.TLSKeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return c
}

func newTestSigner(t *testing.T) (*signer, error) {
	t.Helper()
	id := files(t)
	l, err := Connect(withTLS(t, Config{
		Endpoint: "127.0.0.1:1", TLSCAFile: id.CertFile, Channel: "relief", Chaincode: "relief",
		Identities: map[string]Identity{"civil-preparer": id}, Service: "civil-preparer", Endorse: time.Second, Submit: time.Second,
	}))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.signer("civil-preparer")
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	id := files(t)
	good := withTLS(t, Config{
		Endpoint: "127.0.0.1:1", TLSCAFile: id.CertFile, Identities: map[string]Identity{"a": id}, Service: "a",
	})
	for want, change := range map[string]func(*Config){
		"TLS CA":                  func(c *Config) { c.TLSCAFile = "nowhere" },
		"must hold a certificate": func(c *Config) { c.TLSCAFile = id.KeyFile },
		"TLS certificate":         func(c *Config) { c.TLSKeyFile = id.KeyFile },
		"service identity":        func(c *Config) { c.Service = "b" },
		"private key":             func(c *Config) { c.Identities = map[string]Identity{"a": {id.MSPID, id.CertFile, id.CertFile}} },
		"identity of a":           func(c *Config) { c.Identities = map[string]Identity{"a": {id.MSPID, "nowhere", id.KeyFile}} },
	} {
		c := good
		change(&c)
		_, err := Connect(c)
		require.ErrorContains(t, err, want)
	}
	l, err := Connect(good)
	require.NoError(t, err, "the peer need not be there yet")
	_, err = l.signer("nobody")
	require.ErrorContains(t, err, "nobody")
	require.NoError(t, l.Close())
}

// TestAnIdentityIsAddedWhileTheGatewayRuns: of an official who enrols; none of the configuration is replaced so.
func TestAnIdentityIsAddedWhileTheGatewayRuns(t *testing.T) {
	id := files(t)
	l, err := Connect(withTLS(t, Config{Endpoint: "127.0.0.1:1", TLSCAFile: id.CertFile, Identities: map[string]Identity{"a": id}, Service: "a"}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	tls := withTLS(t, Config{})
	read := func(file string) []byte {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return text
	}
	cert, key := read(tls.TLSCertFile), read(tls.TLSKeyFile)
	_, known := l.Identity("li-wei")
	require.False(t, known)
	require.ErrorContains(t, l.Enrol("a", "CivilAffairsMSP", cert, key), "in the configuration")
	require.Error(t, l.Enrol("li-wei", "CivilAffairsMSP", cert, read(id.KeyFile)), "another's key")
	require.NoError(t, l.Enrol("li-wei", "CivilAffairsMSP", cert, key))
	found, known := l.Identity("li-wei")
	require.True(t, known)
	require.Equal(t, "CivilAffairsMSP", found.MSPID)
}
