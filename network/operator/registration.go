package operator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"filippo.io/age"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/registration"
	"relieftrail/network/topology"
)

// invitationTerm is how long an invitation counts that renews a certificate, or when nothing is said.
const invitationTerm = 14 * 24 * time.Hour

// registrationAuthorities starts the registration authorities and waits until they listen.
func (o *Operator) registrationAuthorities(ctx context.Context) error {
	for _, n := range o.Topology.NodesOf(topology.KindRA) {
		if err := o.runner.Start(o.registrationAuthority(n)); err != nil {
			return err
		}
	}
	for _, n := range o.Topology.NodesOf(topology.KindRA) {
		if err := o.await(ctx, n, func(ctx context.Context) error { return registrationReady(ctx, n) }); err != nil {
			return err
		}
	}
	return nil
}

func (o *Operator) registrationAuthority(n *topology.Node) process.Process {
	org := n.Organisation
	own, client := n.TLS(), org.RAClient()
	return process.Process{
		Name: n.Name, Exe: o.programs.RA, Dir: n.Dir(), Log: n.LogFile(),
		Args: []string{
			"-listen", n.Address(), "-cert", own.Cert, "-key", own.Key, "-root", org.TLSRoot(), "-gateway", topology.KindGateway,
			"-officials", org.Invitations(), "-authority", org.Node(topology.KindCA).Address(), "-authority-name", ca.IdentityAuthority(org),
			"-authority-cert", client.Cert, "-authority-key", client.Key,
		},
		Files:   []string{own.Cert, client.Cert},
		Env:     o.memory(n.Kind),
		Listens: []process.Listen{{Use: "RA", Address: n.Address()}},
	}
}

// registrationReady is nil when a registration authority listens and shows its certificate. It answers the gateway alone.
func registrationReady(ctx context.Context, n *topology.Node) error {
	text, err := os.ReadFile(n.Organisation.TLSRoot())
	if err != nil {
		return err
	}
	root := x509.NewCertPool()
	root.AppendCertsFromPEM(text)
	dialer := &tls.Dialer{
		NetDialer: &net.Dialer{Timeout: answerPatience}, Config: &tls.Config{RootCAs: root, MinVersion: tls.VersionTLS12},
	}
	conn, err := dialer.DialContext(ctx, "tcp", n.Address())
	if err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	return conn.Close()
}

// Invite registers an official with an organisation's certificate authority, who enrols by themselves at their first sign-in: the
// gateway makes the key and keeps it. The invitation counts once, until it ends.
func (o *Operator) Invite(ctx context.Context, organisation string, p topology.Principal, ends time.Time) error {
	org, err := o.Topology.Organisation(organisation)
	if err != nil {
		return err
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if org.Node(topology.KindRA) == nil {
		return fmt.Errorf("%s has no registration authority (ra) in the topology: reliefnet enrol issues certificates without one", org.Name)
	}
	if _, err := os.Stat(org.User(p.Name).Cert); err == nil {
		return fmt.Errorf("%s has a principal %s whose key the operator made: invite another name", org.Name, p.Name)
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	client, err := o.authority(ctx, org)
	if err != nil {
		return err
	}
	defer client.Close()
	return o.invite(client, org, p, ends)
}

func (o *Operator) invite(client *ca.Client, org *topology.Organisation, p topology.Principal, ends time.Time) error {
	to, err := gatewayRecipient(org)
	if err != nil {
		return err
	}
	secret, err := client.Invite(p)
	if err != nil {
		return err
	}
	invitation, err := registration.Seal(to, p.Name, secret, ends)
	if err != nil {
		return err
	}
	if err := registration.Put(org.Invitations(), p.Name, invitation); err != nil {
		return err
	}
	o.say("%s: %s is invited until %s and enrols at the next sign-in", org.Name, p.Name, invitation.Ends.Format(time.RFC3339))
	return nil
}

// gatewayRecipient is for whom secrets are sealed: the first key of the gateway's file.
func gatewayRecipient(org *topology.Organisation) (age.Recipient, error) {
	fail := errors.New("the key by which the gateway keeps officials' keys is not there: scripts/up makes it")
	f, err := os.Open(org.OfficialsKey())
	if err != nil {
		return nil, fail
	}
	defer f.Close()
	identities, _ := age.ParseIdentities(f) // its error may repeat a part of the key
	if len(identities) == 0 {
		return nil, fail
	}
	key, ok := identities[0].(*age.X25519Identity)
	if !ok {
		return nil, fail
	}
	return key.Recipient(), nil
}
