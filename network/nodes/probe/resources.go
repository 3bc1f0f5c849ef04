package main

import (
	"fmt"
	"slices"
	"strings"

	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	pb "github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/hyperledger/fabric/common/channelconfig"
	fabric "github.com/hyperledger/fabric/common/policies"
	"github.com/hyperledger/fabric/core/aclmgmt"
	res "github.com/hyperledger/fabric/core/aclmgmt/resources"
	check "github.com/hyperledger/fabric/core/policy"
	"github.com/hyperledger/fabric/protoutil"
)

// resourcesOfPeers are all that a peer's access control knows.
var resourcesOfPeers = []string{
	res.Lifecycle_InstallChaincode, res.Lifecycle_QueryInstalledChaincode,
	res.Lifecycle_GetInstalledChaincodePackage, res.Lifecycle_QueryInstalledChaincodes,
	res.Lifecycle_ApproveChaincodeDefinitionForMyOrg, res.Lifecycle_QueryApprovedChaincodeDefinition,
	res.Lifecycle_QueryApprovedChaincodeDefinitions, res.Lifecycle_CommitChaincodeDefinition,
	res.Lifecycle_QueryChaincodeDefinition, res.Lifecycle_QueryChaincodeDefinitions,
	res.Lifecycle_CheckCommitReadiness, res.Snapshot_submitrequest, res.Snapshot_cancelrequest,
	res.Snapshot_listpending, res.Lscc_Install, res.Lscc_Deploy, res.Lscc_Upgrade, res.Lscc_ChaincodeExists,
	res.Lscc_GetDeploymentSpec, res.Lscc_GetChaincodeData, res.Lscc_GetInstantiatedChaincodes,
	res.Lscc_GetInstalledChaincodes, res.Lscc_GetCollectionsConfig, res.Qscc_GetChainInfo,
	res.Qscc_GetBlockByNumber, res.Qscc_GetBlockByHash, res.Qscc_GetTransactionByID, res.Qscc_GetBlockByTxID,
	res.Cscc_JoinChain, res.Cscc_JoinChainBySnapshot, res.Cscc_JoinBySnapshotStatus, res.Cscc_GetConfigBlock,
	res.Cscc_GetChannelConfig, res.Cscc_GetChannels, res.Peer_Propose, res.Peer_ChaincodeToChaincode,
	res.Event_Block, res.Event_FilteredBlock, res.Gateway_CommitStatus, res.Gateway_ChaincodeEvents,
}

// resources prints who may ask an agency's peer for what.
func (t tables) resources() error {
	var rows []row
	for _, resource := range resourcesOfPeers {
		var cells []string
		for _, kind := range kinds {
			cell, err := t.access(resource, kind)
			if err != nil {
				return fmt.Errorf("%s: %w", resource, err)
			}
			cells = append(cells, cell)
		}
		same := slices.IndexFunc(rows, func(r row) bool { return slices.Equal(r.cells, cells) })
		if same < 0 {
			rows = append(rows, row{path: resource, cells: cells})
		} else {
			rows[same].path += ", " + resource
		}
	}
	return write(t.out, append([]string{"asked of a peer"}, kinds...), rows)
}

// access is whose identities of a kind a peer lets ask: those of its own agency, of any, or of none.
func (t tables) access(resource, kind string) (string, error) {
	found := map[string]bool{}
	for _, at := range t.Agencies {
		acl, err := t.control(at)
		if err != nil {
			return "", err
		}
		own, others := false, false
		for _, s := range t.who {
			if s.Kind != kind {
				continue
			}
			proposal, err := t.proposal(s, "a resource")
			if err != nil {
				return "", err
			}
			if acl.CheckACL(resource, t.Channel, proposal) != nil {
				continue
			}
			own, others = own || s.Agency == at.Name, others || s.Agency != at.Name
		}
		switch {
		case others:
			found["any"] = true
		case own:
			found["its own"] = true
		default:
			found[nobody] = true
		}
	}
	var all []string
	for cell := range found {
		all = append(all, cell)
	}
	if len(all) != 1 {
		return "", fmt.Errorf("peers differ for %s: %s", kind, strings.Join(all, ", "))
	}
	return all[0], nil
}

// control is the access control of an agency's peer.
func (t tables) control(at agency) (aclmgmt.ACLProvider, error) {
	members, err := t.bundle.MSPManager().GetMSPs()
	if err != nil {
		return nil, err
	}
	configured := func(string) channelconfig.Resources { return t.bundle }
	return aclmgmt.NewACLProvider(configured, check.NewPolicyChecker(t, members[at.MSPID])), nil
}

// Manager gives the access control the policies of the channel.
func (t tables) Manager(string) fabric.Manager { return t.bundle.PolicyManager() }

// proposal is a signed call of a chaincode.
func (s *spec) proposal(by *signer, chaincode string, args ...[]byte) (*pb.SignedProposal, error) {
	invocation := &pb.ChaincodeInvocationSpec{ChaincodeSpec: &pb.ChaincodeSpec{
		Type: pb.ChaincodeSpec_GOLANG, ChaincodeId: &pb.ChaincodeID{Name: chaincode}, Input: &pb.ChaincodeInput{Args: args},
	}}
	proposal, _, err := protoutil.CreateChaincodeProposal(cb.HeaderType_ENDORSER_TRANSACTION, s.Channel, invocation, by.creator)
	if err != nil {
		return nil, err
	}
	return protoutil.GetSignedProposal(proposal, by)
}
