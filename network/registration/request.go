package registration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// readRequest reads a certificate request (PKCS #10) for a name. It asks for a P-256 key's certificate for that very name and
// for nothing else: fabric-ca copies other names and extensions from it.
func readRequest(text, name string) (*x509.CertificateRequest, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE REQUEST" || len(rest) > 0 {
		return nil, errors.New("the request must be one PKCS #10 request in PEM")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, errors.New("the request is not PKCS #10")
	}
	if err := request.CheckSignature(); err != nil {
		return nil, errors.New("the request must be signed by the key that it is for")
	}
	key, ok := request.PublicKey.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the request must be for an ECDSA key on P-256")
	}
	if names := request.Subject.Names; len(names) != 1 || request.Subject.CommonName != name {
		return nil, errors.New("the request must have the official's name and no other")
	}
	if len(request.Extensions)+len(request.DNSNames)+len(request.IPAddresses)+len(request.EmailAddresses)+len(request.URIs) > 0 {
		return nil, errors.New("the request must ask for no extensions")
	}
	return request, nil
}

// readCertificate reads one certificate in PEM.
func readCertificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not a certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// issued gives the certificate that a name has for a request's key, nil when it has none: an answer that was lost is given again.
func issued(dir, name string, request *x509.CertificateRequest) []byte {
	text, err := os.ReadFile(CertFile(dir, name))
	if err != nil {
		return nil
	}
	cert, err := readCertificate(text)
	if err != nil || !request.PublicKey.(*ecdsa.PublicKey).Equal(cert.PublicKey) {
		return nil
	}
	return text
}

// checkIssued is an error unless an authority's answer is the certificate that was asked for.
func checkIssued(text []byte, name string, request *x509.CertificateRequest) error {
	cert, err := readCertificate(text)
	if err != nil {
		return fmt.Errorf("the authority's answer: %w", err)
	}
	if cert.Subject.CommonName != name || !request.PublicKey.(*ecdsa.PublicKey).Equal(cert.PublicKey) {
		return errors.New("the authority's certificate is not the one that was asked for")
	}
	return nil
}
