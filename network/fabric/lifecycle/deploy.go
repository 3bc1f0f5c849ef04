package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hyperledger/fabric-sdk-go/pkg/client/resmgmt"
	"golang.org/x/sync/errgroup"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

// Committed is the chaincode definition that holds on the channel.
type Committed struct {
	// Version is empty and Sequence 0 while there is none.
	Version  string
	Sequence int64
}

// Query asks an organisation's peer which definition holds.
func Query(ctx context.Context, n *admin.Network, o *topology.Organisation) (Committed, error) {
	client, err := n.Admin(o)
	if err != nil {
		return Committed{}, err
	}
	name := n.Topology.Chaincode.Name
	found, err := client.LifecycleQueryCommittedCC(n.Topology.Channel.Name, resmgmt.LifecycleQueryCommittedCCRequest{Name: name},
		resmgmt.WithTargetEndpoints(admin.PeerKey(o)), resmgmt.WithParentContext(ctx))
	if err != nil {
		if strings.Contains(err.Error(), "is not defined") {
			return Committed{}, nil
		}
		return Committed{}, fmt.Errorf("%s: its chaincode: %w", o.NodeName(topology.KindPeer), err)
	}
	for _, d := range found {
		if d.Name == name {
			return Committed{Version: d.Version, Sequence: d.Sequence}, nil
		}
	}
	return Committed{}, nil
}

// Deploy makes a package the channel's chaincode. It returns the new sequence, or 0 when nothing had to change. It does only what is missing,
// so it may be cut short and run again.
func Deploy(ctx context.Context, n *admin.Network, p Package) (sequence int64, err error) {
	d := deployment{n: n, pkg: p}
	organisations := admin.All(n.Topology)
	committed, err := Query(ctx, n, organisations[0])
	if err != nil {
		return 0, err
	}
	if err := d.each(ctx, d.install); err != nil {
		return 0, err
	}
	d.sequence = committed.Sequence
	if committed.Version == p.Version {
		// An organisation that was away may still have to approve what holds.
		return 0, d.each(ctx, d.approve)
	}
	d.sequence++
	if err := d.each(ctx, d.approve); err != nil {
		return 0, err
	}
	return d.sequence, d.commit(ctx, organisations)
}

// deployment is one definition on its way to the channel.
type deployment struct {
	n        *admin.Network
	pkg      Package
	sequence int64
}

func (d *deployment) each(ctx context.Context, step func(context.Context, *resmgmt.Client, *topology.Organisation) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, o := range admin.All(d.n.Topology) {
		group.Go(func() error {
			admin, err := d.n.Admin(o)
			if err != nil {
				return err
			}
			return step(ctx, admin, o)
		})
	}
	return group.Wait()
}

// install gives the package to an organisation's peer unless it has it.
func (d *deployment) install(ctx context.Context, client *resmgmt.Client, o *topology.Organisation) error {
	_, err := client.LifecycleInstallCC(resmgmt.LifecycleInstallCCRequest{Label: d.pkg.Label, Package: d.pkg.Bytes},
		resmgmt.WithTargetEndpoints(admin.PeerKey(o)), resmgmt.WithParentContext(ctx))
	if err != nil {
		return fmt.Errorf("%s: installing %s: %w", o.NodeName(topology.KindPeer), d.pkg.Label, err)
	}
	return nil
}

// approve signs the definition for an organisation unless it has.
func (d *deployment) approve(ctx context.Context, client *resmgmt.Client, o *topology.Organisation) error {
	channel, name := d.n.Topology.Channel.Name, d.n.Topology.Chaincode.Name
	target, parent := resmgmt.WithTargetEndpoints(admin.PeerKey(o)), resmgmt.WithParentContext(ctx)
	approved, err := client.LifecycleQueryApprovedCC(channel,
		resmgmt.LifecycleQueryApprovedCCRequest{Name: name, Sequence: d.sequence}, target, parent)
	if err == nil && approved.PackageID == d.pkg.ID && approved.Version == d.pkg.Version {
		return nil
	}
	_, err = client.LifecycleApproveCC(channel, resmgmt.LifecycleApproveCCRequest{
		Name: name, Version: d.pkg.Version, PackageID: d.pkg.ID, Sequence: d.sequence,
		SignaturePolicy: d.pkg.policy, CollectionConfig: d.pkg.collections,
	}, target, resmgmt.WithOrdererEndpoint(admin.OrdererKey(o)), parent)
	if err != nil {
		return fmt.Errorf("%s: approving %s as sequence %d: %w", o.Name, d.pkg.Label, d.sequence, err)
	}
	return nil
}

// commit makes the definition hold, which takes every organisation's peer to endorse it.
func (d *deployment) commit(ctx context.Context, organisations []*topology.Organisation) error {
	client, err := d.n.Admin(organisations[0])
	if err != nil {
		return err
	}
	keys := make([]string, len(organisations))
	for i, o := range organisations {
		keys[i] = admin.PeerKey(o)
	}
	_, err = client.LifecycleCommitCC(d.n.Topology.Channel.Name, resmgmt.LifecycleCommitCCRequest{
		Name: d.n.Topology.Chaincode.Name, Version: d.pkg.Version, Sequence: d.sequence,
		SignaturePolicy: d.pkg.policy, CollectionConfig: d.pkg.collections,
	}, resmgmt.WithTargetEndpoints(keys...), resmgmt.WithOrdererEndpoint(admin.OrdererKey(organisations[0])), resmgmt.WithParentContext(ctx))
	if err != nil {
		return fmt.Errorf("committing %s as sequence %d: %w", d.pkg.Label, d.sequence, err)
	}
	return nil
}
