package topology

import (
	"fmt"
	"path/filepath"
	"time"
)

// Certificates say how long what an organisation's authorities issue is valid, and when its end is near.
type Certificates struct {
	// Officials is for principals and administrators: months, since people move and keys get lost.
	Officials time.Duration `mapstructure:"officials"`
	// Nodes is for peers, orderers and gateways, and for everything that speaks TLS.
	Nodes time.Duration `mapstructure:"nodes"`
	// Authorities is for the roots. A root cannot be renewed in place.
	Authorities time.Duration `mapstructure:"authorities"`
	// Warn is how long before its end a certificate is shown as ending, and renewed.
	Warn time.Duration `mapstructure:"warn"`
}

// The bounds of the terms.
const (
	day            = 24 * time.Hour
	officialsMax   = 366 * day
	nodesMax       = 2 * 366 * day
	authoritiesMax = 20 * 366 * day
)

func (c Certificates) validate() error {
	for _, term := range []struct {
		key       string
		value     time.Duration
		low, high time.Duration
	}{
		{"officials", c.Officials, 7 * day, officialsMax},
		{"nodes", c.Nodes, 30 * day, nodesMax},
		{"authorities", c.Authorities, 2 * c.Nodes, authoritiesMax},
		{"warn", c.Warn, day, min(c.Officials, c.Nodes) / 2},
	} {
		if term.value < term.low || term.value > term.high {
			return fmt.Errorf("certificates.%s: must be from %s to %s, not %s", term.key, term.low, term.high, term.value)
		}
	}
	return nil
}

// CAOperator is the pair with which the organisation's operator reaches its certificate authorities, which answer nobody
// else. It is its own issuer.
func (o *Organisation) CAOperator() KeyPair { return o.operator("authorities") }

// RAClient is the pair with which the organisation's registration authority reaches its certificate authorities. It is its own
// issuer, too.
func (o *Organisation) RAClient() KeyPair { return o.operator("registration") }

// CAListener is the certificate that the authorities' server made for itself.
func (o *Organisation) CAListener() string { return filepath.Join(o.dir, "ca", "tls", "tls-cert.pem") }

// Invitations is the folder in which the organisation's registration authority finds who is invited, and puts what was issued.
func (o *Organisation) Invitations() string { return filepath.Join(o.dir, KindRA, "officials") }

// Revocation is the file that says that the certificates of an identity were revoked and no new one has been issued.
func (o *Organisation) Revocation(name string) string {
	return filepath.Join(o.dir, "users", name, "revoked.json")
}

// RevocationList is the file with the organisation's newest list of revoked certificates.
func (o *Organisation) RevocationList() string {
	return filepath.Join(o.dir, "ca", "identity", "crl.pem")
}

// Member is the identity with which a peer or orderer signs.
func (n *Node) Member() KeyPair {
	return KeyPair{Cert: filepath.Join(n.MSP(), "signcerts", "cert.pem"), Key: filepath.Join(n.MSP(), "keystore", "key.pem")}
}
