package operator

import (
	"context"
	"fmt"
	"os"
	"time"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Renewal says which certificates of an organisation are issued again.
type Renewal struct {
	Organisation string
	// Names are principals, admin or kinds of node. Empty: all whose end is near; then nobody who is revoked, and nothing that
	// has expired, since whoever holds it must first be looked at.
	Names []string
}

// Renew issues new certificates for new keys and replaces the files. A principal whose certificates were revoked gets a new
// token with it. Officials go on at once; nodes follow at their next start.
func (o *Operator) Renew(ctx context.Context, r Renewal) error {
	org, err := o.Topology.Organisation(r.Organisation)
	if err != nil {
		return err
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	names := r.Names
	if len(names) == 0 {
		if names, err = o.due(org); err != nil {
			return err
		}
	}
	if len(names) == 0 {
		o.say("%s: no certificate ends within %d days", org.Name, days(org.Certificates.Warn))
		return nil
	}
	client, err := o.authority(ctx, org)
	if err != nil {
		return err
	}
	defer client.Close()
	restart := false
	for _, name := range names {
		n := org.Node(name)
		restart = restart || n != nil
		if err := o.renew(ctx, client, org, name); err != nil {
			return err
		}
	}
	if restart {
		o.say("next: scripts/up restarts the nodes that have new certificates, one after the other")
	}
	return nil
}

// due are the names of an organisation with a certificate whose end is near and that has neither expired nor been revoked.
func (o *Operator) due(org *topology.Organisation) ([]string, error) {
	endings, err := endings(org)
	if err != nil {
		return nil, err
	}
	var names []string
	seen := map[string]bool{}
	for _, e := range endings {
		left := time.Until(e.NotAfter)
		switch {
		case left > org.Certificates.Warn || seen[e.Name] || e.Revoked || e.Use == useRoot || e.Use == useAuthorities:
		case left <= 0:
			o.say("%s: %s of %s has expired and is not renewed with the others: reliefnet renew %s --org %s", org.Name, e.Use, e.Name, e.Name, org.Name)
		default:
			seen[e.Name] = true
			names = append(names, e.Name)
		}
	}
	return names, nil
}

// renew issues what belongs to one name.
func (o *Operator) renew(ctx context.Context, client *ca.Client, org *topology.Organisation, name string) error {
	if n := org.Node(name); n != nil {
		if err := client.RenewNode(o.Topology, n); err != nil {
			return err
		}
		o.say("%s: new certificates", n.Name)
		return nil
	}
	switch name {
	case topology.OperatorTool:
		if err := client.RenewOperator(); err != nil {
			return err
		}
		o.say("%s: new certificates of the operator", org.Name)
		return nil
	case topology.Admin:
		if err := client.RenewAdmin(); err != nil {
			return err
		}
		o.say("%s: new certificate of the administrator", org.Name)
		return nil
	}
	for _, p := range org.Principals {
		if p.Name == name {
			return o.renewPrincipal(ctx, client, org, p)
		}
	}
	if _, err := os.Stat(org.User(name).Cert); err != nil && !ca.AtGateway(org, name) {
		return fmt.Errorf("%s has no identity %q: %w", org.Name, name, err)
	}
	// Enrolled beside the topology: the authority knows the role and region.
	return o.renewPrincipal(ctx, client, org, topology.Principal{Name: name})
}

func (o *Operator) renewPrincipal(ctx context.Context, client *ca.Client, org *topology.Organisation, p topology.Principal) error {
	if ca.AtGateway(org, p.Name) {
		return o.invite(client, org, p, time.Now().Add(invitationTerm))
	}
	kept, revoked, err := ca.ReadRevocation(org, p.Name)
	if err != nil {
		return err
	}
	if err := client.RenewPrincipal(p); err != nil {
		return err
	}
	if !revoked {
		o.say("%s: new certificate of %s", org.Name, p.Name)
		return nil
	}
	if _, err := ca.Secret(o.Topology.Token(p.Name)); err != nil {
		return err
	}
	o.say("%s: new certificate and token of %s, whose certificates had been revoked", org.Name, p.Name)
	if p.Name != org.Registrar {
		return nil
	}
	// What was revoked of the only registrar could not be written before.
	certs, err := client.Revoked(p.Name)
	if err != nil {
		return err
	}
	network, err := admin.Connect(o.Topology)
	if err != nil {
		return err
	}
	defer network.Close()
	return o.writeEntry(ctx, network, org, p.Name, Revocation{Name: p.Name, Reason: kept.Reason}, certs)
}
