package operator

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/fabric/channel"
	"relieftrail/network/host/process"
	"relieftrail/network/registration"
	"relieftrail/network/topology"
)

// Revocation says whose certificates end, and why.
type Revocation struct {
	Organisation, Name, Reason string
	// Retire: the official acts no more, and the name gets no new certificate. Otherwise the official goes on with a new one.
	Retire bool
}

// Revoke ends every certificate of a name at once, with the keys of its own organisation alone: the token, what the authority
// would certify, the official's entry on the ledger, and the list that all peers and orderers follow. What one step cannot
// do does not keep the others from being done; the same command again does what is missing.
func (o *Operator) Revoke(ctx context.Context, r Revocation) error {
	org, err := o.Topology.Organisation(r.Organisation)
	if err != nil {
		return err
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	kept, err := o.keepRevocation(org, r)
	if err != nil {
		return err
	}
	r.Reason, r.Retire = kept.Reason, kept.Retired
	if err := o.dropToken(r.Name); err != nil {
		return err
	}
	if err := registration.Withdraw(org.Invitations(), r.Name); err != nil {
		return err
	}
	certs, list, errCA := o.revokeAtAuthority(ctx, org, r)
	network, err := admin.Connect(o.Topology)
	if err != nil {
		return errors.Join(errCA, err)
	}
	defer network.Close()
	errLedger := o.revokeOnLedger(ctx, network, org, r, certs)
	var errChannel error
	if list != nil {
		errChannel = o.revokeOnChannel(ctx, network, org, r.Name, list)
	}
	if err := errors.Join(errCA, errLedger, errChannel); err != nil {
		return fmt.Errorf("not everything could be done; repeat the command when the cause is gone: %w", err)
	}
	o.sayNext(org, r)
	return nil
}

// keepRevocation writes down first that the name is revoked, so that no start of the network issues a certificate to it.
func (o *Operator) keepRevocation(org *topology.Organisation, r Revocation) (ca.Revocation, error) {
	dir := org.User(r.Name).Cert
	if n := org.Node(r.Name); n != nil {
		dir = n.Member().Cert
	}
	if _, err := os.Stat(dir); err != nil && !ca.AtGateway(org, r.Name) {
		return ca.Revocation{}, fmt.Errorf("%s has no identity %q: %w", org.Name, r.Name, err)
	}
	kept, ok, err := ca.ReadRevocation(org, r.Name)
	if err != nil {
		return kept, err
	}
	if ok && (kept.Retired || !r.Retire) {
		return kept, nil
	}
	kept = ca.Revocation{At: time.Now().UTC(), Reason: r.Reason, Retired: r.Retire}
	return kept, ca.WriteRevocation(org, r.Name, kept)
}

// dropToken deletes a principal's token. The gateway notices within a second.
func (o *Operator) dropToken(name string) error {
	err := os.Remove(o.Topology.Token(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		o.say("token of %s deleted", name)
	}
	return err
}

// revokeAtAuthority has the authority revoke all certificates of the name and sign a new list. When the authority is away, the
// certificate that the organisation itself has is returned.
func (o *Operator) revokeAtAuthority(
	ctx context.Context, org *topology.Organisation, r Revocation,
) (certs []*x509.Certificate, list []byte, err error) {
	client, err := o.authority(ctx, org)
	if err != nil {
		known, errKnown := ca.ReadCertificate(ca.OfficialCert(org, r.Name))
		if errKnown != nil {
			return nil, nil, err
		}
		return []*x509.Certificate{known}, nil, err
	}
	defer client.Close()
	if certs, err = client.Revoke(r.Name, r.Retire); err != nil {
		return nil, nil, err
	}
	o.say("%s: %d certificates of %s revoked", org.Name, len(certs), r.Name)
	if list, err = client.RevocationList(); err != nil {
		return certs, nil, err
	}
	return certs, list, ca.KeepRevocationList(org, list)
}

// authority is a client of an organisation's certificate authorities, which must be up.
func (o *Operator) authority(ctx context.Context, org *topology.Organisation) (*ca.Client, error) {
	authority := org.Node(topology.KindCA)
	if err := o.runner.Died(authority.Name); err != nil {
		return nil, fmt.Errorf("the certificate authority is not up (scripts/up starts it): %w", err)
	}
	if err := o.authorityReady(ctx, authority); err != nil {
		return nil, err
	}
	return ca.NewClient(authority)
}

// revokeOnChannel puts the list into the channel's configuration.
func (o *Operator) revokeOnChannel(
	ctx context.Context, network *admin.Network, org *topology.Organisation, name string, list []byte,
) error {
	fail := func(err error) error {
		if ca.Revoked(org, topology.Admin) {
			err = fmt.Errorf("%w; the administrator is revoked: reliefnet renew %s --org %s, and then this again", err, topology.Admin, org.Name)
		}
		return err
	}
	config, err := network.Config(ctx, org)
	if err != nil {
		return fail(err)
	}
	update, err := channel.Revoke(config, o.Topology.Channel.Name, org.MSPID, list)
	if err != nil {
		return err
	}
	if update == nil {
		o.say("the channel knows all revoked certificates of %s", org.Name)
		return nil
	}
	if err := network.UpdateChannel(ctx, org, update); err != nil {
		return fail(err)
	}
	// With a revoked certificate of its own the organisation cannot look: its peer gets no blocks, its administrator no answer.
	if name != topology.Admin && org.Node(name) == nil {
		if err := network.AwaitConfig(ctx, org, config.GetSequence()); err != nil {
			return err
		}
	}
	o.say("the channel's configuration has the new list of %s: every peer and orderer refuses what is on it", org.Name)
	return nil
}

// revokeOnLedger writes into the official's entry which certificates are revoked, or that the official is retired. Another
// registrar of the organisation signs when it is a registrar's own name.
func (o *Operator) revokeOnLedger(
	ctx context.Context, network *admin.Network, org *topology.Organisation, r Revocation, certs []*x509.Certificate,
) error {
	if slices.Contains(topology.ReservedNames, r.Name) || len(certs) == 0 && !ca.AtGateway(org, r.Name) {
		return nil // no official
	}
	registrar, ok := o.registrar(org, r.Name)
	if !ok && r.Retire {
		return fmt.Errorf("%s: another registrar must sign that %s is retired: the topology has none with a valid certificate", org.Name, r.Name)
	}
	if !ok {
		o.say("%s is the only registrar: reliefnet renew %s --org %s also writes the entry on the ledger", r.Name, r.Name, org.Name)
		return nil
	}
	return o.writeEntry(ctx, network, org, registrar, r, certs)
}

// registrar is a principal who may sign for the organisation, other than the one named.
func (o *Operator) registrar(org *topology.Organisation, except string) (string, bool) {
	for _, p := range org.Principals {
		if p.Role == "registrar" && p.Name != except && !ca.Revoked(org, p.Name) {
			return p.Name, true
		}
	}
	return "", false
}

func (o *Operator) writeEntry(
	ctx context.Context, network *admin.Network, org *topology.Organisation, registrar string, r Revocation, certs []*x509.Certificate,
) error {
	named := api.OfficialInput{Agency: org.MSPID, Name: r.Name}
	var input any = api.RetireInput{OfficialInput: named, Reason: r.Reason}
	function := api.OfficialRetire.Name()
	if !r.Retire {
		function = api.OfficialRevoke.Name()
		serials := unexpired(certs)
		if len(serials) == 0 {
			return nil
		}
		input = api.RevokeInput{OfficialInput: named, Serials: serials, Reason: r.Reason}
	}
	argument, err := json.Marshal(input)
	if err != nil {
		return err
	}
	_, err = network.SubmitPrivate(ctx, org, registrar, nil, function, string(argument))
	switch {
	case admin.Refused(err, "NOT_FOUND"):
		o.say("%s is not registered on the ledger: there is no entry to end", r.Name)
		return nil
	case r.Retire && admin.Refused(err, "WRONG_STATE"):
		o.say("%s is retired on the ledger", r.Name)
		return nil
	case err != nil:
		return err
	}
	o.say("the ledger's entry of %s is written by %s: the contracts refuse what was revoked", r.Name, registrar)
	return nil
}

// unexpired are the serial numbers of those certificates that the peers would still take.
func unexpired(certs []*x509.Certificate) []string {
	var serials []string
	for _, cert := range certs {
		if time.Now().Before(cert.NotAfter) {
			serials = append(serials, ca.Serial(cert))
		}
	}
	slices.Sort(serials)
	return serials
}

// sayNext says what is left to do.
func (o *Operator) sayNext(org *topology.Organisation, r Revocation) {
	o.say("done. Other agencies need to do nothing: their nodes learn it from the channel")
	if r.Retire {
		o.say("next: take %s out of the topology file", r.Name)
	} else {
		o.say("next: reliefnet renew %s --org %s issues a new certificate and token, when the holder has been told from the thief",
			r.Name, org.Name)
	}
	if org.NoticesAs == r.Name {
		o.say("next: notices_as of %s names %s: name another, or public notices show no names", org.Name, r.Name)
	}
	o.say("next: scripts/down and scripts/up, so that what %s's own nodes serve outside the channel follows the list, too", org.Name)
}
