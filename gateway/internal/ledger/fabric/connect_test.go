package fabric

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
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

func newTestSigner(t *testing.T) (*signer, error) {
	t.Helper()
	id := files(t)
	l, err := Connect(Config{
		Endpoint: "127.0.0.1:1", TLSCAFile: id.CertFile, Channel: "relief", Chaincode: "relief",
		Identities: map[string]Identity{"civil-preparer": id}, Service: "civil-preparer", Endorse: time.Second, Submit: time.Second,
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.signer("civil-preparer")
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	id := files(t)
	good := Config{Endpoint: "127.0.0.1:1", TLSCAFile: id.CertFile, Identities: map[string]Identity{"a": id}, Service: "a"}
	for want, change := range map[string]func(*Config){
		"TLS CA":                  func(c *Config) { c.TLSCAFile = "nowhere" },
		"must hold a certificate": func(c *Config) { c.TLSCAFile = id.KeyFile },
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
