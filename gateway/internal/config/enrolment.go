package config

// Enrolment says where officials are certified who come in for the first time, and by which key theirs are kept. Without an address
// each needs a certificate at the gateway before.
type Enrolment struct {
	URL string `mapstructure:"url"` // of the agency's registration authority
	// KeyFile holds age identities, as age-keygen writes them: the first one encrypts the keys of officials, all decrypt. It is not for
	// the gateway's own disc.
	KeyFile string `mapstructure:"key_file"`
	CAFile  string `mapstructure:"ca_file"` // signs the registration authority's certificate; empty: ledger.tls_ca_file
}

// Enabled reports whether officials enrol here.
func (e *Enrolment) Enabled() bool { return e.URL != "" }

func (c *Config) validateEnrolment(faults *faults) {
	e := &c.Enrolment
	if !e.Enabled() {
		if e.KeyFile != "" || e.CAFile != "" {
			faults.add("enrolment.url: is required with the other settings of enrolment")
		}
		return
	}
	if !isOrigin(e.URL) || e.URL[:5] != "https" {
		faults.add("enrolment.url: must be https and a host alone, such as https://ra.civil.example.cn:7019, not %q", e.URL)
	}
	faults.required("enrolment.key_file", e.KeyFile)
	if !c.OIDC.Enabled() {
		faults.add("enrolment.url: needs oidc.issuer: officials enrol when the provider has signed them in")
	}
}
