// SPDX-License-Identifier: Apache-2.0

package service

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// testFiles makes a certificate for 127.0.0.1 that is its own authority.
func testFiles(t *testing.T) (cert, key string, pair tls.Certificate) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, b := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		t.Fatal(err)
	}
	return cert, key, pair
}

func TestConfigErrors(t *testing.T) {
	cert, key, _ := testFiles(t)
	good := map[string]string{
		"CHAINCODE_ID": "relief:1", "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0", "CHAINCODE_MSPID": "AuditMSP",
		"CHAINCODE_TLS_KEY_FILE": key, "CHAINCODE_TLS_CERT_FILE": cert, "CHAINCODE_TLS_CLIENT_CERT_FILE": cert,
	}
	for _, c := range []struct{ name, value, want string }{
		{"CHAINCODE_ID", "", "CHAINCODE_ID is not set"},
		{"CHAINCODE_MSPID", "", "CHAINCODE_MSPID is not set"},
		{"CHAINCODE_SERVER_ADDRESS", "", "CHAINCODE_SERVER_ADDRESS is not set"},
		{"CHAINCODE_SERVER_ADDRESS", "7052", "must be host:port"},
		{"CHAINCODE_SERVER_ADDRESS", "127.0.0.1:99999", "cannot listen on CHAINCODE_SERVER_ADDRESS"},
		{"CHAINCODE_TLS_KEY_FILE", "", "CHAINCODE_TLS_KEY_FILE is not set"},
		{"CHAINCODE_TLS_KEY_FILE", cert, "CHAINCODE_TLS_CERT_FILE and CHAINCODE_TLS_KEY_FILE"},
		{"CHAINCODE_TLS_CERT_FILE", "/nowhere", "CHAINCODE_TLS_CERT_FILE"},
		{"CHAINCODE_TLS_CLIENT_CERT_FILE", "", "CHAINCODE_TLS_CLIENT_CERT_FILE is not set"},
		{"CHAINCODE_TLS_CLIENT_CERT_FILE", key, "holds no certificate"},
		{"CHAINCODE_TLS_DISABLED", "yes", "must be true or false"},
		{"CHAINCODE_PROFILE_ADDRESS", "0.0.0.0:6060", "loopback"},
		{"CHAINCODE_PROFILE_ADDRESS", "6060", "host:port"},
	} {
		getenv := func(name string) string {
			if name == c.name {
				return c.value
			}
			return good[name]
		}
		err := Run(t.Context(), getenv, io.Discard, nothing)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s=%q: %v, want one line with %q", c.name, c.value, err, c.want)
		}
	}
	getenv := func(name string) string {
		return map[string]string{
			"CHAINCODE_ID": "relief:1", "CHAINCODE_SERVER_ADDRESS": "0.0.0.0:0", "CHAINCODE_MSPID": "AuditMSP",
			"CHAINCODE_TLS_DISABLED": "true",
		}[name]
	}
	if err := Run(t.Context(), getenv, io.Discard, nothing); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("without TLS on all addresses: %v", err)
	}
}

// TestServe registers with the server as a peer does, over mutual TLS, and ends it as SIGTERM would.
func TestServe(t *testing.T) {
	cert, key, pair := testFiles(t)
	env := map[string]string{
		"CHAINCODE_ID": "relief:1", "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0", "CHAINCODE_MSPID": "AuditMSP",
		"CHAINCODE_TLS_KEY_FILE": key, "CHAINCODE_TLS_CERT_FILE": cert, "CHAINCODE_TLS_CLIENT_CERT_FILE": cert,
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, func(n string) string { return env[n] }, w, nothing) }()
	line := make([]byte, 200)
	n, err := r.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	words := bytes.Fields(line[:n])
	address := string(words[len(words)-1])

	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	if _, err := register(t, address, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}); err == nil {
		t.Error("the server took a client without a certificate")
	}
	_, _, other := testFiles(t)
	if _, err := register(t, address, &tls.Config{
		RootCAs: pool, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{other},
	}); err == nil {
		t.Error("the server took a client with another certificate")
	}
	m, err := register(t, address, &tls.Config{
		RootCAs: pool, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
	})
	if err != nil || m.GetType() != peer.ChaincodeMessage_REGISTER {
		t.Errorf("registration: %v, %v", m, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

func register(t *testing.T, address string, c *tls.Config) (*peer.ChaincodeMessage, error) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(c)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	stream, err := peer.NewChaincodeClient(conn).Connect(t.Context())
	if err != nil {
		return nil, err
	}
	return stream.Recv()
}

// nothing makes a chaincode that is not asked.
func nothing(string) (shim.Chaincode, error) { return panicking{}, nil }

type panicking struct{ shim.Chaincode }

func (panicking) Invoke(shim.ChaincodeStubInterface) *peer.Response { panic("530181195001011232") }

func TestPanicIsARefusal(t *testing.T) {
	var log bytes.Buffer
	d := &drainable{Chaincode: panicking{}, log: &log}
	r := d.Invoke(nil)
	if r.GetStatus() != shim.ERROR || !strings.Contains(log.String(), "TestPanicIsARefusal") {
		t.Errorf("%v; log: %s", r, log.String())
	}
	if strings.Contains(log.String()+r.GetMessage(), "530181195001011232") {
		t.Error("the panic's value is in the log or the answer")
	}
	d.drain(time.Minute)
}
