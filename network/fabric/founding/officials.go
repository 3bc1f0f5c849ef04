package founding

import (
	"context"
	"encoding/json"
	"fmt"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/topology"
)

// registering is how many officials are registered at the same time.
const registering = 8

// Officials has the principals of the topology registered who are not, each by their own agency's registrar.
func Officials(ctx context.Context, n *admin.Network) error {
	if n.Topology.Chaincode.Registry == "" {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(registering)
	for _, o := range n.Topology.Organisations {
		if ca.Revoked(o, o.Registrar) {
			continue // signs nothing until there is a new certificate
		}
		for _, p := range o.Principals {
			group.Go(func() error {
				if err := patiently(ctx, func() error { return register(ctx, n, o, p) }); err != nil {
					return fmt.Errorf("registering %s of %s: %w", p.Name, o.Name, err)
				}
				return nil
			})
		}
	}
	return group.Wait()
}

func register(ctx context.Context, n *admin.Network, o *topology.Organisation, p topology.Principal) error {
	named, err := json.Marshal(api.OfficialInput{Agency: o.MSPID, Name: p.Name})
	if err != nil {
		return err
	}
	_, err = n.Evaluate(ctx, o, o.Registrar, api.OfficialGet.Name(), string(named))
	if !admin.Refused(err, "NOT_FOUND") {
		return err
	}
	terms, err := json.Marshal(termsOf(o, p))
	if err != nil {
		return err
	}
	return n.Submit(ctx, o, o.Registrar, api.OfficialRegister.Name(), string(terms))
}

// registrars are the officials whom the founding names: one of each agency, who registers all others.
func registrars(t *topology.Topology) (all []registry.OfficialTerms) {
	for _, o := range t.Organisations {
		for _, p := range o.Principals {
			if p.Name == o.Registrar {
				all = append(all, termsOf(o, p))
			}
		}
	}
	return all
}

func termsOf(o *topology.Organisation, p topology.Principal) registry.OfficialTerms {
	return registry.OfficialTerms{Agency: o.MSPID, Name: p.Name, ID: p.ID}
}
