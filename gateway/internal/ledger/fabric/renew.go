package fabric

import (
	"crypto/tls"
	"fmt"
)

// named is the connection in the name of an identity, nil when there is none.
func (l *Ledger) named(name string) *signer {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.signers[name]
}

// Renew reads the certificate and key of an identity again and uses them from now on. Requests under way end with those
// before. After an error the identity stays as it was.
func (l *Ledger) Renew(name string) error {
	id, ok := l.cfg.Identities[name]
	if !ok {
		return fmt.Errorf("no identity is configured for %s", name)
	}
	if _, err := tls.LoadX509KeyPair(id.CertFile, id.KeyFile); err != nil { // a certificate is written after its key
		return fmt.Errorf("identity of %s: %w", name, err)
	}
	s, err := l.newSigner(id)
	if err != nil {
		return fmt.Errorf("identity of %s: %w", name, err)
	}
	l.use(name, s)
	return nil
}

// Enrol uses a certificate and key, both in PEM, in the name of a principal from now on who is not in the configuration.
func (l *Ledger) Enrol(name, mspID string, cert, key []byte) error {
	if _, configured := l.cfg.Identities[name]; configured {
		return fmt.Errorf("the identity of %s is in the configuration", name)
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		return fmt.Errorf("identity of %s: %w", name, err)
	}
	s, err := l.signerOf(mspID, cert, key)
	if err != nil {
		return fmt.Errorf("identity of %s: %w", name, err)
	}
	l.use(name, s)
	return nil
}

func (l *Ledger) use(name string, s *signer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.signers[name] = s
}
