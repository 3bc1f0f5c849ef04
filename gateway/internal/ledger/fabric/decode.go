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

// decoder decodes blocks. It remembers the certificates of officials and peers, which sign again and again: to parse one costs
// more than all the rest of a transaction.
type decoder struct {
	chaincode  string // whose writes are decoded
	identities *lru.Cache[string, ledger.Identity]
}

const identitiesKept = 4096

// Decode decodes a block as a peer gives it, with the writes to one chaincode.
func Decode(block *common.Block, chaincode string) ledger.Block {
	return newDecoder(chaincode).block(block)
}

func newDecoder(chaincode string) *decoder {
	identities, _ := lru.New[string, ledger.Identity](identitiesKept) // fails for a size of 0 only
	return &decoder{chaincode, identities}
}

// block decodes a block. It leaves out what it cannot decode: the peer has validated the block, so that can only be content
// of another kind than endorsed transactions.
func (d *decoder) block(block *common.Block) ledger.Block {
	out := ledger.Block{Number: block.GetHeader().GetNumber(), Hash: headerHash(block.GetHeader())}
	var codes []byte
	if metadata := block.GetMetadata().GetMetadata(); len(metadata) > int(common.BlockMetadataIndex_TRANSACTIONS_FILTER) {
		codes = metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	}
	for i, raw := range block.GetData().GetData() {
		tx, ok := d.transaction(raw)
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

// headerHash is the hash of a block in the next block: SHA-256 over the header in ASN.1 (BlockHeaderHash of Fabric).
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

// transaction decodes an endorsed transaction of any chaincode, with the writes to the decoder's chaincode.
func (d *decoder) transaction(raw []byte) (tx ledger.Transaction, ok bool) {
	envelope, payload, header := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}
	if proto.Unmarshal(raw, envelope) != nil || proto.Unmarshal(envelope.GetPayload(), payload) != nil ||
		proto.Unmarshal(payload.GetHeader().GetChannelHeader(), header) != nil ||
		header.GetType() != int32(common.HeaderType_ENDORSER_TRANSACTION) {
		return tx, false
	}
	tx.ID, tx.Time = header.GetTxId(), header.GetTimestamp().AsTime()
	signature := &common.SignatureHeader{}
	if proto.Unmarshal(payload.GetHeader().GetSignatureHeader(), signature) == nil {
		tx.Creator = d.identity(signature.GetCreator())
	}
	transaction, action := &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	if proto.Unmarshal(payload.GetData(), transaction) != nil || len(transaction.GetActions()) == 0 ||
		proto.Unmarshal(transaction.GetActions()[0].GetPayload(), action) != nil {
		return tx, true
	}
	tx.Function = decodeFunction(action.GetChaincodeProposalPayload())
	for _, e := range action.GetAction().GetEndorsements() {
		tx.Endorsers = append(tx.Endorsers, d.identity(e.GetEndorser()))
	}
	slices.SortFunc(tx.Endorsers, func(a, b ledger.Identity) int { return strings.Compare(a.MSPID, b.MSPID) })
	tx.Writes = decodeWrites(action.GetAction().GetProposalResponsePayload(), d.chaincode)
	return tx, true
}

// decodeFunction decodes the name of the function, and none of its arguments.
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

// maxIdentity bounds the identities that are remembered, in bytes.
const maxIdentity = 8 << 10

func (d *decoder) identity(raw []byte) ledger.Identity {
	if id, ok := d.identities.Get(string(raw)); ok {
		return id
	}
	serialized := &msp.SerializedIdentity{}
	if proto.Unmarshal(raw, serialized) != nil {
		return ledger.Identity{}
	}
	id := ledger.IdentityOf(serialized.GetMspid(), serialized.GetIdBytes())
	if len(raw) <= maxIdentity {
		d.identities.Add(string(raw), id)
	}
	return id
}
