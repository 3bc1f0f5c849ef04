package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/golang/protobuf/ptypes/timestamp"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/resmgmt"
	contextapi "github.com/hyperledger/fabric-sdk-go/pkg/common/providers/context"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/comm"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/discovery"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/resource"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/txn"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"

	"relieftrail/network/topology"
)

// Joined reports whether a peer has the channel.
func (n *Network) Joined(at *topology.Node) (bool, error) {
	admin, err := n.Admin(at.Organisation)
	if err != nil {
		return false, err
	}
	channels, err := admin.QueryChannels(resmgmt.WithTargetEndpoints(Key(at)))
	if err != nil {
		return false, fmt.Errorf("%s: its channels: %w", at.Name, err)
	}
	for _, c := range channels.GetChannels() {
		if c.GetChannelId() == n.Topology.Channel.Name {
			return true, nil
		}
	}
	return false, nil
}

// Join gives a peer the channel.
func (n *Network) Join(ctx context.Context, at *topology.Node, genesis *common.Block) error {
	client, request, cancel, err := n.request(ctx, at.Organisation, topology.Admin)
	if err != nil {
		return err
	}
	defer cancel()
	targets, err := processors(client, at)
	if err != nil {
		return err
	}
	err = resource.JoinChannel(request, resource.JoinChannelRequest{Name: n.Topology.Channel.Name, GenesisBlock: genesis}, targets)
	if err != nil {
		return fmt.Errorf("%s: joining channel %s: %w", at.Name, n.Topology.Channel.Name, err)
	}
	return nil
}

// Height is the number of blocks that a peer has, asked by its organisation's administrator.
func (n *Network) Height(ctx context.Context, at *topology.Node) (uint64, error) {
	return n.HeightAt(ctx, Member{at.Organisation, topology.Admin}, at)
}

// Ready is nil when an organisation's gateway can have transactions endorsed and ordered: its orderer knows a leader, its own
// peer has found peers of all organisations, and all of them endorse. The error is what is missing.
func (n *Network) Ready(ctx context.Context, o *topology.Organisation) error {
	if err := n.orders(ctx, o.Node(topology.KindOrderer)); err != nil {
		return err
	}
	if err := n.discovers(ctx, o.Node(topology.KindPeer)); err != nil {
		return err
	}
	_, err := n.Endorse(ctx, o, topology.Admin, n.Topology.Chaincode.Ping)
	return err
}

// orders asks an orderer for a block, which it refuses while it knows no leader.
func (n *Network) orders(ctx context.Context, at *topology.Node) error {
	client, request, cancel, err := n.request(ctx, at.Organisation, topology.Admin)
	if err != nil {
		return err
	}
	defer cancel()
	fail := func(err error) error { return fmt.Errorf("%s: %w", at.Name, err) }
	orderer, err := ordererOf(client, at)
	if err != nil {
		return fail(err)
	}
	if _, err := resource.GenesisBlockFromOrderer(request, n.Topology.Channel.Name, orderer); err != nil {
		return fail(err)
	}
	return nil
}

// discovers asks a peer, as the gateway service in it would, for peers that satisfy the endorsement policy.
func (n *Network) discovers(ctx context.Context, at *topology.Node) error {
	client, request, cancel, err := n.request(ctx, at.Organisation, topology.Admin)
	if err != nil {
		return err
	}
	defer cancel()
	fail := func(err error) error {
		return fmt.Errorf("%s has not found peers of all organisations: %w", at.Name, err)
	}
	known, err := comm.NetworkPeerConfig(client.EndpointConfig(), Key(at))
	if err != nil {
		return fail(err)
	}
	calls := discovery.CcCalls(n.Topology.Chaincode.Name)
	query, err := discovery.NewRequest().OfChannel(n.Topology.Channel.Name).AddEndorsersQuery(discovery.CcInterests(calls)...)
	if err != nil {
		return fail(err)
	}
	asker, err := discovery.New(client)
	if err != nil {
		return fail(err)
	}
	answers, err := asker.Send(request, query, known.PeerConfig)
	if err != nil {
		return fail(err)
	}
	for answer := range answers {
		// A cancelled request leaves an answer that has neither error nor content.
		if err := errors.Join(answer.Error(), request.Err()); err != nil {
			return fail(err)
		}
		if _, err := answer.ForChannel(n.Topology.Channel.Name).Endorsers(calls, discovery.NewIndifferentFilter()); err != nil {
			return fail(err)
		}
	}
	return nil
}

// Endorse runs a function on the peers of all organisations, commits nothing and returns what all of them answered.
func (n *Network) Endorse(ctx context.Context, o *topology.Organisation, user, function string, args ...string) ([]byte, error) {
	return n.propose(ctx, o, user, n.Topology.NodesOf(topology.KindPeer), time.Time{}, function, args)
}

// EndorseAt is Endorse with a transaction's time that the client has chosen, as any client may.
func (n *Network) EndorseAt(
	ctx context.Context, o *topology.Organisation, user string, at time.Time, function string, args ...string,
) ([]byte, error) {
	return n.propose(ctx, o, user, n.Topology.NodesOf(topology.KindPeer), at, function, args)
}

// Evaluate runs a function on the organisation's own peer and commits nothing.
func (n *Network) Evaluate(ctx context.Context, o *topology.Organisation, user, function string, args ...string) ([]byte, error) {
	return n.propose(ctx, o, user, []*topology.Node{o.Node(topology.KindPeer)}, time.Time{}, function, args)
}

// propose asks some peers. The time is the transaction's; the zero time means the present.
func (n *Network) propose(
	ctx context.Context, o *topology.Organisation, user string, on []*topology.Node, at time.Time, function string, args []string,
) ([]byte, error) {
	e, err := n.endorse(ctx, o, user, on, at, nil, function, args)
	if err != nil {
		return nil, fmt.Errorf("%s as %s of %s: %w", function, user, o.Name, err)
	}
	return e.answers[0].GetResponse().GetPayload(), nil
}

// endorsed is a proposal with what all peers answered that were asked.
type endorsed struct {
	proposal *fab.TransactionProposal
	answers  []*fab.TransactionProposalResponse
}

// endorse asks some peers. The time is the transaction's; the zero time means the present.
func (n *Network) endorse(
	ctx context.Context, o *topology.Organisation, user string, on []*topology.Node, at time.Time, transient map[string][]byte, function string, args []string,
) (*endorsed, error) {
	client, request, cancel, err := n.request(ctx, o, user)
	if err != nil {
		return nil, err
	}
	defer cancel()
	targets, err := processors(client, on...)
	if err != nil {
		return nil, err
	}
	header, err := txn.NewHeader(client, n.Topology.Channel.Name)
	if err != nil {
		return nil, err
	}
	proposal, err := txn.CreateChaincodeInvokeProposal(header, fab.ChaincodeInvokeRequest{
		ChaincodeID: n.Topology.Chaincode.Name, Fcn: function, Args: byteArgs(args), TransientMap: transient,
	})
	if err != nil {
		return nil, err
	}
	if !at.IsZero() {
		if err := setTime(proposal.Proposal, at); err != nil {
			return nil, err
		}
	}
	answers, err := txn.SendProposal(request, proposal, targets)
	if err != nil {
		return nil, err
	}
	if len(answers) != len(targets) {
		return nil, fmt.Errorf("%d of %d peers answered", len(answers), len(targets))
	}
	for _, answer := range answers[1:] {
		if !bytes.Equal(answer.GetPayload(), answers[0].GetPayload()) {
			return nil, errDisagree
		}
	}
	return &endorsed{proposal, answers}, nil
}

var errDisagree = errors.New("the organisations' peers do not agree")

// Disagree reports whether peers answered a proposal differently, as when one of them has not taken in the last block yet.
func Disagree(err error) bool { return errors.Is(err, errDisagree) }

// SendAt has a function endorsed by all organisations, with a transaction's time that the client has chosen, as any client may, and
// sends it to the organisation's orderer. It does not wait for the commit: the id finds the transaction in a block.
func (n *Network) SendAt(
	ctx context.Context, o *topology.Organisation, user string, at time.Time, transient map[string][]byte, function string, args ...string,
) (answer []byte, id string, err error) {
	fail := func(err error) error { return fmt.Errorf("%s as %s of %s: %w", function, user, o.Name, err) }
	e, err := n.endorse(ctx, o, user, n.Topology.NodesOf(topology.KindPeer), at, transient, function, args)
	if err != nil {
		return nil, "", fail(err)
	}
	tx, err := txn.New(fab.TransactionRequest{Proposal: e.proposal, ProposalResponses: e.answers})
	if err != nil {
		return nil, "", fail(err)
	}
	client, request, cancel, err := n.request(ctx, o, user)
	if err != nil {
		return nil, "", fail(err)
	}
	defer cancel()
	orderer, err := ordererOf(client, o.Node(topology.KindOrderer))
	if err != nil {
		return nil, "", fail(err)
	}
	if _, err := txn.Send(request, tx, []fab.Orderer{orderer}); err != nil {
		return nil, "", fail(err)
	}
	return e.answers[0].GetResponse().GetPayload(), string(e.proposal.TxnID), nil
}

// ordererOf is an orderer in the SDK's form.
func ordererOf(client contextapi.Client, at *topology.Node) (fab.Orderer, error) {
	known, found, ignored := client.EndpointConfig().OrdererConfig(Key(at))
	if !found || ignored {
		return nil, errors.New("is not in the connection profile")
	}
	return client.InfraProvider().CreateOrdererFromConfig(known)
}

// setTime gives a proposal another time than that of its making.
func setTime(p *peer.Proposal, at time.Time) error {
	var (
		header  common.Header
		channel common.ChannelHeader
	)
	if err := proto.Unmarshal(p.GetHeader(), &header); err != nil {
		return err
	}
	if err := proto.Unmarshal(header.GetChannelHeader(), &channel); err != nil {
		return err
	}
	channel.Timestamp = &timestamp.Timestamp{Seconds: at.Unix()}
	var err error
	if header.ChannelHeader, err = proto.Marshal(&channel); err != nil {
		return err
	}
	p.Header, err = proto.Marshal(&header)
	return err
}

// Submit has a function endorsed by all organisations and waits until it is committed.
func (n *Network) Submit(ctx context.Context, o *topology.Organisation, user, function string, args ...string) error {
	_, err := n.SubmitPrivate(ctx, o, user, nil, function, args...)
	return err
}

// SubmitPrivate is Submit with a transient map; it returns what the peers answered.
func (n *Network) SubmitPrivate(
	ctx context.Context, o *topology.Organisation, user string, transient map[string][]byte, function string, args ...string,
) ([]byte, error) {
	signer, err := n.signer(o, user)
	if err != nil {
		return nil, err
	}
	fail := func(err error) error { return fmt.Errorf("%s as %s of %s: %w", function, user, o.Name, err) }
	client, err := channel.New(n.sdks[o.Name].ChannelContext(n.Topology.Channel.Name, fabsdk.WithIdentity(signer), fabsdk.WithOrg(o.Name)))
	if err != nil {
		return nil, fail(err)
	}
	answer, err := client.Execute(
		channel.Request{ChaincodeID: n.Topology.Chaincode.Name, Fcn: function, Args: byteArgs(args), TransientMap: transient},
		channel.WithTargetEndpoints(Keys(n.Topology.NodesOf(topology.KindPeer))...), channel.WithParentContext(ctx))
	if err != nil {
		return nil, fail(err)
	}
	return answer.Payload, nil
}

// Refused reports whether a function was refused with one of the chaincode's codes, such as NOT_FOUND.
func Refused(err error, code string) bool {
	return err != nil && (strings.Contains(err.Error(), code+":") || strings.Contains(err.Error(), code+"["))
}

func byteArgs(args []string) [][]byte {
	all := make([][]byte, len(args))
	for i, arg := range args {
		all[i] = []byte(arg)
	}
	return all
}
