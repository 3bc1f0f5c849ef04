package admin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-protos-go/common"
	ab "github.com/hyperledger/fabric-protos-go/orderer"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"relieftrail/network/fabric/fabrictest"
	"relieftrail/network/topology"
)

func TestMain(m *testing.M) {
	Quiet()
	os.Exit(m.Run())
}

// call is what a proposal asks for.
type call struct {
	channel, chaincode, msp string
	args                    []string
	time                    int64
}

// testPeer serves a peer's address: its endorser and its deliver service.
type testPeer struct {
	peer.DeliverServer
	blocks []*common.Block
	gaps   map[uint64]bool // blocks that break the stream

	mu     sync.Mutex
	answer func(call) (*peer.Response, error)
	calls  []call
}

// asked are the calls so far.
func (p *testPeer) asked() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// answers changes how the peer answers.
func (p *testPeer) answers(answer func(call) (*peer.Response, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// serve starts a peer at a free port of its node.
func serve(t *testing.T, n *topology.Node, p *testPeer) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(n.TLS().Cert, n.TLS().Key)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n.Port = listener.Addr().(*net.TCPAddr).Port
	server := grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
	peer.RegisterEndorserServer(server, p)
	peer.RegisterDeliverServer(server, p)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
}

func (p *testPeer) ProcessProposal(_ context.Context, signed *peer.SignedProposal) (*peer.ProposalResponse, error) {
	asked, err := proposed(signed)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, asked)
	response, err := p.answer(asked)
	if err != nil {
		return nil, err
	}
	if response.Status >= 400 {
		return &peer.ProposalResponse{Response: response}, nil
	}
	action, err := proto.Marshal(&peer.ChaincodeAction{Response: response})
	if err != nil {
		return nil, err
	}
	payload, err := proto.Marshal(&peer.ProposalResponsePayload{Extension: action})
	if err != nil {
		return nil, err
	}
	return &peer.ProposalResponse{
		Response: response, Payload: payload,
		Endorsement: &peer.Endorsement{Endorser: []byte("a peer"), Signature: []byte("signed")},
	}, nil
}

func proposed(signed *peer.SignedProposal) (call, error) {
	proposal, header, channel, creator := &peer.Proposal{}, &common.Header{}, &common.ChannelHeader{}, &common.SignatureHeader{}
	payload, invocation := &peer.ChaincodeProposalPayload{}, &peer.ChaincodeInvocationSpec{}
	err := errors.Join(
		proto.Unmarshal(signed.ProposalBytes, proposal), proto.Unmarshal(proposal.Header, header),
		proto.Unmarshal(header.ChannelHeader, channel), proto.Unmarshal(header.SignatureHeader, creator),
		proto.Unmarshal(proposal.Payload, payload), proto.Unmarshal(payload.Input, invocation),
	)
	if err != nil {
		return call{}, err
	}
	asked := call{
		channel: channel.ChannelId, chaincode: invocation.ChaincodeSpec.ChaincodeId.Name, time: channel.Timestamp.GetSeconds(),
		msp: string(creator.Creator[2 : 2+creator.Creator[1]]), // SerializedIdentity: field 1 is the MSP's id
	}
	for _, arg := range invocation.ChaincodeSpec.Input.Args {
		asked.args = append(asked.args, string(arg))
	}
	return asked, nil
}

// Deliver sends the blocks that are asked for, up to a gap.
func (p *testPeer) Deliver(stream peer.Deliver_DeliverServer) error {
	for {
		envelope, err := stream.Recv()
		if err != nil {
			return nil // the client has gone
		}
		payload, seek := &common.Payload{}, &ab.SeekInfo{}
		if err := errors.Join(proto.Unmarshal(envelope.Payload, payload), proto.Unmarshal(payload.Data, seek)); err != nil {
			return err
		}
		status := common.Status_SUCCESS
		for n := seek.Start.GetSpecified().Number; n <= seek.Stop.GetSpecified().Number; n++ {
			if n >= uint64(len(p.blocks)) || p.gaps[n] {
				status = common.Status_NOT_FOUND
				break
			}
			if err := stream.Send(&peer.DeliverResponse{Type: &peer.DeliverResponse_Block{Block: p.blocks[n]}}); err != nil {
				return err
			}
		}
		if err := stream.Send(&peer.DeliverResponse{Type: &peer.DeliverResponse_Status{Status: status}}); err != nil {
			return err
		}
	}
}

func ok(payload string) (*peer.Response, error) {
	return &peer.Response{Status: 200, Payload: []byte(payload)}, nil
}

// network is the development network with these peers, in the order of its organisations.
func network(t *testing.T, peers ...*testPeer) *Network {
	t.Helper()
	top := fabrictest.Topology(t)
	for i, n := range top.NodesOf(topology.KindPeer) {
		if i < len(peers) {
			serve(t, n, peers[i])
		}
	}
	n, err := Connect(top)
	require.NoError(t, err)
	t.Cleanup(n.Close)
	return n
}

func always(payload string) func(call) (*peer.Response, error) {
	return func(call) (*peer.Response, error) { return ok(payload) }
}

func TestEndorseNeedsEveryPeerToAnswerTheSame(t *testing.T) {
	peers := []*testPeer{{answer: always("one")}, {answer: always("one")}, {answer: always("one")}}
	n := network(t, peers...)
	finance, err := n.Topology.Organisation("finance")
	require.NoError(t, err)
	answer, err := n.Endorse(t.Context(), finance, "finance-preparer", "fund:Get", `{"id":"t-1"}`)
	require.NoError(t, err)
	require.Equal(t, "one", string(answer))
	for _, p := range peers {
		require.Len(t, p.asked(), 1)
		require.Equal(t, []string{"fund:Get", `{"id":"t-1"}`}, p.asked()[0].args)
		require.Equal(t, "relief", p.asked()[0].channel)
		require.Equal(t, "relief", p.asked()[0].chaincode)
		require.Equal(t, "FinanceMSP", p.asked()[0].msp)
		require.InDelta(t, time.Now().Unix(), p.asked()[0].time, 60)
	}
	_, err = n.EndorseAt(t.Context(), finance, "finance-preparer", time.Unix(1_000_000_000, 0), "fund:Get")
	require.NoError(t, err)
	require.Equal(t, int64(1_000_000_000), peers[2].asked()[1].time, "the client chooses the time")

	peers[1].answers(always("two"))
	_, err = n.Endorse(t.Context(), finance, "finance-preparer", "fund:Get")
	require.EqualError(t, err, "fund:Get as finance-preparer of finance: the organisations' peers do not agree")

	peers[1].answers(func(call) (*peer.Response, error) { return nil, errors.New("out of order") })
	_, err = n.Endorse(t.Context(), finance, "finance-preparer", "fund:Get")
	require.ErrorContains(t, err, "out of order")
	_, err = n.Endorse(t.Context(), finance, "nobody", "fund:Get")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "identity nobody of finance")
}

func TestEvaluateAsksOnePeer(t *testing.T) {
	peers := []*testPeer{{answer: always("civil")}, {answer: always("finance")}, {answer: always("audit")}}
	n := network(t, peers...)
	finance, err := n.Topology.Organisation("finance")
	require.NoError(t, err)
	own, err := n.Evaluate(t.Context(), finance, "finance-preparer", "fund:Get")
	require.NoError(t, err)
	require.Equal(t, "finance", string(own))
	audits, err := n.Topology.Node("audit/peer")
	require.NoError(t, err)
	other, err := n.EvaluateAt(t.Context(), Member{finance, "finance-preparer"}, audits, "fund:Get")
	require.NoError(t, err)
	require.Equal(t, "audit", string(other))
	require.Empty(t, peers[0].asked())
	require.Equal(t, "FinanceMSP", peers[2].asked()[0].msp, "a member of another organisation asks")
}

func TestRefusedByChaincode(t *testing.T) {
	n := network(t, &testPeer{answer: func(call) (*peer.Response, error) {
		return &peer.Response{Status: 500, Message: "INVALID[amount]: must be positive"}, nil
	}})
	_, err := n.Evaluate(t.Context(), n.Topology.Organisations[0], "civil-preparer", "payment:Open")
	require.True(t, Refused(err, "INVALID"), err)
	require.False(t, Refused(err, "NOT_FOUND"))
	require.True(t, Refused(errors.New("NOT_FOUND: no such tranche"), "NOT_FOUND"))
	require.False(t, Refused(nil, "NOT_FOUND"))
	require.False(t, Refused(errors.New("NOT_FOUNDED: x"), "NOT_FOUND"))
}

func TestJoinedAndHeight(t *testing.T) {
	channels := []string{"other"}
	p := &testPeer{answer: func(c call) (*peer.Response, error) {
		var answer proto.Message
		switch c.chaincode + "." + c.args[0] {
		case "cscc.GetChannels":
			all := &peer.ChannelQueryResponse{}
			for _, name := range channels {
				all.Channels = append(all.Channels, &peer.ChannelInfo{ChannelId: name})
			}
			answer, channels = all, []string{"other", "relief"} // joined when it is asked again
		case "qscc.GetChainInfo":
			answer = &common.BlockchainInfo{Height: 42}
		default:
			return nil, fmt.Errorf("unexpected %s %v", c.chaincode, c.args)
		}
		text, err := proto.Marshal(answer)
		return &peer.Response{Status: 200, Payload: text}, err
	}}
	n := network(t, p)
	at := n.Topology.NodesOf(topology.KindPeer)[0]
	joined, err := n.Joined(at)
	require.NoError(t, err)
	require.False(t, joined)
	joined, err = n.Joined(at)
	require.NoError(t, err)
	require.True(t, joined)
	height, err := n.Height(t.Context(), at)
	require.NoError(t, err)
	require.Equal(t, uint64(42), height)
	for _, c := range p.asked() {
		require.Equal(t, "CivilAffairsMSP", c.msp)
	}
}

// chain is blocks with these numbers.
func chain(numbers int) []*common.Block {
	blocks := make([]*common.Block, numbers)
	for i := range blocks {
		blocks[i] = &common.Block{Header: &common.BlockHeader{Number: uint64(i)}, Data: &common.BlockData{}}
	}
	return blocks
}

func TestBlocks(t *testing.T) {
	// A block that the stream cannot give is asked for by its number, so that the peer says why.
	refuses := func(c call) (*peer.Response, error) {
		return nil, fmt.Errorf("Description: block %s is damaged", c.args[len(c.args)-1])
	}
	type got struct {
		number uint64
		whole  bool
	}
	for name, c := range map[string]struct {
		gaps        map[uint64]bool
		from, until uint64
		enough      int
		want        []got
	}{
		"all":                  {nil, 0, 4, 0, []got{{0, true}, {1, true}, {2, true}, {3, true}}},
		"some":                 {nil, 2, 4, 0, []got{{2, true}, {3, true}}},
		"none":                 {nil, 3, 3, 0, nil},
		"until it is enough":   {nil, 0, 4, 2, []got{{0, true}, {1, true}}},
		"a damaged block":      {map[uint64]bool{1: true}, 0, 4, 0, []got{{0, true}, {1, false}, {2, true}, {3, true}}},
		"a damaged last block": {map[uint64]bool{3: true}, 2, 4, 0, []got{{2, true}, {3, false}}},
	} {
		t.Run(name, func(t *testing.T) {
			n := network(t, &testPeer{answer: refuses, blocks: chain(4), gaps: c.gaps})
			at := n.Topology.NodesOf(topology.KindPeer)[0]
			var seen []got
			n.Blocks(t.Context(), Member{at.Organisation, topology.Admin}, at, c.from, c.until,
				func(number uint64, block *common.Block, err error) bool {
					if err == nil {
						require.Equal(t, number, block.Header.Number)
					}
					seen = append(seen, got{number, err == nil})
					return len(seen) != c.enough
				})
			require.Equal(t, c.want, seen)
		})
	}
}

func TestBlocksOfAPeerThatIsGone(t *testing.T) {
	n := network(t)
	at := n.Topology.NodesOf(topology.KindPeer)[0]
	at.Port = 1 // nobody listens there
	m, err := Connect(n.Topology)
	require.NoError(t, err)
	defer m.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	failed := 0
	m.Blocks(ctx, Member{at.Organisation, topology.Admin}, at, 0, 1000, func(_ uint64, _ *common.Block, err error) bool {
		require.Error(t, err)
		failed++
		return true
	})
	require.Equal(t, maxFailures, failed, "the rest would fail alike")
}
