package fabric

import (
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/timestamppb"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

var at = time.Date(2026, 11, 10, 1, 0, 0, 0, time.UTC)

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	require.NoError(t, err)
	return b
}

func serialized(t testing.TB, id *fakeledger.Identity) []byte {
	return marshal(t, &msp.SerializedIdentity{Mspid: id.MSPID(), IdBytes: []byte(id.PEM())})
}

// envelope is a transaction as a block holds it.
func envelope(t testing.TB, kind common.HeaderType) []byte {
	t.Helper()
	kv := marshal(t, &kvrwset.KVRWSet{Writes: []*kvrwset.KVWrite{{Key: "k", Value: []byte("v")}, {Key: "gone", IsDelete: true}}})
	set := marshal(t, &rwset.TxReadWriteSet{NsRwset: []*rwset.NsReadWriteSet{{Namespace: "_lifecycle", Rwset: kv}, {Namespace: "relief", Rwset: kv}}})
	response := marshal(t, &peer.ProposalResponsePayload{Extension: marshal(t, &peer.ChaincodeAction{Results: set})})
	input := marshal(t, &peer.ChaincodeInvocationSpec{ChaincodeSpec: &peer.ChaincodeSpec{Input: &peer.ChaincodeInput{
		Args: [][]byte{[]byte("payment:Open"), []byte(`{"id":"b"}`)},
	}}})
	endorsements := []*peer.Endorsement{
		{Endorser: serialized(t, fakeledger.Official("FinanceMSP", "peer0", "", ""))},
		{Endorser: serialized(t, fakeledger.Official("AuditMSP", "peer0", "", ""))},
	}
	action := marshal(t, &peer.ChaincodeActionPayload{
		ChaincodeProposalPayload: marshal(t, &peer.ChaincodeProposalPayload{Input: input}),
		Action:                   &peer.ChaincodeEndorsedAction{ProposalResponsePayload: response, Endorsements: endorsements},
	})
	creator := serialized(t, fakeledger.Official("CivilAffairsMSP", "civil-preparer", "preparer", "530181"))
	return marshal(t, &common.Envelope{Payload: marshal(t, &common.Payload{
		Header: &common.Header{
			ChannelHeader:   marshal(t, &common.ChannelHeader{Type: int32(kind), TxId: "tx1", Timestamp: timestamppb.New(at)}),
			SignatureHeader: marshal(t, &common.SignatureHeader{Creator: creator}),
		},
		Data: marshal(t, &peer.Transaction{Actions: []*peer.TransactionAction{{Payload: action}}}),
	})})
}

func TestDecodeBlock(t *testing.T) {
	block := &common.Block{
		Header: &common.BlockHeader{Number: 7},
		Data: &common.BlockData{Data: [][]byte{
			envelope(t, common.HeaderType_CONFIG), envelope(t, common.HeaderType_ENDORSER_TRANSACTION), envelope(t, common.HeaderType_ENDORSER_TRANSACTION), []byte("junk"),
		}},
		Metadata: &common.BlockMetadata{Metadata: [][]byte{{}, {}, {0, 0, byte(peer.TxValidationCode_MVCC_READ_CONFLICT), 0}}},
	}
	got := newDecoder("relief").block(block)
	tx := ledger.Transaction{
		ID: "tx1", Block: 7, Index: 1, Time: at, Function: "payment:Open", Valid: true, Code: "VALID",
		Creator:   ledger.Identity{MSPID: "CivilAffairsMSP", Name: "civil-preparer", Role: "preparer", Region: "530181"},
		Endorsers: []ledger.Identity{{MSPID: "AuditMSP", Name: "peer0"}, {MSPID: "FinanceMSP", Name: "peer0"}},
		Writes:    []ledger.Write{{Key: "k", Value: []byte("v")}, {Key: "gone", Deleted: true}},
	}
	lost := tx
	lost.Index, lost.Valid, lost.Code = 2, false, "MVCC_READ_CONFLICT"
	require.Equal(t, ledger.Block{Number: 7, Hash: headerHash(block.Header), Transactions: []ledger.Transaction{tx, lost}}, got)
	require.Empty(t, newDecoder("relief").block(&common.Block{}).Transactions)
}

// What every peer refuses is refused, in the own peer's word; when some refuse and others endorse, somebody is behind.
func TestRefusalsInEndorsementErrors(t *testing.T) {
	l, err := newTestSigner(t)
	require.NoError(t, err)
	fail := func(details ...protoadapt.MessageV1) *ledger.NotEndorsed {
		st, err := status.New(codes.Aborted, "failed to endorse transaction, see attached details for more info").WithDetails(details...)
		require.NoError(t, err)
		return l.notEndorsed("tx1", st.Err(), []string{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"})
	}
	says := func(msp, message string) protoadapt.MessageV1 {
		return protoadapt.MessageV1Of(&gateway.ErrorDetail{MspId: msp, Message: message})
	}
	own := says("CivilAffairsMSP", "chaincode response 500, FUNDS: tranche t has 1.00")
	finance := says("FinanceMSP", "chaincode response 500, FUNDS: tranche t has 1.00")
	audit := says("AuditMSP", "chaincode response 500, NOT_FOUND: no batch b")
	funds := relief.Errorf(relief.CodeFunds, "tranche t has 1.00")
	require.Equal(t, &ledger.NotEndorsed{TxID: "tx1", Refusal: funds}, fail(audit, finance, own))
	require.Equal(t, funds, fail(audit, own, says("FinanceMSP", "connection refused")).Refusal)
	for want, got := range map[string]*ledger.NotEndorsed{
		"AuditMSP":        fail(audit),
		"CivilAffairsMSP": fail(says("AuditMSP", payloadsDiffer), says("FinanceMSP", payloadsDiffer)),
		"FinanceMSP":      fail(says("FinanceMSP", payloadsDiffer)),
	} {
		require.Nil(t, got.Refusal)
		require.Equal(t, []string{want}, got.Differ)
		require.Error(t, got.Err)
	}
	none := fail(says("AuditMSP", "connection refused"))
	require.Nil(t, none.Refusal)
	require.Empty(t, none.Differ)
	require.Error(t, none.Err)
}

func FuzzDecodeTransaction(f *testing.F) {
	f.Add(envelope(f, common.HeaderType_ENDORSER_TRANSACTION))
	f.Add([]byte{})
	d := newDecoder("relief")
	f.Fuzz(func(t *testing.T, raw []byte) {
		tx, ok := d.transaction(raw)
		if !ok {
			require.Empty(t, tx.Writes)
		}
		_ = d.identity(raw)
	})
}
