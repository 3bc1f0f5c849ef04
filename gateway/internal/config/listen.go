package config

import (
	"crypto/tls"
	"net"
)

// TLS is the certificate of a listening socket. Both files empty means plain HTTP, which only a loopback address may use.
type TLS struct {
	CertFile   string `mapstructure:"cert_file"`
	KeyFile    string `mapstructure:"key_file"`
	MinVersion string `mapstructure:"min_version"` // 1.2 or 1.3; 1.2 when empty
}

// Enabled reports whether a certificate is configured.
func (t TLS) Enabled() bool { return t.CertFile != "" }

// Version is the oldest version of TLS that is spoken.
func (t TLS) Version() uint16 {
	if t.MinVersion == "1.3" {
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

// or is the certificate, or another one when none is configured.
func (t TLS) or(other TLS) TLS {
	if t == (TLS{}) {
		return other
	}
	return t
}

// Monitoring is where the operator asks for health and metrics.
type Monitoring struct {
	Listen string `mapstructure:"listen"` // host:port; empty: the address of the setting listen
	TLS    TLS    `mapstructure:"tls"`    // empty: the certificate of the setting tls
}

// Address is where a gateway listens, with the certificate that it shows there.
type Address struct {
	Setting string // that names the address
	Listen  string // host:port; empty: not apart from the officials' address
	TLS     TLS
}

// Apart reports whether the address is one of its own.
func (a Address) Apart() bool { return a.Listen != "" }

// Officials is where the agency's officials ask. The public and the operator's monitoring do so, too, unless they have addresses
// of their own.
func (c *Config) Officials() Address { return Address{"listen", c.Listen, c.TLS} }

// PublicAddress is where anybody asks.
func (c *Config) PublicAddress() Address {
	return Address{"public.listen", c.Public.Listen, c.Public.TLS.or(c.TLS)}
}

// MetricsAddress is where the operator asks for health and metrics.
func (c *Config) MetricsAddress() Address {
	return Address{"metrics.listen", c.Metrics.Listen, c.Metrics.TLS.or(c.TLS)}
}

func (c *Config) validateListen(faults *faults) {
	if c.Profile != "" && !Loopback(c.Profile) {
		faults.add("profile: must be host:port of a loopback address, not %q", c.Profile)
	}
	for setting, t := range map[string]TLS{"tls": c.TLS, "public.tls": c.Public.TLS, "metrics.tls": c.Metrics.TLS} {
		if (t.CertFile == "") != (t.KeyFile == "") {
			faults.add("%s: set both cert_file and key_file, or neither", setting)
		}
		if t.MinVersion != "" {
			faults.oneOf(setting+".min_version", t.MinVersion, "1.2", "1.3")
		}
	}
	c.validateAddress(c.Officials(), faults)
	for _, a := range []Address{c.PublicAddress(), c.MetricsAddress()} {
		if a.Apart() {
			c.validateAddress(a, faults)
		}
	}
}

func (c *Config) validateAddress(a Address, faults *faults) {
	if _, _, err := net.SplitHostPort(a.Listen); err != nil {
		faults.add("%s: must be host:port, not %q", a.Setting, a.Listen)
	}
	if !a.TLS.Enabled() && !Loopback(a.Listen) {
		faults.add("%s: tls.cert_file and tls.key_file are required, because other machines can reach %s; "+
			"plain HTTP is allowed only on a loopback address such as 127.0.0.1:8401", a.Setting, a.Listen)
	}
}
