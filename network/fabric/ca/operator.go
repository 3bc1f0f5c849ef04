package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// operatorPair is the pair with which the operator reaches the organisation's authorities. It is made when it is not there
// or its end is near. Its certificate is its own root, the only one that the authorities trust, so that no other certificate
// opens their port: Go trusts every certificate under a root.
func operatorPair(o *topology.Organisation) (topology.KeyPair, error) {
	pair := o.CAOperator()
	cert, err := ReadCertificate(pair.Cert)
	switch {
	case err == nil && time.Until(cert.NotAfter) > o.Certificates.Warn:
		return pair, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return pair, err
	}
	return pair, newOperatorPair(o, pair)
}

func newOperatorPair(o *topology.Organisation, pair topology.KeyPair) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "operator", Organization: []string{o.MSPID}},
		NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(o.Certificates.Nodes),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	return writePair(pair, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// writePair writes a key and then its certificate: a certificate that is there always has its key beside it.
func writePair(pair topology.KeyPair, key *ecdsa.PrivateKey, cert []byte) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := process.WriteFile(pair.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return err
	}
	return process.WriteFile(pair.Cert, cert)
}

// operatorTransport speaks to an organisation's authorities as its operator.
func operatorTransport(o *topology.Organisation) (*http.Transport, error) {
	root, err := os.ReadFile(o.TLSRoot())
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		return nil, errors.New("the root of its TLS certificates is not a certificate yet")
	}
	pair := o.CAOperator()
	cert, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		return nil, err
	}
	return &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: pool, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
	}}, nil
}

// ReadCertificate reads the first certificate of a file in PEM.
func ReadCertificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: must hold a certificate in PEM", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cert, nil
}
