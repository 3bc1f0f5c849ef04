package ca

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Revocation is what an organisation keeps of a revocation until the identity has a new certificate.
type Revocation struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	// Retired: there will be no new certificate under this name.
	Retired bool `json:"retired"`
}

// Revoked reports whether an identity's certificates were revoked and it has no new one.
func Revoked(o *topology.Organisation, name string) bool {
	_, err := os.Stat(o.Revocation(name))
	return err == nil
}

// ReadRevocation reads what was kept; ok is false when the identity is not revoked.
func ReadRevocation(o *topology.Organisation, name string) (r Revocation, ok bool, err error) {
	path := o.Revocation(name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, false, fmt.Errorf("%s: %w", path, err)
	}
	return r, true, nil
}

// WriteRevocation keeps a revocation.
func WriteRevocation(o *topology.Organisation, name string, r Revocation) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return process.WriteFile(o.Revocation(name), append(text, '\n'))
}

// maxRounds bounds how often Revoke looks for a certificate that was issued meanwhile.
const maxRounds = 10

// Revoke has the identity authority revoke every certificate that it has issued to a name, also those that somebody else
// obtained with a stolen key, and returns them. With forGood the authority will certify the name no more. Done again it
// changes nothing.
func (c *Client) Revoke(name string, forGood bool) ([]*x509.Certificate, error) {
	fail := func(err error) ([]*x509.Certificate, error) {
		return nil, fmt.Errorf("%s: revoking %s: %w", c.node.Name, name, err)
	}
	all, err := c.issued(name, false)
	if err != nil {
		return fail(err)
	}
	if len(all) == 0 && !AtGateway(c.org, name) { // who is invited may have none yet
		return fail(errors.New("the authority has issued no certificate to this name"))
	}
	why := "keycompromise"
	if forGood {
		why = "cessationofoperation"
		if err := c.revoke(map[string]string{"id": name, "reason": why}); err != nil {
			return fail(err)
		}
	}
	for range maxRounds {
		live, err := c.issued(name, true)
		if err != nil {
			return fail(err)
		}
		if len(live) == 0 {
			return all, nil
		}
		for _, cert := range live {
			if !slices.ContainsFunc(all, cert.Equal) {
				all = append(all, cert)
			}
			one := map[string]string{"serial": Serial(cert), "aki": hex.EncodeToString(cert.AuthorityKeyId), "reason": why}
			if err := c.revoke(one); err != nil {
				return fail(err)
			}
		}
	}
	return fail(errors.New("it gets new certificates as fast as they are revoked: stop the authority and look at its log"))
}

func (c *Client) revoke(what map[string]string) error {
	what["caname"] = c.identity.name
	var done struct {
		RevokedCerts []struct{ Serial string }
	}
	return c.ask(c.identity, http.MethodPost, "revoke", nil, what, &done)
}

// Revoked are the certificates of a name that the identity authority has revoked.
func (c *Client) Revoked(name string) ([]*x509.Certificate, error) {
	all, err := c.issued(name, false)
	if err != nil {
		return nil, err
	}
	live, err := c.issued(name, true)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(cert *x509.Certificate) bool { return slices.ContainsFunc(live, cert.Equal) }), nil
}

// issued are the certificates that the identity authority has issued to a name; with live only those not revoked.
func (c *Client) issued(name string, live bool) ([]*x509.Certificate, error) {
	query := url.Values{"id": {name}, "ca": {c.identity.name}}
	if live {
		query.Set("notrevoked", "true")
	}
	var list struct {
		Certs []struct{ PEM string } `json:"certs"`
	}
	if err := c.ask(c.identity, http.MethodGet, "certificates", query, nil, &list); err != nil {
		return nil, err
	}
	certs := make([]*x509.Certificate, len(list.Certs))
	for i, entry := range list.Certs {
		block, _ := pem.Decode([]byte(entry.PEM))
		if block == nil {
			return nil, fmt.Errorf("the authority answers with a certificate of %s that is not PEM", name)
		}
		var err error
		if certs[i], err = x509.ParseCertificate(block.Bytes); err != nil {
			return nil, err
		}
	}
	return certs, nil
}

// Serial is a certificate's serial number in hexadecimal, as fabric-ca and the ledger write it.
func Serial(cert *x509.Certificate) string { return strings.ToLower(cert.SerialNumber.Text(16)) }

// RevocationList has the identity authority sign the list of all certificates that it has revoked, in PEM. Expired ones stay
// on it: peers accept a block's signatures whatever the time.
func (c *Client) RevocationList() ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, fmt.Errorf("%s: its list of revoked certificates: %w", c.node.Name, err)
	}
	var answer struct{ CRL string }
	if err := c.ask(c.identity, http.MethodPost, "gencrl", nil, map[string]string{"caname": c.identity.name}, &answer); err != nil {
		return fail(err)
	}
	list, err := base64.StdEncoding.DecodeString(answer.CRL)
	if err != nil {
		return fail(err)
	}
	if _, err := ParseRevocationList(c.org, list); err != nil {
		return fail(err)
	}
	return list, nil
}

// ParseRevocationList checks that an organisation's authority signed a list, and returns it.
func ParseRevocationList(o *topology.Organisation, text []byte) (*x509.RevocationList, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is not PEM")
	}
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		return nil, err
	}
	root, err := ReadCertificate(o.CARoot())
	if err != nil {
		return nil, err
	}
	return list, list.CheckSignatureFrom(root)
}

// KeepRevocationList puts a list into the membership folders of an organisation's nodes, which read it at their next start.
// What concerns the channel they learn from its configuration at once.
func KeepRevocationList(o *topology.Organisation, list []byte) error {
	if err := process.WriteFile(o.RevocationList(), list); err != nil {
		return err
	}
	for _, n := range o.Nodes {
		if n.Kind != topology.KindPeer && n.Kind != topology.KindOrderer {
			continue
		}
		if err := process.WriteFile(filepath.Join(n.MSP(), "crls", "crl.pem"), list); err != nil {
			return err
		}
	}
	return nil
}
