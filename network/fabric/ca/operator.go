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
	"maps"
	"math/big"
	"net/http"
	"os"
	"slices"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// clients are the certificates that open the port of the organisation's authorities: the operator's, and that of the registration
// authority where there is one. They are made when they are not there or their end is near. Each is its own root, and the
// authorities trust no other, so that no other certificate opens their port: Go trusts every certificate under a root.
func clients(o *topology.Organisation) (certs []string, err error) {
	pairs := map[string]topology.KeyPair{topology.OperatorTool: o.CAOperator()}
	if o.Node(topology.KindRA) != nil {
		pairs[topology.KindRA] = o.RAClient()
	}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		if err := clientPair(o, pairs[name], name); err != nil {
			return nil, err
		}
		certs = append(certs, pairs[name].Cert)
	}
	return certs, nil
}

func clientPair(o *topology.Organisation, pair topology.KeyPair, name string) error {
	cert, err := ReadCertificate(pair.Cert)
	switch {
	case err == nil && time.Until(cert.NotAfter) > o.Certificates.Warn:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return newClientPair(o, pair, name)
}

func newClientPair(o *topology.Organisation, pair topology.KeyPair, name string) error {
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
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{o.MSPID}},
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
