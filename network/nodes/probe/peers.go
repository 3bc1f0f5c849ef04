package main

import (
	"context"
	"fmt"

	pb "github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric/protoutil"
)

// administerPeers asks peers for what their own administrators may ask, and writes as a node.
func (a *attacker) administerPeers() error {
	installed := protoutil.MarshalOrPanic(&pb.StaticCollectionConfig{}) // no arguments: an empty message of any kind
	for _, at := range a.Agencies {
		for _, by := range a.every(kindOfficial, kindGateway, kindPeer, kindOrderer, kindAdmin) {
			attempt := "list the chaincode that the peer of " + at.Name + " has"
			answer, err := a.propose(at, by, "", "_lifecycle", []byte("QueryInstalledChaincodes"), installed)
			if err != nil {
				return err
			}
			if by.Kind == kindAdmin && by.Agency == at.Name {
				a.must(attempt, by.String(), answer == "", answer)
			} else {
				a.note(attempt, by.String(), answer == "", answer)
			}
		}
		for _, by := range a.every(kindPeer, kindOrderer) {
			answer, err := a.propose(at, by, a.Channel, a.Chaincode, []byte("registry:Ping"))
			if err != nil {
				return err
			}
			a.note("have the peer of "+at.Name+" endorse a transaction", by.String(), answer == "", answer)
		}
	}
	return nil
}

// propose has a peer run a function; the answer is empty when it does.
func (a *attacker) propose(at agency, by *signer, channel, chaincode string, args ...[]byte) (string, error) {
	l, err := a.open(at.Peer, by.Agency+"/gateway")
	if err != nil {
		return "", err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	on := *a.spec
	on.Channel = channel
	proposal, err := on.proposal(by, chaincode, args...)
	if err != nil {
		return "", err
	}
	answer, err := pb.NewEndorserClient(l).ProcessProposal(ctx, proposal)
	if err != nil {
		return err.Error(), nil //nolint:nilerr // a refusal
	}
	if answer.GetResponse().GetStatus() != 200 {
		return fmt.Sprintf("%d %s", answer.GetResponse().GetStatus(), answer.GetResponse().GetMessage()), nil
	}
	return "", nil
}
