package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hyperledger/fabric-protos-go/common"
	ab "github.com/hyperledger/fabric-protos-go/orderer"
	"github.com/hyperledger/fabric-protos-go/peer"
	contextapi "github.com/hyperledger/fabric-sdk-go/pkg/common/providers/context"
	fabchannel "github.com/hyperledger/fabric-sdk-go/pkg/fab/channel"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/chconfig"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/comm"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/events/client/dispatcher"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/events/deliverclient/connection"

	"relieftrail/network/topology"
)

// Member is an identity of an organisation that asks other organisations' peers, with its organisation's TLS certificate. Any
// client of the channel may read its blocks and have a peer evaluate a function (policy Writers); what it answers depends on the
// official's duties.
type Member struct {
	Organisation *topology.Organisation
	User         string
}

// HeightAt is the number of blocks that a peer has, asked by a member of any organisation.
func (n *Network) HeightAt(ctx context.Context, m Member, at *topology.Node) (uint64, error) {
	client, request, cancel, err := n.request(ctx, m.Organisation, m.User)
	if err != nil {
		return 0, err
	}
	defer cancel()
	targets, err := processors(client, at)
	if err != nil {
		return 0, err
	}
	ledger, err := fabchannel.NewLedger(n.Topology.Channel.Name)
	if err != nil {
		return 0, err
	}
	infos, err := ledger.QueryInfo(request, targets, nil)
	if err != nil || len(infos) == 0 {
		return 0, fmt.Errorf("%s: its ledger: %w", at.Name, err)
	}
	return infos[0].BCI.GetHeight(), nil
}

// EvaluateAt runs a function on a peer for a member of any organisation and commits nothing.
func (n *Network) EvaluateAt(ctx context.Context, m Member, at *topology.Node, function string, args ...string) ([]byte, error) {
	return n.propose(ctx, m.Organisation, m.User, []*topology.Node{at}, time.Time{}, function, args)
}

// Blocks yields a peer's blocks in order, from one number up to but not including another. A block that the peer cannot
// give is yielded as an error; the blocks after it follow, unless the peer is gone.
func (n *Network) Blocks(
	ctx context.Context, m Member, at *topology.Node, from, until uint64,
	yield func(number uint64, block *common.Block, err error) bool,
) {
	failures := 0
	for next := from; next < until; {
		got, more, err := n.stream(ctx, m, at, seek(next, until-1), next, until, yield)
		next += got
		if !more || ctx.Err() != nil || next >= until {
			return
		}
		// The stream broke at block next. Asked for by its number, the peer says why.
		if _, single := n.block(ctx, m, at, next); single != nil {
			err = single
		} else {
			err = fmt.Errorf("it cannot be read in sequence: %w", err)
		}
		if failures++; got > 0 {
			failures = 0
		}
		if failures > maxFailures { // the peer is gone: the rest would fail alike, each after its time
			return
		}
		if !yield(next, nil, err) {
			return
		}
		next++
	}
}

const maxFailures = 5

// Follow yields a peer's blocks from a number on, as they come, until ctx ends or the stream breaks.
func (n *Network) Follow(ctx context.Context, m Member, at *topology.Node, from uint64, yield func(number uint64, block *common.Block)) error {
	what := seek(from, math.MaxUint64)
	what.Behavior = ab.SeekInfo_BLOCK_UNTIL_READY
	_, _, err := n.stream(ctx, m, at, what, from, math.MaxUint64, func(number uint64, block *common.Block, _ error) bool {
		yield(number, block)
		return true
	})
	return err
}

// stream reads blocks from the peer's deliver service until one is missing. more is false when yield wants no more blocks.
func (n *Network) stream(
	ctx context.Context, m Member, at *topology.Node, what *ab.SeekInfo, from, until uint64, yield func(uint64, *common.Block, error) bool,
) (got uint64, more bool, err error) {
	client, _, cancel, err := n.request(ctx, m.Organisation, m.User)
	if err != nil {
		return 0, true, err
	}
	defer cancel()
	conn, err := n.deliver(client, at)
	if err != nil {
		return 0, true, err
	}
	defer conn.Close()
	if err := conn.Send(what); err != nil {
		return 0, true, err
	}
	events := make(chan any, 1)
	go func() {
		defer close(events)
		conn.Receive(events)
	}()
	defer func() {
		conn.Close()
		for range events { // until the receiver has ended
		}
	}()
	for next := from; next < until; next++ {
		var event any
		select {
		case event = <-events:
		case <-ctx.Done():
			return next - from, false, ctx.Err()
		}
		block, err := delivered(event)
		if err != nil {
			return next - from, true, err
		}
		if !yield(next, block, nil) {
			return next + 1 - from, false, nil
		}
	}
	return until - from, true, nil
}

func (n *Network) deliver(client contextapi.Client, at *topology.Node) (*connection.DeliverConnection, error) {
	known, err := comm.NetworkPeerConfig(client.EndpointConfig(), Key(at))
	if err != nil {
		return nil, err
	}
	conn, err := connection.New(client, chconfig.NewChannelCfg(n.Topology.Channel.Name), connection.Deliver,
		known.URL, comm.OptsFromPeerConfig(&known.PeerConfig)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.Name, err)
	}
	return conn, nil
}

// seek asks for blocks first to last, both included, and for an end when there is no such block.
func seek(first, last uint64) *ab.SeekInfo {
	at := func(number uint64) *ab.SeekPosition {
		return &ab.SeekPosition{Type: &ab.SeekPosition_Specified{Specified: &ab.SeekSpecified{Number: number}}}
	}
	return &ab.SeekInfo{Start: at(first), Stop: at(last), Behavior: ab.SeekInfo_FAIL_IF_NOT_READY}
}

var errBroken = errors.New("the stream of blocks broke")

func delivered(event any) (*common.Block, error) {
	switch e := event.(type) {
	case *connection.Event:
		response, _ := e.Event.(*peer.DeliverResponse)
		if b := response.GetBlock(); b != nil {
			return b, nil
		}
		return nil, fmt.Errorf("%w: %s", errBroken, response.GetStatus())
	case *dispatcher.DisconnectedEvent:
		return nil, fmt.Errorf("%w: %w", errBroken, e.Err)
	}
	return nil, errBroken
}

// block asks a peer for one block by its number.
func (n *Network) block(ctx context.Context, m Member, at *topology.Node, number uint64) (*common.Block, error) {
	client, request, cancel, err := n.request(ctx, m.Organisation, m.User)
	if err != nil {
		return nil, err
	}
	defer cancel()
	targets, err := processors(client, at)
	if err != nil {
		return nil, err
	}
	ledger, err := fabchannel.NewLedger(n.Topology.Channel.Name)
	if err != nil {
		return nil, err
	}
	blocks, err := ledger.QueryBlock(request, number, targets, nil)
	if err != nil || len(blocks) == 0 {
		return nil, fmt.Errorf("the peer cannot give it: %s", brief(err))
	}
	return blocks[0], nil
}

// brief keeps the cause of an error of the SDK, which repeats itself.
func brief(err error) string {
	if err == nil {
		return "no answer"
	}
	text := err.Error()
	if i := strings.LastIndex(text, "Description: "); i >= 0 {
		text = text[i+len("Description: "):]
	}
	return text[:min(len(text), 300)]
}
