package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/objectstore"
)

// Check reads every file that the configuration names, as a start would, and tells all faults at once. It does not
// speak to the peer.
func Check(cfg *config.Config) error {
	_, errTokens := authenticator(cfg)
	_, errKey := cfg.SubjectKey.Read()
	_, errPersons := personsKey(cfg)
	faults := []error{errTokens, errKey, errPersons, checkCA(cfg.Ledger.TLSCAFile), checkPair("service", cfg.Service.CertFile, cfg.Service.KeyFile)}
	if cfg.Objects.KeyFile != "" {
		_, err := objectstore.ReadKey(cfg.Objects.KeyFile)
		faults = append(faults, err)
	}
	for _, p := range cfg.Principals {
		faults = append(faults, checkPair("principal "+p.Name, p.CertFile, p.KeyFile))
	}
	if cfg.Transparency.Origin != "" {
		_, errLog := signingKey("transparency.log_key_file", cfg.Transparency.LogKeyFile)
		_, errKey := signingKey("transparency.cosigning_key_file", cfg.Transparency.CosigningKeyFile)
		faults = append(faults, errLog, errKey)
	}
	if len(cfg.Matching.Sources) > 0 {
		_, err := matchingSources(&cfg.Matching)
		faults = append(faults, err)
	}
	if cfg.TLS.Enabled() {
		faults = append(faults, checkPair("tls", cfg.TLS.CertFile, cfg.TLS.KeyFile))
	}
	return errors.Join(faults...)
}

func checkPair(what, certFile, keyFile string) error {
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func checkCA(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("ledger.tls_ca_file: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(b) {
		return fmt.Errorf("ledger.tls_ca_file: %s holds no certificate in PEM", file)
	}
	return nil
}

func authenticator(cfg *config.Config) (*auth.Authenticator, error) {
	entries := make([]auth.Entry, len(cfg.Principals))
	for i, p := range cfg.Principals {
		entries[i] = auth.Entry{Principal: auth.Principal{Name: p.Name, MSPID: p.MSPID}, TokenFile: p.TokenFile}
	}
	return auth.New(entries)
}
