package fabric

import (
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/protobuf/proto"

	"relieftrail/gateway/internal/ledger"
)

// decodeBlock takes a block apart. What cannot be read is left out: the peer has validated every block before it
// gives it away, so that happens for other kinds of content only.
func decodeBlock(block *common.Block, chaincode string) ledger.Block {
	out := ledger.Block{Number: block.GetHeader().GetNumber(), Hash: headerHash(block.GetHeader())}
	var codes []byte
	if metadata := block.GetMetadata().GetMetadata(); len(metadata) > int(common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		codes = metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	}
	for i, raw := range block.GetData().GetData() {
		tx, ok := decodeTransaction(raw, chaincode)
		if !ok {
			continue
		}
		code := peer.TxValidationCode_NOT_VALIDATED
		if i < len(codes) {
			code = peer.TxValidationCode(codes[i])
		}
		tx.Block, tx.Index, tx.Code, tx.Valid = out.Number, i, code.String(), code == peer.TxValidationCode_VALID
		out.Transactions = append(out.Transactions, tx)
	}
	return out
}

// headerHash is what the next block calls this one by: SHA-256 over the header in ASN.1 (Fabric's BlockHeaderHash).
func headerHash(h *common.BlockHeader) []byte {
	der, err := asn1.Marshal(struct {
		Number             *big.Int
		Previous, DataHash []byte
	}{new(big.Int).SetUint64(h.GetNumber()), h.GetPreviousHash(), h.GetDataHash()})
	if err != nil { // a number and bytes always marshal
		return nil
	}
	sum := sha256.Sum256(der)
	return sum[:]
}

// decodeTransaction reads an endorser transaction of any chaincode; Writes are those of the given one.
func decodeTransaction(raw []byte, chaincode string) (tx ledger.Transaction, ok bool) {
	envelope, payload, header := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}
	if proto.Unmarshal(raw, envelope) != nil || proto.Unmarshal(envelope.GetPayload(), payload) != nil ||
		proto.Unmarshal(payload.GetHeader().GetChannelHeader(), header) != nil ||
		header.GetType() != int32(common.HeaderType_ENDORSER_TRANSACTION) {
		return tx, false
	}
	tx.ID, tx.Time = header.GetTxId(), header.GetTimestamp().AsTime()
	signature := &common.SignatureHeader{}
	if proto.Unmarshal(payload.GetHeader().GetSignatureHeader(), signature) == nil {
		tx.Creator = decodeIdentity(signature.GetCreator())
	}
	transaction, action := &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	if proto.Unmarshal(payload.GetData(), transaction) != nil || len(transaction.GetActions()) == 0 ||
		proto.Unmarshal(transaction.GetActions()[0].GetPayload(), action) != nil {
		return tx, true
	}
	tx.Function = decodeFunction(action.GetChaincodeProposalPayload())
	for _, e := range action.GetAction().GetEndorsements() {
		tx.Endorsers = append(tx.Endorsers, decodeIdentity(e.GetEndorser()))
	}
	slices.SortFunc(tx.Endorsers, func(a, b ledger.Identity) int { return strings.Compare(a.MSPID, b.MSPID) })
	tx.Writes = decodeWrites(action.GetAction().GetProposalResponsePayload(), chaincode)
	return tx, true
}

// decodeFunction reads the function's name and none of its arguments.
func decodeFunction(raw []byte) string {
	payload, spec := &peer.ChaincodeProposalPayload{}, &peer.ChaincodeInvocationSpec{}
	if proto.Unmarshal(raw, payload) != nil || proto.Unmarshal(payload.GetInput(), spec) != nil {
		return ""
	}
	if args := spec.GetChaincodeSpec().GetInput().GetArgs(); len(args) > 0 && len(args[0]) <= 100 {
		return string(args[0])
	}
	return ""
}

func decodeWrites(raw []byte, chaincode string) []ledger.Write {
	response, action, set := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}, &rwset.TxReadWriteSet{}
	if proto.Unmarshal(raw, response) != nil || proto.Unmarshal(response.GetExtension(), action) != nil ||
		proto.Unmarshal(action.GetResults(), set) != nil {
		return nil
	}
	var writes []ledger.Write
	for _, ns := range set.GetNsRwset() {
		if ns.GetNamespace() != chaincode {
			continue
		}
		kv := &kvrwset.KVRWSet{}
		if proto.Unmarshal(ns.GetRwset(), kv) != nil {
			continue
		}
		for _, w := range kv.GetWrites() {
			writes = append(writes, ledger.Write{Key: w.GetKey(), Value: w.GetValue(), Deleted: w.GetIsDelete()})
		}
	}
	return writes
}

// identities remembers the certificates of officials and peers, which sign again and again: to parse one costs more
// than all the rest of a transaction.
var identities, _ = lru.New[string, ledger.Identity](4096) // fails for a size of 0 only

func decodeIdentity(raw []byte) ledger.Identity {
	if id, ok := identities.Get(string(raw)); ok {
		return id
	}
	serialized := &msp.SerializedIdentity{}
	if proto.Unmarshal(raw, serialized) != nil {
		return ledger.Identity{}
	}
	id := ledger.IdentityOf(serialized.GetMspid(), serialized.GetIdBytes())
	if len(raw) <= 8<<10 {
		identities.Add(string(raw), id)
	}
	return id
}
