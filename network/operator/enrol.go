package operator

import (
	"context"
	"errors"
	"fmt"
	"os"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Enrol has an organisation's certificate authority certify one more principal. It returns where certificate and key are.
func (o *Operator) Enrol(ctx context.Context, organisation string, p topology.Principal) (topology.KeyPair, error) {
	org, err := o.Topology.Organisation(organisation)
	if err != nil {
		return topology.KeyPair{}, err
	}
	if err := p.Validate(); err != nil {
		return topology.KeyPair{}, err
	}
	pair := org.User(p.Name)
	if _, err := os.Stat(pair.Cert); !errors.Is(err, os.ErrNotExist) || ca.AtGateway(org, p.Name) {
		return topology.KeyPair{}, fmt.Errorf("%s has a principal %s already: %s", org.Name, p.Name, ca.OfficialCert(org, p.Name))
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return topology.KeyPair{}, err
	}
	defer unlock()
	client, err := o.authority(ctx, org)
	if err != nil {
		return topology.KeyPair{}, err
	}
	defer client.Close()
	return pair, client.Principal(p)
}
