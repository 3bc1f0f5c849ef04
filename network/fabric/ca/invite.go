package ca

import (
	"fmt"
	"os"
	"path/filepath"

	"relieftrail/network/registration"
	"relieftrail/network/topology"
)

// Invite registers a principal with the identity authority, or gives one who is registered a new password, and returns it. It is good
// for one certificate, for a key that its holder makes; nobody else keeps it. Somebody who was retired is not invited.
func (c *Client) Invite(p topology.Principal) (secret string, err error) {
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("%s: inviting %s: %w", c.node.Name, p.Name, err)
	}
	revocation, _, err := ReadRevocation(c.org, p.Name)
	if err != nil {
		return fail(err)
	}
	if revocation.Retired {
		return fail(fmt.Errorf("%s is retired and gets no certificate: invite another name", p.Name))
	}
	// fabric-ca counts the certificates that passwords have got, and compares their number.
	before, err := c.issued(p.Name, false)
	if err != nil {
		return fail(err)
	}
	request := principalRequest(p)
	request.MaxEnrollments = len(before) + 1
	if secret, err = c.register(c.identity, request); err != nil {
		return fail(err)
	}
	return secret, c.whole(p.Name)
}

// AtGateway reports whether an official enrols at the gateway: has been invited, or has a certificate for a key that is there.
func AtGateway(o *topology.Organisation, name string) bool {
	_, err := os.Stat(filepath.Join(o.Invitations(), name))
	return err == nil
}

// OfficialCert is the file with an official's newest certificate. One who enrolled at the gateway has it with the registration
// authority.
func OfficialCert(o *topology.Organisation, name string) string {
	if AtGateway(o, name) {
		return registration.CertFile(o.Invitations(), name)
	}
	return o.User(name).Cert
}

// IdentityAuthority is the name by which fabric-ca knows an organisation's authority for identities.
func IdentityAuthority(o *topology.Organisation) string { return identityCA(o) }
