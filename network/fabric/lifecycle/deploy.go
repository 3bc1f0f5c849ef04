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

// Query asks a peer which definition holds.
func Query(ctx context.Context, n *admin.Network, peer *topology.Node) (Committed, error) {
	client, err := n.Admin(peer.Organisation)
	if err != nil {
		return Committed{}, err
	}
	name := n.Topology.Chaincode.Name
	found, err := client.LifecycleQueryCommittedCC(n.Topology.Channel.Name, resmgmt.LifecycleQueryCommittedCCRequest{Name: name},
		resmgmt.WithTargetEndpoints(admin.Key(peer)), resmgmt.WithParentContext(ctx))
	if err != nil {
		if strings.Contains(err.Error(), "is not defined") {
			return Committed{}, nil
		}
		return Committed{}, fmt.Errorf("%s: its chaincode: %w", peer.Name, err)
	}
	for _, d := range found {
		if d.Name == name {
			return Committed{Version: d.Version, Sequence: d.Sequence}, nil
		}
	}
	return Committed{}, nil
}

// Deploy makes a package the channel's chaincode. It returns the new sequence, or 0 when nothing had to change. It does only
// what is missing, so it may be cut short and run again.
func Deploy(ctx context.Context, n *admin.Network, p Package) (sequence int64, err error) {
	d := deployment{n: n, pkg: p}
	peers := n.Topology.NodesOf(topology.KindPeer)
	committed, err := Query(ctx, n, peers[0])
	if err != nil {
		return 0, err
	}
	if err := d.install(ctx, peers); err != nil {
		return 0, err
	}
	d.sequence = committed.Sequence
	if committed.Version == p.Version {
		// An organisation that was away may still have to approve what holds.
		return 0, d.approve(ctx)
	}
	d.sequence++
	if err := d.approve(ctx); err != nil {
		return 0, err
	}
	return d.sequence, d.commit(ctx, peers)
}

// deployment is one definition on its way to the channel.
type deployment struct {
	n        *admin.Network
	pkg      Package
	sequence int64
}

// install gives the package to every peer that does not have it.
func (d *deployment) install(ctx context.Context, peers []*topology.Node) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, peer := range peers {
		group.Go(func() error {
			client, err := d.n.Admin(peer.Organisation)
			if err != nil {
				return err
			}
			_, err = client.LifecycleInstallCC(resmgmt.LifecycleInstallCCRequest{Label: d.pkg.Label, Package: d.pkg.Bytes},
				resmgmt.WithTargetEndpoints(admin.Key(peer)), resmgmt.WithParentContext(ctx))
			if err != nil {
				return fmt.Errorf("%s: installing %s: %w", peer.Name, d.pkg.Label, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// approve signs the definition for every organisation that has not signed it.
func (d *deployment) approve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, o := range d.n.Topology.Organisations {
		group.Go(func() error { return d.approveFor(ctx, o) })
	}
	return group.Wait()
}

// approveFor signs the definition for an organisation, by way of its own peer and orderer.
func (d *deployment) approveFor(ctx context.Context, o *topology.Organisation) error {
	client, err := d.n.Admin(o)
	if err != nil {
		return err
	}
	channel, name := d.n.Topology.Channel.Name, d.n.Topology.Chaincode.Name
	peer, orderer := admin.Key(o.Node(topology.KindPeer)), admin.Key(o.Node(topology.KindOrderer))
	target, parent := resmgmt.WithTargetEndpoints(peer), resmgmt.WithParentContext(ctx)
	approved, err := client.LifecycleQueryApprovedCC(channel,
		resmgmt.LifecycleQueryApprovedCCRequest{Name: name, Sequence: d.sequence}, target, parent)
	if err == nil && approved.PackageID == d.pkg.ID && approved.Version == d.pkg.Version {
		return nil
	}
	_, err = client.LifecycleApproveCC(channel, resmgmt.LifecycleApproveCCRequest{
		Name: name, Version: d.pkg.Version, PackageID: d.pkg.ID, Sequence: d.sequence,
		SignaturePolicy: d.pkg.policy, CollectionConfig: d.pkg.collections,
	}, target, resmgmt.WithOrdererEndpoint(orderer), parent)
	if err != nil {
		return fmt.Errorf("%s: approving %s as sequence %d: %w", o.Name, d.pkg.Label, d.sequence, err)
	}
	return nil
}

// commit makes the definition hold, which takes a peer of every organisation to endorse it. The first peer's organisation
// signs.
func (d *deployment) commit(ctx context.Context, peers []*topology.Node) error {
	first := peers[0].Organisation
	client, err := d.n.Admin(first)
	if err != nil {
		return err
	}
	_, err = client.LifecycleCommitCC(d.n.Topology.Channel.Name, resmgmt.LifecycleCommitCCRequest{
		Name: d.n.Topology.Chaincode.Name, Version: d.pkg.Version, Sequence: d.sequence,
		SignaturePolicy: d.pkg.policy, CollectionConfig: d.pkg.collections,
	}, resmgmt.WithTargetEndpoints(admin.Keys(peers)...), resmgmt.WithOrdererEndpoint(admin.Key(first.Node(topology.KindOrderer))),
		resmgmt.WithParentContext(ctx))
	if err != nil {
		return fmt.Errorf("committing %s as sequence %d: %w", d.pkg.Label, d.sequence, err)
	}
	return nil
}
