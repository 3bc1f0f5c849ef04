package config

import (
	"net/url"
	"time"
)

// Sessions are those of officials who work in a browser.
type Sessions struct {
	// URL is where officials' browsers find this gateway, such as https://relief.example.cn; empty: at the address that they ask. A
	// gateway behind a proxy that ends TLS needs it: cookies are for TLS alone when it begins with https.
	URL      string        `mapstructure:"url"`
	Idle     time.Duration `mapstructure:"idle"`     // without use; then an official signs in again
	Absolute time.Duration `mapstructure:"absolute"` // whether used or not
	Tokens   bool          `mapstructure:"tokens"`   // officials sign in with the tokens of principals, too
}

func (c *Config) validateSessions(faults *faults) {
	s := &c.Sessions
	if !s.Tokens && !c.OIDC.Enabled() {
		faults.add("sessions.tokens: false needs oidc.issuer: nobody could sign in")
	}
	if s.Absolute < time.Minute || s.Absolute > 7*24*time.Hour {
		faults.add("sessions.absolute: must be from 1m to 168h, not %s", s.Absolute)
	}
	if s.Idle < time.Minute || s.Idle > s.Absolute {
		faults.add("sessions.idle: must be from 1m to sessions.absolute (%s), not %s", s.Absolute, s.Idle)
	}
	if s.URL != "" && !isOrigin(s.URL) {
		faults.add("sessions.url: must be a scheme and a host alone, such as https://relief.example.cn, not %q", s.URL)
	}
}

// isOrigin reports whether an address is that of a server, with nothing after it.
func isOrigin(address string) bool {
	u, err := url.Parse(address)
	return err == nil && isServer(address) && u.User == nil && u.Scheme+"://"+u.Host == address
}
