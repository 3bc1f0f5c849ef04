package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/resmgmt"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/msp"
	fabchannel "github.com/hyperledger/fabric-sdk-go/pkg/fab/channel"

	"relieftrail/network/topology"
)

// Config is the channel's configuration as an organisation's own peer has it.
func (n *Network) Config(ctx context.Context, o *topology.Organisation) (*common.Config, error) {
	at := o.Node(topology.KindPeer)
	fail := func(err error) (*common.Config, error) {
		return nil, fmt.Errorf("%s: the channel's configuration: %w", at.Name, err)
	}
	client, request, cancel, err := n.request(ctx, o, topology.Admin)
	if err != nil {
		return nil, err
	}
	defer cancel()
	targets, err := processors(client, at)
	if err != nil {
		return fail(err)
	}
	ledger, err := fabchannel.NewLedger(n.Topology.Channel.Name)
	if err != nil {
		return fail(err)
	}
	block, err := ledger.QueryConfigBlock(request, targets, ownPeer{})
	if err != nil {
		return fail(err)
	}
	if len(block.GetData().GetData()) != 1 {
		return fail(errors.New("it is not one transaction"))
	}
	envelope, payload, config := &common.Envelope{}, &common.Payload{}, &common.ConfigEnvelope{}
	if err := proto.Unmarshal(block.Data.Data[0], envelope); err != nil {
		return fail(err)
	}
	if err := proto.Unmarshal(envelope.GetPayload(), payload); err != nil {
		return fail(err)
	}
	if err := proto.Unmarshal(payload.GetData(), config); err != nil {
		return fail(err)
	}
	return config.GetConfig(), nil
}

// ownPeer takes an answer as it is: the organisation trusts its own peer.
type ownPeer struct{}

func (ownPeer) Verify(*fab.TransactionProposalResponse) error  { return nil }
func (ownPeer) Match([]*fab.TransactionProposalResponse) error { return nil }

// UpdateChannel submits an update of the channel's configuration that an organisation's administrator alone signs. The
// organisation's own orderer is asked first. What an orderer has taken is in the next block.
func (n *Network) UpdateChannel(ctx context.Context, o *topology.Organisation, update []byte) error {
	signer, err := n.signer(o, topology.Admin)
	if err != nil {
		return err
	}
	envelope, err := configtx.NewEnvelope(update)
	if err != nil {
		return err
	}
	text, err := proto.Marshal(envelope)
	if err != nil {
		return err
	}
	admin, err := n.Admin(o)
	if err != nil {
		return err
	}
	orderers := n.Topology.NodesOf(topology.KindOrderer)
	slices.SortStableFunc(orderers, func(a, b *topology.Node) int {
		return boolInt(b.Organisation == o) - boolInt(a.Organisation == o)
	})
	var failed []error
	for _, at := range orderers {
		_, err := admin.SaveChannel(resmgmt.SaveChannelRequest{
			ChannelID: n.Topology.Channel.Name, ChannelConfig: bytes.NewReader(text), SigningIdentities: []msp.SigningIdentity{signer},
		}, resmgmt.WithOrdererEndpoint(Key(at)), resmgmt.WithParentContext(ctx))
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", at.Name, err))
	}
	return fmt.Errorf("updating the channel's configuration: %w", errors.Join(failed...))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// configPatience is how long a new configuration may take to the organisation's own peer.
const configPatience = 30 * time.Second

// AwaitConfig waits until an organisation's own peer has a configuration newer than one with a sequence number.
func (n *Network) AwaitConfig(ctx context.Context, o *topology.Organisation, sequence uint64) error {
	ctx, cancel := context.WithTimeout(ctx, configPatience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		config, err := n.Config(ctx, o)
		if err == nil && config.GetSequence() > sequence {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: the new configuration was ordered, but has not come: %w", o.Name, errors.Join(ctx.Err(), err))
		}
	}
}
