package standing

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"relieftrail/gateway/internal/filestamp"
)

// Use is what a certificate is for.
type Use string

// The uses.
const (
	UsePrincipal Use = "principal" // signs for a principal
	UseService   Use = "service"   // signs for the gateway itself
	UseTLS       Use = "tls"       // of a listening socket, or of a connection
)

// File is a certificate that the gateway uses.
type File struct {
	Use  Use
	Name string // a principal's name; otherwise the setting
	Path string
}

// certificate is a file's certificate as the gateway uses it.
type certificate struct {
	File
	notAfter time.Time
	serial   string // hexadecimal
	name     string // common name
	stamp    filestamp.Stamp
}

func readCertificate(f File) (certificate, error) {
	c := certificate{File: f, stamp: filestamp.Of(f.Path)} // before it is read: a change meanwhile is seen at the next look
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return c, err
	}
	return c, c.read(text)
}

func (c *certificate) read(text []byte) error {
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("%s must hold a certificate in PEM", c.Path)
	}
	parsed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Path, err)
	}
	c.notAfter, c.serial, c.name = parsed.NotAfter, parsed.SerialNumber.Text(16), parsed.Subject.CommonName
	return nil
}

// Why a principal may not act.
var (
	ErrExpired = errors.New("the principal's certificate has expired")
	ErrRevoked = errors.New("the principal's certificate is revoked")
	ErrRetired = errors.New("the official is retired")
)
