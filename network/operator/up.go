package operator

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/fabric/channel"
	"relieftrail/network/fabric/founding"
	"relieftrail/network/fabric/lifecycle"
	"relieftrail/network/host/process"
	"relieftrail/network/host/programs"
	"relieftrail/network/topology"
)

// How long a step may take before it counts as failed.
const (
	nodePatience  = 60 * time.Second
	readyPatience = 90 * time.Second
)

// Up brings the network up. It does only what is missing, and returns when every organisation can have transactions endorsed
// and every gateway serves.
func (o *Operator) Up(ctx context.Context) error {
	if err := process.CheckSpace(o.Topology.State); err != nil {
		return err
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	if err := o.build(ctx); err != nil {
		return err
	}
	// Only the gateways need the pages' programs: they are built while everything before them starts.
	group, before := errgroup.WithContext(ctx)
	var blocks uint64
	group.Go(func() error { return o.buildPages(before) })
	group.Go(func() (err error) {
		blocks, err = o.start(before)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return o.gateways(ctx, blocks)
}

// start brings everything up but the gateways, and founds the registry. It returns how many blocks the ledger has then.
func (o *Operator) start(ctx context.Context) (blocks uint64, err error) {
	if err := o.secrets(); err != nil {
		return 0, err
	}
	if err := o.authorities(ctx); err != nil {
		return 0, err
	}
	if err := o.registrationAuthorities(ctx); err != nil {
		return 0, err
	}
	network, err := admin.Connect(o.Topology)
	if err != nil {
		return 0, err
	}
	defer network.Close()
	if err := o.fabricNodes(ctx, network); err != nil {
		return 0, err
	}
	if err := o.join(ctx, network); err != nil {
		return 0, err
	}
	if err := o.deploy(ctx, network); err != nil {
		return 0, err
	}
	if err := o.found(ctx, network); err != nil {
		return 0, err
	}
	for _, n := range o.Topology.NodesOf(topology.KindPeer) {
		height, err := network.Height(ctx, n)
		if err != nil {
			return 0, err
		}
		blocks = max(blocks, height)
	}
	return blocks, nil
}

// found puts on the ledger what a new one needs: the registry, the officials, the cosigning keys of the transparency log.
func (o *Operator) found(ctx context.Context, network *admin.Network) error {
	keys, err := o.cosigningKeys()
	if err != nil {
		return err
	}
	founded, err := founding.Found(ctx, network, keys)
	if err != nil {
		return err
	}
	if founded {
		o.say("registry founded by %d signatures", len(o.Topology.Organisations))
	}
	if err := founding.Officials(ctx, network); err != nil || founded {
		return err
	}
	named, err := founding.Cosigners(ctx, network, keys)
	if err != nil {
		return err
	}
	if named {
		o.say("cosigning keys of the transparency log put on the ledger")
	}
	return nil
}

// Deploy builds the chaincode of the checkout and makes it the channel's, on a network that is up.
func (o *Operator) Deploy(ctx context.Context) error {
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	for _, name := range o.names(topology.KindOrderer, topology.KindPeer) {
		if err := o.runner.Died(name); err != nil {
			return fmt.Errorf("the network is not up (scripts/up starts it): %w", err)
		}
	}
	if err := o.build(ctx); err != nil {
		return err
	}
	network, err := admin.Connect(o.Topology)
	if err != nil {
		return err
	}
	defer network.Close()
	return o.deploy(ctx, network)
}

func (o *Operator) build(ctx context.Context) error {
	var err error
	o.programs, err = programs.All(ctx, o.Topology, o.say)
	if err != nil {
		return err
	}
	o.say("programs are there")
	return nil
}

// buildPages builds what the gateways' pages run in the browser.
func (o *Operator) buildPages(ctx context.Context) (err error) {
	if o.programs.Gateway == "" {
		return nil
	}
	if err := programs.Verifier(ctx, o.Topology.Root, o.programs.Verifier, o.say); err != nil {
		return err
	}
	o.programs.Workplace, err = programs.Workplace(ctx, o.Topology.Root, o.programs.Workplace, o.say)
	return err
}

// authorities starts the certificate authorities and enrols the identities that are missing.
func (o *Operator) authorities(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, n := range o.Topology.NodesOf(topology.KindCA) {
		group.Go(func() error {
			process, err := ca.Process(o.programs.CA, n)
			if err != nil {
				return err
			}
			if err := o.runner.Start(process); err != nil {
				return err
			}
			org := n.Organisation
			if ca.Enrolled(org) {
				return nil
			}
			if err := o.authorityReady(ctx, n); err != nil {
				return err
			}
			if err := ca.EnrolAll(o.Topology, org); err != nil {
				return err
			}
			o.say("%s: identities enrolled", org.Name)
			return o.restartAuthority(n)
		})
	}
	return group.Wait()
}

// restartAuthority has an organisation's certificate authorities serve their operations port with the TLS certificate that
// they have issued.
func (o *Operator) restartAuthority(n *topology.Node) error {
	process, err := ca.Process(o.programs.CA, n)
	if err != nil {
		return err
	}
	return o.runner.Start(process)
}

func (o *Operator) authorityReady(ctx context.Context, n *topology.Node) error {
	return o.await(ctx, n, func(ctx context.Context) error { return ca.Ready(ctx, n) })
}

// await waits until a node is ready.
func (o *Operator) await(ctx context.Context, n *topology.Node, ready func(context.Context) error) error {
	return o.runner.Await(ctx, nodePatience, n.Name, []string{n.Name}, ready)
}

// fabricNodes starts orderers and peers and waits until they answer.
func (o *Operator) fabricNodes(ctx context.Context, network *admin.Network) error {
	for _, n := range o.Topology.NodesOf(topology.KindOrderer, topology.KindPeer) {
		if err := o.startInTurn(ctx, network, n); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, n := range o.Topology.NodesOf(topology.KindCA) {
		group.Go(func() error { return o.authorityReady(ctx, n) })
	}
	for _, n := range o.Topology.NodesOf(topology.KindOrderer) {
		group.Go(func() error { return o.awaitFabricNode(ctx, network, n) })
	}
	for _, n := range o.Topology.NodesOf(topology.KindPeer) {
		group.Go(func() error { return o.awaitFabricNode(ctx, network, n) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	o.say("certificate authorities, orderers and peers answer")
	return nil
}

// startInTurn starts an orderer or a peer. One that runs and has to be started again, such as for a new certificate, answers
// before the next one is touched.
func (o *Operator) startInTurn(ctx context.Context, network *admin.Network, n *topology.Node) error {
	before, err := o.runner.Record(n.Name)
	if err != nil {
		return err
	}
	running := before.Alive()
	if err := o.startFabricNode(n); err != nil || !running {
		return err
	}
	after, err := o.runner.Record(n.Name)
	if err != nil || after.PID == before.PID {
		return err
	}
	o.say("%s: restarted", n.Name)
	return o.awaitFabricNode(ctx, network, n)
}

// awaitFabricNode waits until an orderer or a peer answers.
func (o *Operator) awaitFabricNode(ctx context.Context, network *admin.Network, n *topology.Node) error {
	return o.await(ctx, n, func(ctx context.Context) error {
		var err error
		if n.Kind == topology.KindOrderer {
			_, err = channel.OrdererState(ctx, o.Topology, n)
		} else {
			_, err = network.Joined(n)
		}
		return err
	})
}

// startFabricNode starts an orderer or a peer.
func (o *Operator) startFabricNode(n *topology.Node) error {
	prepare := o.peer
	if n.Kind == topology.KindOrderer {
		prepare = o.orderer
	}
	process, err := prepare(n)
	if err != nil {
		return err
	}
	return o.runner.Start(process)
}

// join gives the channel to every orderer and peer that does not have it.
func (o *Operator) join(ctx context.Context, network *admin.Network) error {
	genesis, text, err := channel.Genesis(o.Topology)
	if err != nil {
		return err
	}
	for _, n := range o.Topology.NodesOf(topology.KindOrderer) {
		if err := channel.JoinOrderer(ctx, o.Topology, n, text); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, n := range o.Topology.NodesOf(topology.KindPeer) {
		group.Go(func() error {
			joined, err := network.Joined(n)
			if err != nil || joined {
				return err
			}
			if err := network.Join(ctx, n, genesis); err != nil {
				return err
			}
			o.say("%s: joined channel %s", n.Organisation.Name, o.Topology.Channel.Name)
			return nil
		})
	}
	return group.Wait()
}

// deploy makes the built chaincode the channel's, runs it, and waits until every organisation can have transactions
// endorsed by all.
func (o *Operator) deploy(ctx context.Context, network *admin.Network) error {
	pkg, err := lifecycle.NewPackage(o.Topology, o.programs.Chaincode)
	if err != nil {
		return err
	}
	var sequence int64
	everyone := o.names(topology.KindOrderer, topology.KindPeer)
	// Orderers answer before they have a leader, so the deployment is tried until they have one.
	err = o.runner.Await(ctx, readyPatience, "chaincode", everyone, func(ctx context.Context) error {
		var err error
		sequence, err = lifecycle.Deploy(ctx, network, pkg)
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range o.Topology.NodesOf(topology.KindChaincode) {
		if err := o.runner.Start(o.chaincode(n, pkg.ID)); err != nil {
			return err
		}
	}
	if sequence > 0 {
		o.say("chaincode %s deployed, sequence %d", pkg.Label, sequence)
	}
	return o.endorsing(ctx, network)
}

// endorsing waits until a transaction of any organisation is endorsed by all.
func (o *Operator) endorsing(ctx context.Context, network *admin.Network) error {
	involved := o.names(topology.KindOrderer, topology.KindPeer, topology.KindChaincode)
	group, ctx := errgroup.WithContext(ctx)
	for _, org := range o.Topology.Organisations {
		group.Go(func() error {
			return o.runner.Await(ctx, readyPatience, org.Name, involved, func(ctx context.Context) error {
				return network.Ready(ctx, org)
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	o.say("all %d organisations endorse", len(o.Topology.Organisations))
	return nil
}

// gateways starts the gateways and waits until they serve answers that rest on at least so many blocks.
func (o *Operator) gateways(ctx context.Context, blocks uint64) error {
	gateways := o.Topology.NodesOf(topology.KindGateway)
	if len(gateways) == 0 {
		return nil
	}
	for _, n := range gateways {
		process, err := o.gateway(n)
		if err != nil {
			return err
		}
		if err := o.runner.Start(process); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, n := range gateways {
		group.Go(func() error {
			return o.await(ctx, n, func(ctx context.Context) error { return gatewayReady(ctx, n, blocks) })
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	o.say("gateways serve")
	return nil
}
