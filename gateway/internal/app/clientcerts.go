package app

import (
	"crypto/tls"
	"fmt"

	"relieftrail/gateway/internal/clientcert"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpapi"
)

// openClientCertificates reads the authority of systems' certificates and follows its revocation list.
func (a *App) openClientCertificates() (l lifetime, err error) {
	if a.cfg.ClientCertificates.CAFile == "" {
		return l, nil
	}
	options := clientCertificates(a.cfg)
	options.Log = a.log
	if a.clients, err = clientcert.New(options); err != nil {
		return l, fmt.Errorf("client_certificates: %w", err)
	}
	return lifetime{run: a.clients.Run}, nil
}

func clientCertificates(cfg *config.Config) clientcert.Options {
	c := &cfg.ClientCertificates
	o := clientcert.Options{CAFile: c.CAFile, CRLFile: c.CRLFile, Systems: map[string]string{}}
	for _, s := range c.Systems {
		o.Systems[s.Name] = s.Principal
	}
	return o
}

// checkClientCertificates reads the files as a start would.
func checkClientCertificates(cfg *config.Config) error {
	if cfg.ClientCertificates.CAFile == "" {
		return nil
	}
	if _, err := clientcert.New(clientCertificates(cfg)); err != nil {
		return fmt.Errorf("client_certificates: %w", err)
	}
	return nil
}

// askForCertificates has the officials' address take certificates of systems. Who shows none is known otherwise.
func (a *App) askForCertificates(on httpapi.Listener, config *tls.Config) {
	if a.clients != nil && on&httpapi.Internal != 0 {
		config.ClientAuth, config.ClientCAs = tls.VerifyClientCertIfGiven, a.clients.Pool()
	}
}
