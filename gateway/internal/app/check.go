package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"relieftrail/gateway/internal/agekeys"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/config"
)

// Check checks the settings that config.Load cannot check, and reads every file that they name, as a start would. It
// reports all faults at once and asks neither the peer nor any other server.
func Check(cfg *config.Config) error {
	_, errTokens := auth.New(auth.Options{Entries: tokenEntries(cfg)})
	_, errKey := cfg.SubjectKey.Read()
	_, errReceipts := cfg.ReceiptKeys()
	_, errDetails := detailsKey(cfg)
	_, errBank := bankSettings(cfg)
	_, errProvider := providerOptions(cfg)
	var errEnrolment error
	if cfg.Enrolment.Enabled() {
		_, _, errEnrolment = enrolmentSettings(cfg)
	}
	faults := []error{
		cfg.CheckFiles(), errTokens, errKey, errReceipts, errDetails, errBank, errProvider, errEnrolment, checkClientCertificates(cfg), checkCA(cfg.Ledger.TLSCAFile),
		checkPair("service", cfg.Service.CertFile, cfg.Service.KeyFile),
		checkPair("ledger.tls_cert_file", cfg.Ledger.TLSCertFile, cfg.Ledger.TLSKeyFile),
	}
	if cfg.Objects.KeyFile != "" {
		_, err := agekeys.Read("the object store", cfg.Objects.KeyFile)
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
	for setting, pair := range map[string]config.TLS{"tls": cfg.TLS, "public.tls": cfg.Public.TLS, "metrics.tls": cfg.Metrics.TLS} {
		if pair.Enabled() {
			faults = append(faults, checkPair(setting, pair.CertFile, pair.KeyFile))
		}
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
		return fmt.Errorf("ledger.tls_ca_file: %s must hold a certificate in PEM", file)
	}
	return nil
}
