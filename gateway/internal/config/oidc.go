package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OIDC is the agency's OpenID Connect provider. Without an issuer there is none.
type OIDC struct {
	Issuer           string        `mapstructure:"issuer"` // as the provider names itself
	ClientID         string        `mapstructure:"client_id"`
	ClientSecretFile string        `mapstructure:"client_secret_file"` // empty: PKCE alone protects the exchange
	CAFile           string        `mapstructure:"ca_file"`            // signs the provider's certificate; empty: the machine's authorities
	Scopes           []string      `mapstructure:"scopes"`
	Algorithms       []string      `mapstructure:"algorithms"` // of signatures, by their names in RFC 7518
	Leeway           time.Duration `mapstructure:"leeway"`     // by which the clocks may differ
	// OfficialClaim names the official on the ledger. NumberClaim, unless empty, has to be the staff number of that official's entry.
	// NameClaim is what pages call the official.
	OfficialClaim string `mapstructure:"official_claim"`
	NumberClaim   string `mapstructure:"number_claim"`
	NameClaim     string `mapstructure:"name_claim"`
	// Audience is who the access tokens of systems are for; Systems are those that may show one.
	Audience string       `mapstructure:"audience"`
	Systems  []OIDCSystem `mapstructure:"systems"`
}

// OIDCSystem is a system that shows access tokens of the provider.
type OIDCSystem struct {
	Subject   string `mapstructure:"subject"`   // the claim sub
	Principal string `mapstructure:"principal"` // in whose name it acts
}

// Enabled reports whether there is a provider.
func (o *OIDC) Enabled() bool { return o.Issuer != "" }

// Callback is where the provider sends officials back to.
func (c *Config) Callback() string { return c.Sessions.URL + "/session/callback" }

// algorithms are those that sign with a private key. With the others whoever knows the public key could sign.
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// maxLeeway bounds how long a token counts after its end.
const maxLeeway = 5 * time.Minute

func (c *Config) validateOIDC(faults *faults) {
	o := &c.OIDC
	if !o.Enabled() {
		if o.ClientID != "" || o.Audience != "" || len(o.Systems) > 0 {
			faults.add("oidc.issuer: is required with the other settings of oidc")
		}
		return
	}
	if !safeServer(o.Issuer) {
		faults.add("oidc.issuer: must be the provider's address over https, or http on this machine, not %q", o.Issuer)
	}
	faults.required("oidc.client_id", o.ClientID)
	faults.required("oidc.official_claim", o.OfficialClaim)
	if c.Sessions.URL == "" {
		faults.add("sessions.url: is required with oidc.issuer: the provider sends officials back there")
	}
	if !slices.Contains(o.Scopes, "openid") {
		faults.add("oidc.scopes: must have openid")
	}
	if len(o.Algorithms) == 0 {
		faults.add("oidc.algorithms: must not be empty")
	}
	for _, a := range o.Algorithms {
		faults.oneOf("oidc.algorithms", a, algorithms...)
	}
	if o.Leeway < 0 || o.Leeway > maxLeeway {
		faults.add("oidc.leeway: must be from 0s to %s, not %s", maxLeeway, o.Leeway)
	}
	o.validateSystems(c, faults)
}

func (o *OIDC) validateSystems(c *Config, faults *faults) {
	if o.Audience == o.ClientID {
		faults.add("oidc.audience: must be another one than oidc.client_id: a token that says who signed in opens nothing")
	}
	if (o.Audience == "") != (len(o.Systems) == 0) {
		faults.add("oidc.systems: set it together with oidc.audience")
	}
	seen := map[string]bool{}
	for i, s := range o.Systems {
		c.validateSystem(fmt.Sprintf("oidc.systems[%d]", i), "subject", s.Subject, s.Principal, seen, faults)
	}
}

// safeServer reports whether an address is a server's over TLS, or one of this machine.
func safeServer(address string) bool {
	u, err := url.Parse(address)
	if err != nil || !isServer(address) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || Loopback(u.Host) || Loopback(strings.TrimSuffix(u.Host, ":")+":80")
}
