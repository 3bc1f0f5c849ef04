package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"

	"relieftrail/chaincode/randomacts"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

// randomLedger is the network as random acts see it: each act is endorsed by the peers of all organisations, and done when all of
// them have its block. What is on the ledger it knows from the blocks of one peer.
type randomLedger struct {
	*Network
	ctx    context.Context //nolint:containedctx // of the run: the acts know no context
	now    time.Time
	blocks []chan numbered // of each peer
	next   uint64
	values map[string][]byte
	keys   []string // sorted
}

// numbered is a block that a peer has.
type numbered struct {
	number uint64
	block  *common.Block
}

// followed begins to read the blocks of all peers, and reads those that there are.
func followed(ctx context.Context, n *Network) (*randomLedger, error) {
	l := &randomLedger{Network: n, ctx: ctx, values: map[string][]byte{}}
	height := uint64(0)
	for _, p := range n.NodesOf(topology.KindPeer) {
		m := admin.Member{Organisation: p.Organisation, User: topology.Admin}
		h, err := n.client.HeightAt(ctx, m, p)
		if err != nil {
			return nil, err
		}
		height = max(height, h)
		stream := make(chan numbered, 100)
		l.blocks = append(l.blocks, stream)
		go func() {
			defer close(stream)
			_ = n.client.Follow(ctx, m, p, 0, func(number uint64, block *common.Block) { stream <- numbered{number, block} }) // the end is seen
		}()
	}
	for l.next < height {
		if _, _, err := l.block(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

var errNoBlocks = errors.New("a peer gives no more blocks")

// block waits until all peers have the next block, and takes in what its valid transactions wrote. It gives the codes of its
// transactions by their ids.
func (l *randomLedger) block() (codes map[string]peer.TxValidationCode, number uint64, err error) {
	var block *common.Block
	for i, stream := range l.blocks {
		select {
		case b, ok := <-stream:
			if !ok || b.number != l.next {
				return nil, 0, errNoBlocks
			}
			if i == 0 {
				block = b.block
			}
		case <-time.After(time.Minute):
			return nil, 0, fmt.Errorf("%w: block %d", errNoBlocks, l.next)
		}
	}
	l.next++
	codes = map[string]peer.TxValidationCode{}
	flags := block.GetMetadata().GetMetadata()[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	for i, raw := range block.GetData().GetData() {
		id, err := idOf(raw)
		if err != nil {
			return nil, 0, err
		}
		codes[id] = peer.TxValidationCode(flags[i])
		if codes[id] != peer.TxValidationCode_VALID {
			continue
		}
		writes, err := writesOf(raw, l.Chaincode.Name)
		if err != nil {
			return nil, 0, err
		}
		for _, w := range writes {
			l.write(w.Key, w.Value, w.IsDelete)
		}
	}
	return codes, l.next - 1, nil
}

// idOf is the id of a transaction.
func idOf(raw []byte) (string, error) {
	var (
		envelope common.Envelope
		payload  common.Payload
		header   common.ChannelHeader
	)
	err := errors.Join(proto.Unmarshal(raw, &envelope), proto.Unmarshal(envelope.Payload, &payload),
		proto.Unmarshal(payload.GetHeader().GetChannelHeader(), &header))
	return header.TxId, err
}

func (l *randomLedger) write(key string, value []byte, deleted bool) {
	i, known := slices.BinarySearch(l.keys, key)
	switch {
	case deleted && known:
		l.keys = slices.Delete(l.keys, i, i+1)
		delete(l.values, key)
	case !deleted:
		if !known {
			l.keys = slices.Insert(l.keys, i, key)
		}
		l.values[key] = value
	}
}

// SetTime gives the acts that follow a time.
func (l *randomLedger) SetTime(t time.Time) { l.now = t }

// Get is a value of the ledger.
func (l *randomLedger) Get(key string) []byte { return l.values[key] }

// Scan visits the values whose keys have a prefix.
func (l *randomLedger) Scan(prefix string, f func(key string, value []byte) bool) {
	i, _ := slices.BinarySearch(l.keys, prefix)
	for ; i < len(l.keys) && strings.HasPrefix(l.keys[i], prefix); i++ {
		if !f(l.keys[i], l.values[l.keys[i]]) {
			return
		}
	}
}

// Submit has an official do an act, and waits until all peers have it.
func (l *randomLedger) Submit(by randomacts.Official, function, argument string, transient map[string][]byte) ([]byte, error) {
	o, err := organisationOf(l.Topology, by.Name)
	if err != nil {
		return nil, err
	}
	answer, id, err := l.client.SendAt(l.ctx, o, by.Name, l.now, transient, function, argument)
	for tries := 0; admin.Disagree(err) && tries < 5; tries++ {
		answer, id, err = l.client.SendAt(l.ctx, o, by.Name, l.now, transient, function, argument)
	}
	if err != nil {
		return nil, err
	}
	for {
		codes, number, err := l.block()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", function, err)
		}
		code, ok := codes[id]
		if ok && code == peer.TxValidationCode_VALID {
			return answer, nil
		}
		if ok {
			return nil, fmt.Errorf("CONFLICT: %s in block %d: %s", function, number, code)
		}
	}
}

// Ask evaluates a function that reads.
func (l *randomLedger) Ask(by randomacts.Official, function, argument string) ([]byte, error) {
	o, err := organisationOf(l.Topology, by.Name)
	if err != nil {
		return nil, err
	}
	var args []string
	if argument != "null" {
		args = []string{argument}
	}
	return l.client.Evaluate(l.ctx, o, by.Name, function, args...)
}
