package operator

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/registration"
	"relieftrail/network/topology"
)

// Ending is a certificate and its end.
type Ending struct {
	Organisation string    `json:"organisation"`
	Name         string    `json:"name"` // as reliefnet renew takes it
	Use          string    `json:"use"`
	NotAfter     time.Time `json:"not_after"`
	Days         int       `json:"days"` // whole days left; less than 0 when it has expired
	Revoked      bool      `json:"revoked,omitempty"`
	File         string    `json:"file"`
}

// What certificates are for.
const (
	useOfficial    = "official"
	useMember      = "member"
	useTLS         = "TLS"
	useAuthorities = "authorities" // scripts/up makes it again
	useRoot        = "root"
)

// Expiring lists the certificates of all organisations that end within some time, the nearest end first.
func (o *Operator) Expiring(within time.Duration) ([]Ending, error) {
	found := []Ending{}
	for _, org := range o.Topology.Organisations {
		all, err := endings(org)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if time.Until(e.NotAfter) <= within {
				found = append(found, e)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Ending) int { return a.NotAfter.Compare(b.NotAfter) })
	return found, nil
}

// endings are all certificates that an organisation has.
func endings(org *topology.Organisation) ([]Ending, error) {
	var all []Ending
	add := func(name, use, file string) error {
		cert, err := ca.ReadCertificate(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // not enrolled yet
		}
		if err != nil {
			return err
		}
		all = append(all, Ending{
			Organisation: org.Name, Name: name, Use: use, NotAfter: cert.NotAfter, Days: daysLeft(cert.NotAfter),
			Revoked: use != useTLS && ca.Revoked(org, name), File: file,
		})
		return nil
	}
	users, err := filepath.Glob(org.User("*").Cert)
	if err != nil {
		return nil, err
	}
	invited, err := filepath.Glob(registration.CertFile(org.Invitations(), "*"))
	if err != nil {
		return nil, err
	}
	for _, file := range append(users, invited...) {
		name, use := filepath.Base(filepath.Dir(file)), useOfficial
		if name == topology.GatewayUser {
			use = useMember
		}
		if err := add(name, use, file); err != nil {
			return nil, err
		}
	}
	for _, c := range nodeCertificates(org) {
		if err := add(c.name, c.use, c.file); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b Ending) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

type nodeCertificate struct{ name, use, file string }

// nodeCertificates are those of an organisation's nodes, and the roots.
func nodeCertificates(org *topology.Organisation) []nodeCertificate {
	all := []nodeCertificate{
		{topology.KindCA, useTLS, org.CAListener()},
		{topology.OperatorTool, useTLS, org.OperatorTLS().Cert},
		{topology.OperatorTool, useTLS, org.OperationsTLS().Cert},
		{topology.OperatorTool, useAuthorities, org.CAOperator().Cert},
		{topology.KindRA, useAuthorities, org.RAClient().Cert},
		{topology.KindCA, useRoot, org.CARoot()},
		{topology.KindCA, useRoot, org.TLSRoot()},
		{topology.KindCA, useRoot, org.OperationsRoot()},
	}
	for _, n := range org.Nodes {
		all = append(all, nodeCertificate{n.Kind, useTLS, n.TLS().Cert})
		if n.Kind == topology.KindPeer || n.Kind == topology.KindOrderer {
			all = append(all, nodeCertificate{n.Kind, useMember, n.Member().Cert})
		}
	}
	return all
}

// daysLeft are the whole days until a time.
func daysLeft(t time.Time) int {
	left := time.Until(t)
	if left < 0 {
		return days(left) - 1
	}
	return days(left)
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// nearestEnds are the days left of the certificate of each kind of node that ends first.
func nearestEnds(org *topology.Organisation) (map[string]int, error) {
	all, err := endings(org)
	if err != nil {
		return nil, err
	}
	nearest := map[string]int{}
	for _, e := range all {
		if have, ok := nearest[e.Name]; !ok || e.Days < have {
			nearest[e.Name] = e.Days
		}
	}
	return nearest, nil
}
