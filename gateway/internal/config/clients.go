package config

import "fmt"

// ClientCertificates say by which TLS certificates systems are known at the officials' address. Without an authority by none.
type ClientCertificates struct {
	CAFile  string              `mapstructure:"ca_file"`  // PEM, the one certificate that issues those of systems
	CRLFile string              `mapstructure:"crl_file"` // its revocation list, which is followed
	Systems []CertificateSystem `mapstructure:"systems"`
}

// CertificateSystem is a system that shows a certificate.
type CertificateSystem struct {
	Name      string `mapstructure:"name"`      // the one host in the certificate, or its common name when it has no host
	Principal string `mapstructure:"principal"` // in whose name it acts
}

func (c *Config) validateClientCertificates(faults *faults) {
	s := &c.ClientCertificates
	if s.CAFile == "" {
		if s.CRLFile != "" || len(s.Systems) > 0 {
			faults.add("client_certificates.ca_file: is required with the other settings of client_certificates")
		}
		return
	}
	faults.required("client_certificates.crl_file", s.CRLFile)
	if !c.TLS.Enabled() {
		faults.add("client_certificates.ca_file: needs tls.cert_file: certificates of clients are shown in TLS")
	}
	if len(s.Systems) == 0 {
		faults.add("client_certificates.systems: must not be empty")
	}
	seen := map[string]bool{}
	for i, system := range s.Systems {
		c.validateSystem(fmt.Sprintf("client_certificates.systems[%d]", i), "name", system.Name, system.Principal, seen, faults)
	}
}

// validateSystem checks one system of a list: what it is known by, under a key, is there and no other's, and it acts as a principal.
func (c *Config) validateSystem(at, key, knownBy, principal string, seen map[string]bool, faults *faults) {
	faults.required(at+"."+key, knownBy)
	faults.required(at+".principal", principal)
	c.validatePrincipalName(at+".principal", principal, faults)
	if seen[knownBy] {
		faults.add("%s.%s: %q is there twice", at, key, knownBy)
	}
	seen[knownBy] = true
}
