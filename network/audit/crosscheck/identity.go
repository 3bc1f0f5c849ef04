package crosscheck

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-protos-go/msp"
)

// members describes who belongs to one organisation by the channel's configuration (a Fabric MSP).
type members struct {
	id            string
	roots         *x509.CertPool
	intermediates *x509.CertPool
	revoked       []*x509.RevocationList
	admins        [][]byte // certificates, DER
	// roles maps each role to its organisational unit; empty when the configuration has no roles.
	roles map[msp.MSPRole_MSPRoleType]string
}

func newMembers(config *msp.FabricMSPConfig) (*members, error) {
	m := &members{id: config.GetName(), roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	fail := func(err error) (*members, error) { return nil, fmt.Errorf("members of %s: %w", m.id, err) }
	for pool, list := range map[*x509.CertPool][][]byte{m.roots: config.GetRootCerts(), m.intermediates: config.GetIntermediateCerts()} {
		for _, text := range list {
			cert, err := parseCertificate(text)
			if err != nil {
				return fail(err)
			}
			pool.AddCert(cert)
		}
	}
	for _, text := range config.GetRevocationList() {
		if block, _ := pem.Decode(text); block != nil {
			text = block.Bytes
		}
		list, err := x509.ParseRevocationList(text)
		if err != nil {
			return fail(errors.New("a revocation list cannot be read"))
		}
		m.revoked = append(m.revoked, list)
	}
	for _, text := range config.GetAdmins() {
		cert, err := parseCertificate(text)
		if err != nil {
			return fail(err)
		}
		m.admins = append(m.admins, cert.Raw)
	}
	if units := config.GetFabricNodeOus(); units.GetEnable() {
		m.roles = map[msp.MSPRole_MSPRoleType]string{}
		for role, unit := range map[msp.MSPRole_MSPRoleType]*msp.FabricOUIdentifier{
			msp.MSPRole_CLIENT: units.GetClientOuIdentifier(), msp.MSPRole_PEER: units.GetPeerOuIdentifier(),
			msp.MSPRole_ADMIN: units.GetAdminOuIdentifier(), msp.MSPRole_ORDERER: units.GetOrdererOuIdentifier(),
		} {
			if name := unit.GetOrganizationalUnitIdentifier(); name != "" {
				m.roles[role] = name
			}
		}
	}
	return m, nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("a certificate is not PEM text")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errors.New("a certificate cannot be read")
	}
	return cert, nil
}

// identity is a certificate that an organisation's authorities have issued and not revoked.
type identity struct {
	mspID string
	cert  *x509.Certificate
	role  msp.MSPRole_MSPRoleType
	admin bool // listed with its certificate as an administrator
	// The whole certificate chain is valid from since to till.
	since, till time.Time
}

// String is the name of the identity in reports.
func (i *identity) String() string { return i.mspID + " " + i.cert.Subject.CommonName }

// admit checks that a certificate is issued by the organisation's authorities, not revoked, and of one role.
func (m *members) admit(cert *x509.Certificate) (*identity, error) {
	// The chain is built for a time at which the certificate is valid; at checks the time of use.
	chains, err := cert.Verify(x509.VerifyOptions{
		Roots: m.roots, Intermediates: m.intermediates, CurrentTime: cert.NotBefore.Add(time.Second),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fmt.Errorf("the certificate of %s is not issued by an authority of %s", cert.Subject.CommonName, m.id)
	}
	chain := chains[0]
	id := &identity{mspID: m.id, cert: cert, since: cert.NotBefore, till: cert.NotAfter}
	if cert.IsCA || len(chain) < 2 {
		return nil, fmt.Errorf("the certificate of %s is a certificate authority's", cert.Subject.CommonName)
	}
	for i, c := range chain {
		if c.NotBefore.After(id.since) {
			id.since = c.NotBefore
		}
		if c.NotAfter.Before(id.till) {
			id.till = c.NotAfter
		}
		if i+1 < len(chain) && m.isRevoked(c, chain[i+1]) {
			return nil, fmt.Errorf("the certificate of %s is revoked", cert.Subject.CommonName)
		}
	}
	return id, m.assignRole(id)
}

func (m *members) isRevoked(cert, issuer *x509.Certificate) bool {
	for _, list := range m.revoked {
		if list.CheckSignatureFrom(issuer) != nil {
			continue
		}
		for _, entry := range list.RevokedCertificateEntries {
			if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
				return true
			}
		}
	}
	return false
}

// assignRole reads the role from the organisational unit; where the configuration has roles, a certificate has exactly
// one.
func (m *members) assignRole(id *identity) error {
	id.admin = slices.ContainsFunc(m.admins, func(der []byte) bool { return bytes.Equal(der, id.cert.Raw) })
	found := 0
	for role, unit := range m.roles {
		if slices.Contains(id.cert.Subject.OrganizationalUnit, unit) {
			found++
			id.role = role
		}
	}
	if m.roles != nil && found != 1 {
		return fmt.Errorf("the certificate of %s has %d roles, but must have exactly one", id.cert.Subject.CommonName, found)
	}
	return nil
}

// has reports whether the identity satisfies a role of a policy.
func (i *identity) has(role msp.MSPRole_MSPRoleType) bool {
	return role == msp.MSPRole_MEMBER || i.role == role || role == msp.MSPRole_ADMIN && i.admin
}

// at returns an error when the identity's certificates were not all valid at a time.
func (i *identity) at(t time.Time) error {
	if t.Before(i.since) || t.After(i.till) {
		return fmt.Errorf("the certificate of %s was not valid at %s: it is valid from %s to %s",
			i, t.UTC().Format(time.RFC3339), i.since.UTC().Format(time.RFC3339), i.till.UTC().Format(time.RFC3339))
	}
	return nil
}

var errSignature = errors.New("does not fit")

// verify checks a signature over a message. Fabric requires ECDSA signatures in the form with the lower S.
func (i *identity) verify(message, signature []byte) error {
	switch key := i.cert.PublicKey.(type) {
	case *ecdsa.PublicKey:
		var parts struct{ R, S *big.Int }
		rest, err := asn1.Unmarshal(signature, &parts)
		if err != nil || len(rest) > 0 || parts.S.Cmp(new(big.Int).Rsh(key.Params().N, 1)) > 0 {
			return errSignature
		}
		digest := sha256.Sum256(message)
		if !ecdsa.VerifyASN1(key, digest[:], signature) {
			return errSignature
		}
		return nil
	case ed25519.PublicKey:
		if !ed25519.Verify(key, message, signature) {
			return errSignature
		}
		return nil
	}
	return errors.New("is made with a key that is neither ECDSA nor Ed25519")
}

// directory finds the identities of a configuration and checks each certificate once.
type directory struct {
	members map[string]*members // by MSP id
	known   sync.Map            // serialized identity → *known
}

type known struct {
	id  *identity
	err error
}

// find reads a serialized identity and checks that it belongs to the organisation that it names.
func (d *directory) find(serialized []byte) (*identity, error) {
	if k, ok := d.known.Load(string(serialized)); ok {
		found, _ := k.(*known)
		return found.id, found.err
	}
	id, err := d.read(serialized)
	d.known.Store(string(serialized), &known{id, err})
	return id, err
}

// findAt is find for an identity that was used at a time, at which its certificates must all be valid.
func (d *directory) findAt(serialized []byte, at time.Time) (*identity, error) {
	id, err := d.find(serialized)
	if err != nil {
		return nil, err
	}
	return id, id.at(at)
}

func (d *directory) read(serialized []byte) (*identity, error) {
	id, err := parseIdentity(serialized)
	if err != nil {
		return nil, err
	}
	m := d.members[id.mspID]
	if m == nil {
		return nil, fmt.Errorf("%.60q is not an organisation of the channel", id.mspID)
	}
	return m.admit(id.cert)
}

// parseIdentity decodes an identity without checking it.
func parseIdentity(serialized []byte) (*identity, error) {
	s := &msp.SerializedIdentity{}
	if err := decode("the identity", serialized, s); err != nil {
		return nil, err
	}
	cert, err := parseCertificate(s.GetIdBytes())
	if err != nil {
		return nil, err
	}
	return &identity{mspID: s.GetMspid(), cert: cert}, nil
}
