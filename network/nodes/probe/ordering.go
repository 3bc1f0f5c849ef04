package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	ab "github.com/hyperledger/fabric-protos-go-apiv2/orderer"
	"github.com/hyperledger/fabric/protoutil"
	"google.golang.org/protobuf/proto"
)

var success = cb.Status_SUCCESS.String()

// readFromOrderers asks orderers for blocks, which are for peers, orderers and administrators.
func (a *attacker) readFromOrderers() error {
	for _, at := range a.Agencies {
		for _, by := range a.every(kindOfficial, kindGateway, kindPeer) {
			answer, err := a.read(at, by)
			if err != nil {
				return err
			}
			if by.Kind == kindPeer {
				a.must("read a block from the orderer of "+at.Name, by.String(), answer == "a block", answer)
			} else {
				a.note("read a block from the orderer of "+at.Name, by.String(), answer == "a block", answer)
			}
		}
	}
	return nil
}

func (a *attacker) read(at agency, by *signer) (string, error) {
	l, err := a.open(at.Orderer, by.Agency+"/gateway")
	if err != nil {
		return "", err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := ab.NewAtomicBroadcastClient(l).Deliver(ctx)
	if err != nil {
		return "", err
	}
	envelope, err := a.seek(by, l, number(0), number(0))
	if err != nil {
		return "", err
	}
	if err := stream.Send(envelope); err != nil {
		return "", err
	}
	answer, err := stream.Recv()
	if err != nil {
		return "", err
	}
	if answer.GetBlock() != nil {
		return "a block", nil
	}
	return answer.GetStatus().String(), nil
}

// flood sends orderers what they must not take: much at once, and anything from peers.
func (a *attacker) flood() error {
	for _, at := range a.Agencies {
		for _, by := range []string{kindOfficial, kindGateway, kindAdmin} {
			thief, err := as(a.who, by, a.Agencies[0].Name)
			if err != nil {
				return err
			}
			for _, megabytes := range []int{9, 30} {
				status, err := a.broadcastJunk(at, thief, megabytes<<20)
				if err != nil {
					return err
				}
				a.note(fmt.Sprintf("send %d MiB to the orderer of %s", megabytes, at.Name), thief.String(), status == success, status)
			}
		}
		for _, by := range a.every(kindPeer, kindTLS) {
			status, err := a.broadcastJunk(at, by, 1<<10)
			if err != nil {
				return err
			}
			a.note("have the orderer of "+at.Name+" order something", by.String(), status == success, status)
		}
	}
	return nil
}

// broadcastJunk sends an orderer a transaction that is none, and returns what it answers.
func (a *attacker) broadcastJunk(at agency, by *signer, size int) (string, error) {
	junk := make([]byte, size)
	if _, err := rand.Read(junk); err != nil {
		return "", err
	}
	envelope, err := a.transaction(by, junk)
	if err != nil {
		return "", err
	}
	return a.broadcast(at, by.Agency+"/gateway", envelope)
}

// broadcast sends an orderer a transaction and returns its answer, or how the stream ended.
func (a *attacker) broadcast(at agency, certificate string, envelope *cb.Envelope) (string, error) {
	l, err := a.open(at.Orderer, certificate)
	if err != nil {
		return "", err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := ab.NewAtomicBroadcastClient(l).Broadcast(ctx)
	if err != nil {
		return "", err
	}
	if err := stream.Send(envelope); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err.Error(), nil //nolint:nilerr // the stream was ended, which is an answer
	}
	return answer.GetStatus().String(), nil
}

// poseAsConsenter speaks to orderers as orderers speak to each other.
func (a *attacker) poseAsConsenter() error {
	for _, at := range a.Agencies {
		for _, holder := range []string{"gateway", "peer", "chaincode", "ca", "operator"} {
			answer, err := a.step(at, a.Agencies[0].Name+"/"+holder)
			if err != nil {
				return err
			}
			a.note("speak to the orderer of "+at.Name+" as a consenter", "TLS certificate of "+holder, answer == "", answer)
		}
	}
	return nil
}

// step sends an orderer a message of Raft; the answer is empty when it is taken.
func (a *attacker) step(at agency, certificate string) (string, error) {
	l, err := a.open(at.Orderer, certificate)
	if err != nil {
		return "", err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	stream, err := ab.NewClusterClient(l).Step(ctx)
	if err != nil {
		return "", err
	}
	err = stream.Send(&ab.StepRequest{Payload: &ab.StepRequest_SubmitRequest{SubmitRequest: &ab.SubmitRequest{
		Channel: a.Channel, Payload: &cb.Envelope{Payload: []byte(neverOrdered)},
	}}})
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if _, err := stream.Recv(); err != nil {
		return err.Error(), nil //nolint:nilerr // the stream was ended, which is an answer
	}
	return "", nil
}

// changeConfiguration sends orderers an update of how transactions are ordered, signed by fewer than all administrators and
// by others. Signed by all it is taken; it changes nothing but the version of what it names.
func (a *attacker) changeConfiguration() error {
	var admins []*signer
	for _, at := range a.Agencies {
		admin, err := as(a.who, kindAdmin, at.Name)
		if err != nil {
			return err
		}
		admins = append(admins, admin)
	}
	others := a.every(kindOfficial, kindGateway, kindPeer, kindOrderer)
	choices := [][]*signer{others, admins[:1], admins[:2], admins[1:], slices.Concat(others, admins[1:]), admins}
	for i, by := range choices {
		status, err := a.updateOrdering(by, admins[len(admins)-1])
		if err != nil {
			return err
		}
		note := a.note
		if i == len(choices)-1 {
			note = a.must
		}
		signatures := fmt.Sprintf("%d signatures, administrators of %s among them", len(by), administrators(by))
		note("change how transactions are ordered", signatures,
			status == success, status)
	}
	return nil
}

func administrators(by []*signer) string {
	var found []*signer
	for _, s := range by {
		if s.Kind == kindAdmin {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		return "no agency"
	}
	return names(found)
}

// updateOrdering sends an update of the orderers' batch size, to the value that it has.
func (a *attacker) updateOrdering(by []*signer, sender *signer) (string, error) {
	config, err := a.currentConfig()
	if err != nil {
		return "", err
	}
	ordering := config.ChannelGroup.Groups["Orderer"]
	size := ordering.Values["BatchSize"]
	group := func(values map[string]*cb.ConfigValue) *cb.ConfigGroup {
		return &cb.ConfigGroup{Version: config.ChannelGroup.Version, Groups: map[string]*cb.ConfigGroup{
			"Orderer": {Version: ordering.Version, Values: values},
		}}
	}
	update, err := proto.Marshal(&cb.ConfigUpdate{
		ChannelId: a.Channel, ReadSet: group(nil),
		WriteSet: group(map[string]*cb.ConfigValue{
			"BatchSize": {Version: size.Version + 1, Value: size.Value, ModPolicy: size.ModPolicy},
		}),
	})
	if err != nil {
		return "", err
	}
	signedUpdate := &cb.ConfigUpdateEnvelope{ConfigUpdate: update}
	for _, s := range by {
		header := protoutil.MarshalOrPanic(protoutil.NewSignatureHeaderOrPanic(s))
		signature, err := s.Sign(slices.Concat(header, update))
		if err != nil {
			return "", err
		}
		signedUpdate.Signatures = append(signedUpdate.Signatures,
			&cb.ConfigSignature{SignatureHeader: header, Signature: signature})
	}
	envelope, err := protoutil.CreateSignedEnvelope(cb.HeaderType_CONFIG_UPDATE, a.Channel, sender, signedUpdate, 0, 0)
	if err != nil {
		return "", err
	}
	return a.broadcast(a.Agencies[0], sender.Agency+"/operator", envelope)
}

// currentConfig is the configuration of the channel.
func (a *attacker) currentConfig() (*cb.Config, error) {
	last, err := a.block(a.Agencies[0], newest())
	if err != nil {
		return nil, err
	}
	index, err := protoutil.GetLastConfigIndexFromBlock(last)
	if err != nil {
		return nil, err
	}
	b, err := a.block(a.Agencies[0], number(index))
	if err != nil {
		return nil, err
	}
	envelope, err := protoutil.ExtractEnvelope(b, 0)
	if err != nil {
		return nil, err
	}
	config := &cb.ConfigEnvelope{}
	if _, err := protoutil.UnmarshalEnvelopeOfType(envelope, cb.HeaderType_CONFIG, config); err != nil {
		return nil, err
	}
	return config.Config, nil
}
