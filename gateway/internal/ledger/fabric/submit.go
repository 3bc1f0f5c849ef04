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
	if s := l.named(name); s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("no identity is enrolled for the principal %s", name)
}

// carrier is who sends what is signed already and asks for its result: its signer, or the gateway itself when the signer's key is no
// longer here, as that of an official who was retired meanwhile.
func (l *Ledger) carrier(name string) *signer {
	if s := l.named(name); s != nil {
		return s
	}
	return l.named(l.cfg.Service)
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

// Evaluate runs a call on the agency's own peer. If the contract refuses, the error is a *ledger.NotEndorsed.
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

// Endorse asks every organisation to endorse, and signs the envelope. The envelope contains no transient data: the peer removes
// them when it prepares the transaction (protoutil.GetBytesProposalPayloadForTx in Fabric).
func (l *Ledger) Endorse(ctx context.Context, call ledger.Call) (ledger.Signed, error) {
	s, err := l.signer(call.Signer)
	if err != nil {
		return ledger.Signed{}, &ledger.NotEndorsed{Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Endorse)
	defer cancel()
	// Without this option, the peer asks only its own organisation if there are transient data.
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

// signed returns the transaction with the client's signature. Every submission sends these bytes.
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

// payloadsDiffer is the message of the peer's gateway service for an organisation whose result differs from the first one.
const payloadsDiffer = "ProposalResponsePayloads do not match"

// notEndorsed finds the contract's refusal in an error of the peer's gateway service. asked are the organisations whose peers
// were asked: if some endorsed and others refused or gave another result, the refusal may come from a lagging peer and is then
// not treated as one.
func (s *signer) notEndorsed(txID string, err error, asked []string) *ledger.NotEndorsed {
	e := &ledger.NotEndorsed{TxID: txID, Err: err}
	st := status.Convert(err)
	refusal, differing, failed := relief.ParseError(st.Message()), []string(nil), 0
	for _, d := range st.Details() {
		detail, ok := d.(*gateway.ErrorDetail)
		if !ok {
			continue
		}
		failed++
		refused := relief.ParseError(detail.GetMessage())
		if refused != nil && (refusal == nil || detail.GetMspId() == s.gateway.Identity().MspID()) {
			refusal = refused
		}
		if refused != nil || strings.Contains(detail.GetMessage(), payloadsDiffer) {
			differing = append(differing, detail.GetMspId())
		}
	}
	switch {
	case refusal != nil && failed >= len(asked), refusal != nil && failed == 0:
		e.Refusal, e.Err = refusal, nil
	case len(differing) > 0:
		e.Differ = smallerSide(differing, asked)
	}
	return e
}

// smallerSide returns the smaller side of a disagreement. The peer's gateway service compares all results with the first one,
// which may itself be the one that differs.
func smallerSide(differ, all []string) []string {
	if 2*len(differ) <= len(all) {
		return differ
	}
	return slices.DeleteFunc(slices.Clone(all), func(org string) bool { return slices.Contains(differ, org) })
}

// Submit sends the transaction's bytes to the ordering service.
func (l *Ledger) Submit(ctx context.Context, signed ledger.Signed) error {
	s := l.carrier(signed.Signer)
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

// Status waits until a block has the transaction. If that is invalid, the error is a *ledger.CommittedInvalid.
func (l *Ledger) Status(ctx context.Context, signed ledger.Signed) (ledger.Commit, error) {
	s := l.carrier(signed.Signer)
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

// commit prepares the request for a transaction's status by its id, also for transactions that another process submitted.
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
