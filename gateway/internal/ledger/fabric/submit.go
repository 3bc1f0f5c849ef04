package fabric

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/gateway"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

var _ ledger.Ledger = (*Ledger)(nil)

func (l *Ledger) signer(name string) (*signer, error) {
	if s := l.signers[name]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("no identity is enrolled for the principal %s", name)
}

func arguments(call ledger.Call) []client.ProposalOption {
	var options []client.ProposalOption
	if call.Argument != nil {
		options = append(options, client.WithBytesArguments(call.Argument))
	}
	if call.Transient != nil {
		options = append(options, client.WithTransient(call.Transient))
	}
	return options
}

// Evaluate runs a call on the agency's own peer. A refusal of the contract is a *ledger.NotEndorsed.
func (l *Ledger) Evaluate(ctx context.Context, call ledger.Call) ([]byte, error) {
	s, err := l.signer(call.Signer)
	if err != nil {
		return nil, &ledger.NotEndorsed{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Endorse)
	defer cancel()
	options := append(arguments(call), client.WithEndorsingOrganizations(s.gateway.Identity().MspID()))
	result, err := s.contract.EvaluateWithContext(ctx, call.Function, options...)
	if err != nil {
		return nil, s.notEndorsed("", err, []string{s.gateway.Identity().MspID()})
	}
	return result, nil
}

// Endorse has every organisation endorse and signs the envelope. The envelope carries no transient data: the peer
// leaves them out when it prepares the transaction (Fabric: protoutil.GetBytesProposalPayloadForTx).
func (l *Ledger) Endorse(ctx context.Context, call ledger.Call) (ledger.Signed, error) {
	s, err := l.signer(call.Signer)
	if err != nil {
		return ledger.Signed{}, &ledger.NotEndorsed{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Endorse)
	defer cancel()
	// With transient data the peer would otherwise ask its own organisation alone.
	options := append(arguments(call), client.WithEndorsingOrganizations(l.cfg.EndorsingOrganisations...))
	proposal, err := s.contract.NewProposal(call.Function, options...)
	if err != nil {
		return ledger.Signed{}, &ledger.NotEndorsed{Err: err}
	}
	tx, err := proposal.EndorseWithContext(ctx)
	if err != nil {
		return ledger.Signed{}, s.notEndorsed(proposal.TransactionID(), err, l.cfg.EndorsingOrganisations)
	}
	envelope, err := s.signed(tx)
	if err != nil {
		return ledger.Signed{}, &ledger.NotEndorsed{TxID: tx.TransactionID(), Err: err}
	}
	return ledger.Signed{TxID: tx.TransactionID(), Signer: call.Signer, Envelope: envelope, Result: tx.Result()}, nil
}

// signed are the bytes with the client's signature: every later submission sends just these.
func (s *signer) signed(tx *client.Transaction) ([]byte, error) {
	unsigned, err := tx.Bytes()
	if err != nil {
		return nil, err
	}
	signature, err := s.sign(tx.Digest())
	if err != nil {
		return nil, err
	}
	signedTx, err := s.gateway.NewSignedTransaction(unsigned, signature)
	if err != nil {
		return nil, err
	}
	return signedTx.Bytes()
}

// payloadsDiffer is how the peer's gateway service says that an organisation's answer is not the first one's.
const payloadsDiffer = "ProposalResponsePayloads do not match"

// notEndorsed finds the contract's own word in what the peer's gateway service answered. asked are the organisations whose
// peers were asked: when some of them endorsed and others refused, or gave something else, the refusal may come from a
// peer that is behind, and is none.
func (s *signer) notEndorsed(txID string, err error, asked []string) *ledger.NotEndorsed {
	e := &ledger.NotEndorsed{TxID: txID, Err: err}
	st := status.Convert(err)
	refusal, apart, failed := relief.ParseError(st.Message()), []string(nil), 0
	for _, d := range st.Details() {
		detail, ok := d.(*gateway.ErrorDetail)
		if !ok {
			continue
		}
		failed++
		word := relief.ParseError(detail.GetMessage())
		if word != nil && (refusal == nil || detail.GetMspId() == s.gateway.Identity().MspID()) {
			refusal = word
		}
		if word != nil || strings.Contains(detail.GetMessage(), payloadsDiffer) {
			apart = append(apart, detail.GetMspId())
		}
	}
	switch {
	case refusal != nil && failed >= len(asked), refusal != nil && failed == 0:
		e.Refusal, e.Err = refusal, nil
	case len(apart) > 0:
		e.Differ = fewer(apart, asked)
	}
	return e
}

// fewer is the smaller side of a disagreement. The peer's gateway service compares all answers with the one that came
// first, which may be the one that stands apart.
func fewer(differ, all []string) []string {
	if 2*len(differ) <= len(all) {
		return differ
	}
	return slices.DeleteFunc(slices.Clone(all), func(org string) bool { return slices.Contains(differ, org) })
}

// Submit hands the transaction's bytes to the ordering service.
func (l *Ledger) Submit(ctx context.Context, signed ledger.Signed) error {
	s, err := l.signer(signed.Signer)
	if err != nil {
		return &ledger.NotSubmitted{TxID: signed.TxID, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Submit)
	defer cancel()
	tx, err := s.gateway.NewTransaction(signed.Envelope)
	if err != nil {
		return &ledger.NotSubmitted{TxID: signed.TxID, Err: err}
	}
	if _, err := tx.SubmitWithContext(ctx); err != nil {
		return &ledger.NotSubmitted{TxID: signed.TxID, Err: err}
	}
	return nil
}

// Status waits until a block holds the transaction. An invalid one is a *ledger.CommittedInvalid.
func (l *Ledger) Status(ctx context.Context, signed ledger.Signed) (ledger.Commit, error) {
	s, err := l.signer(signed.Signer)
	if err != nil {
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: signed.TxID, Err: err}
	}
	commit, err := s.commit(l.cfg.Channel, signed.TxID)
	if err != nil {
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: signed.TxID, Err: err}
	}
	st, err := commit.StatusWithContext(ctx)
	if err != nil {
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: signed.TxID, Err: err}
	}
	c := ledger.Commit{TxID: signed.TxID, Block: st.BlockNumber, Valid: st.Successful, Code: st.Code.String()}
	if !c.Valid {
		return c, &ledger.CommittedInvalid{Commit: c}
	}
	return c, nil
}

// commit asks for a transaction's status by id, also in another process than the one that submitted it.
func (s *signer) commit(channel, txID string) (*client.Commit, error) {
	request, err := proto.Marshal(&gateway.CommitStatusRequest{ChannelId: channel, TransactionId: txID, Identity: s.creator})
	if err != nil {
		return nil, err
	}
	unsigned, err := proto.Marshal(&gateway.SignedCommitStatusRequest{Request: request})
	if err != nil {
		return nil, err
	}
	return s.gateway.NewCommit(unsigned)
}

var errNoBlock = errors.New("the peer answered without a block")
