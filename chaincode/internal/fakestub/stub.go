// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// peerDecoration is the decoration that names the peer's organisation.
const peerDecoration = "fakestub.peer-mspid"

// PeerMSP gives the MSP id of the peer on which a transaction is simulated. It replaces shim.GetMSPID in tests.
func PeerMSP(stub shim.ChaincodeStubInterface) (string, error) {
	if mspID, ok := stub.GetDecorations()[peerDecoration]; ok {
		return string(mspID), nil
	}
	return "", errors.New("fakestub: the stub is not one of this package")
}

// stub is the chaincode's view of one simulation on one peer.
type stub struct {
	ledger *Ledger
	org    string
	call   *call
	rw     rwset
	batch  *writeBatch
	event  *Event
	done   bool // the simulation is over
}

var _ shim.ChaincodeStubInterface = (*stub)(nil)

// fail words a peer's error as it reaches the chaincode.
func (s *stub) fail(request peer.ChaincodeMessage_Type, err error) error {
	return fmt.Errorf("%s failed: transaction ID: %s: %w", request, s.call.TxID, err)
}

// GetArgs gives the function and its arguments.
func (s *stub) GetArgs() [][]byte {
	args := make([][]byte, 0, 1+len(s.call.Args))
	args = append(args, []byte(s.call.Function))
	for _, a := range s.call.Args {
		args = append(args, []byte(a))
	}
	return args
}

// GetStringArgs gives the function and its arguments.
func (s *stub) GetStringArgs() []string {
	return append([]string{s.call.Function}, s.call.Args...)
}

// GetFunctionAndParameters gives the function and its arguments.
func (s *stub) GetFunctionAndParameters() (string, []string) {
	return s.call.Function, append([]string{}, s.call.Args...)
}

// GetArgsSlice gives the function and its arguments in one piece.
func (s *stub) GetArgsSlice() ([]byte, error) {
	return bytes.Join(s.GetArgs(), nil), nil
}

// GetTxID gives the transaction id.
func (s *stub) GetTxID() string { return s.call.TxID }

// GetChannelID gives the channel.
func (s *stub) GetChannelID() string { return channelID }

// GetTxTimestamp gives the client's time.
func (s *stub) GetTxTimestamp() (*timestamppb.Timestamp, error) {
	return timestamppb.New(s.call.Time), nil
}

// GetCreator gives the serialised identity of the client.
func (s *stub) GetCreator() ([]byte, error) {
	return bytes.Clone(s.call.Identity.serialized), nil
}

// GetTransient gives a copy of the transient map, nil if there is none.
func (s *stub) GetTransient() (map[string][]byte, error) {
	if s.call.Transient == nil {
		return nil, nil
	}
	m := make(map[string][]byte, len(s.call.Transient))
	for k, v := range s.call.Transient {
		m[k] = bytes.Clone(v)
	}
	return m, nil
}

// GetBinding gives SHA-256 of nonce, creator and epoch, which is 0.
func (s *stub) GetBinding() ([]byte, error) {
	h := sha256.New()
	h.Write(s.call.Nonce)
	h.Write(s.call.Identity.serialized)
	h.Write(make([]byte, 8))
	return h.Sum(nil), nil
}

// GetDecorations gives the values that the peer adds: here its organisation, see PeerMSP.
func (s *stub) GetDecorations() map[string][]byte {
	return map[string][]byte{peerDecoration: []byte(s.org)}
}

// GetSignedProposal gives the proposal, signed by the client.
func (s *stub) GetSignedProposal() (*peer.SignedProposal, error) {
	s.call.sign.Do(func() { s.call.signed = s.signedProposal() })
	return proto.Clone(s.call.signed).(*peer.SignedProposal), nil
}

func (s *stub) signedProposal() *peer.SignedProposal {
	marshal := func(m proto.Message) []byte { return mustMake(proto.MarshalOptions{Deterministic: true}.Marshal(m)) }
	chaincode := &peer.ChaincodeID{Name: chaincodeName}
	proposal := marshal(&peer.Proposal{
		Header: marshal(&common.Header{
			ChannelHeader: marshal(&common.ChannelHeader{
				Type:      int32(common.HeaderType_ENDORSER_TRANSACTION),
				ChannelId: channelID,
				TxId:      s.call.TxID,
				Timestamp: timestamppb.New(s.call.Time),
				Extension: marshal(&peer.ChaincodeHeaderExtension{ChaincodeId: chaincode}),
			}),
			SignatureHeader: marshal(&common.SignatureHeader{Creator: s.call.Identity.serialized, Nonce: s.call.Nonce}),
		}),
		Payload: marshal(&peer.ChaincodeProposalPayload{
			Input: marshal(&peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{
				Type:        peer.ChaincodeSpec_GOLANG,
				ChaincodeId: chaincode,
				Input:       &peer.ChaincodeInput{Args: s.GetArgs()},
			}}),
			TransientMap: s.call.Transient,
		}),
	})
	return &peer.SignedProposal{ProposalBytes: proposal, Signature: s.call.Identity.sign(proposal)}
}

// SetEvent sets the event of the transaction; the last one counts.
func (s *stub) SetEvent(name string, payload []byte) error {
	if name == "" {
		return errors.New("event name can not be empty string")
	}
	s.event = &Event{Name: name, Payload: bytes.Clone(payload)}
	return nil
}

// InvokeChaincode returns an error, because there is only one chaincode.
func (s *stub) InvokeChaincode(name string, _ [][]byte, _ string) *peer.Response {
	return shim.Error(fmt.Sprintf("calling chaincode %q: not supported by the ledger in memory", name))
}

// CreateCompositeKey makes a key as the shim does.
func (s *stub) CreateCompositeKey(objectType string, attributes []string) (string, error) {
	return shim.CreateCompositeKey(objectType, attributes)
}

// SplitCompositeKey splits a key as the shim does, except that a key without parts is an error.
func (s *stub) SplitCompositeKey(compositeKey string) (string, []string, error) {
	var parts []string
	start := 1
	for i := 1; i < len(compositeKey); i++ {
		if compositeKey[i] == 0 {
			parts = append(parts, compositeKey[start:i])
			start = i + 1
		}
	}
	if len(parts) == 0 {
		return "", nil, fmt.Errorf("%q is not a composite key", compositeKey)
	}
	return parts[0], parts[1:], nil
}
