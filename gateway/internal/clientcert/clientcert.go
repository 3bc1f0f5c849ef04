package clientcert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"relieftrail/gateway/internal/filestamp"
)

// Options are what an Authority is made of.
type Options struct {
	CAFile  string            // PEM, the one certificate that issues those of systems
	CRLFile string            // its revocation list (RFC 5280, 5), DER or PEM
	Systems map[string]string // principals, by the name in the system's certificate
	Log     *slog.Logger      // nil: nothing is logged
	Now     func() time.Time  // nil: the machine's clock
}

// ErrCertificate is the answer to a certificate that does not count: its holder learns no more, and the log says why.
var ErrCertificate = errors.New("the client certificate does not count")

// Authority issues the certificates of systems.
type Authority struct {
	o    Options
	ca   *x509.Certificate
	pool *x509.CertPool

	mu      sync.RWMutex
	revoked map[string]bool // serial numbers, in decimal
	ends    time.Time       // when the list has to be replaced by a newer one
	stamp   filestamp.Stamp
	fault   error // why a newer list was not taken over
}

// New reads the authority's certificate and revocation list.
func New(o Options) (*Authority, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &Authority{o: o, pool: x509.NewCertPool()}
	text, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s must hold a certificate in PEM", o.CAFile)
	}
	if another, _ := pem.Decode(rest); another != nil {
		return nil, fmt.Errorf("%s must hold one certificate: the revocation list is that of one authority", o.CAFile)
	}
	if a.ca, err = x509.ParseCertificate(block.Bytes); err != nil {
		return nil, fmt.Errorf("%s: %w", o.CAFile, err)
	}
	a.pool.AddCert(a.ca)
	return a, a.take()
}

// Pool is what a listening socket holds certificates of clients against.
func (a *Authority) Pool() *x509.CertPool { return a.pool }

// take reads the revocation list.
func (a *Authority) take() error {
	stamp := filestamp.Of(a.o.CRLFile) // before it is read: a change meanwhile is seen at the next look
	list, err := a.read()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stamp, a.fault = stamp, err
	if err != nil {
		return err
	}
	a.revoked, a.ends = map[string]bool{}, list.NextUpdate
	for i := range list.RevokedCertificateEntries {
		a.revoked[list.RevokedCertificateEntries[i].SerialNumber.String()] = true
	}
	return nil
}

func (a *Authority) read() (*x509.RevocationList, error) {
	text, err := os.ReadFile(a.o.CRLFile)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil {
		text = block.Bytes
	}
	list, err := x509.ParseRevocationList(text)
	if err == nil {
		err = list.CheckSignatureFrom(a.ca)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s must hold the authority's revocation list: %w", a.o.CRLFile, err)
	case list.NextUpdate.IsZero():
		return nil, fmt.Errorf("%s must say when the next list comes (nextUpdate)", a.o.CRLFile)
	}
	return list, nil
}

// Principal gives the principal of the system at the other end of a connection. ErrCertificate for a certificate that was revoked, has
// ended meanwhile, or names no system; while the list is out of date no certificate counts.
func (a *Authority) Principal(state *tls.ConnectionState) (principal string, err error) {
	if state == nil || len(state.VerifiedChains) == 0 || len(state.VerifiedChains[0]) != 2 {
		return "", ErrCertificate
	}
	leaf, now := state.VerifiedChains[0][0], a.o.Now()
	a.mu.RLock()
	defer a.mu.RUnlock()
	switch {
	case now.After(leaf.NotAfter): // a connection may have lasted longer
		return "", fmt.Errorf("%w: it has expired", ErrCertificate)
	case now.After(a.ends):
		return "", fmt.Errorf("%w: the authority's revocation list is out of date", ErrCertificate)
	case a.revoked[leaf.SerialNumber.String()]:
		return "", fmt.Errorf("%w: it is revoked", ErrCertificate)
	}
	names := leaf.DNSNames
	if len(names) == 0 {
		names = []string{leaf.Subject.CommonName}
	}
	if len(names) == 1 && a.o.Systems[names[0]] != "" {
		return a.o.Systems[names[0]], nil
	}
	return "", fmt.Errorf("%w: it does not name one system of the settings", ErrCertificate)
}

// lookEvery is the pause between two looks at the list's file.
const lookEvery = time.Second

// Run takes over a newer revocation list until ctx ends. One that cannot be used leaves the list before it in force.
func (a *Authority) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.look()
		case <-ctx.Done():
			return nil
		}
	}
}

func (a *Authority) look() {
	a.mu.RLock()
	same := a.stamp == filestamp.Of(a.o.CRLFile)
	a.mu.RUnlock()
	if same {
		return
	}
	if err := a.take(); err != nil {
		a.o.Log.Error("a new revocation list cannot be taken over; the one before it stays in force", "error", err)
		return
	}
	a.o.Log.Info("the revocation list of systems' certificates was read again")
}

// warnTime is how long before its end a revocation list is warned of.
const warnTime = 24 * time.Hour

// Ending reports whether the list has ended, ends within a day, or a newer one could not be taken over.
func (a *Authority) Ending() bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.fault != nil || a.o.Now().Add(warnTime).After(a.ends)
}
