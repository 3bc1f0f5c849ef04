package fabric

import (
	"context"
	"strconv"
	"strings"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"google.golang.org/protobuf/proto"

	"relieftrail/gateway/internal/ledger"
)

// Find looks for a transaction on the agency's own peer without waiting.
func (l *Ledger) Find(ctx context.Context, txID string) (ledger.Commit, bool, error) {
	answer, err := l.query(ctx, "GetBlockByTxID", l.cfg.Channel, txID)
	if err != nil {
		if strings.Contains(err.Error(), "not found") || strings.Contains(err.Error(), "no such transaction ID") {
			return ledger.Commit{}, false, nil
		}
		return ledger.Commit{}, false, err
	}
	block := &common.Block{}
	if err := proto.Unmarshal(answer, block); err != nil {
		return ledger.Commit{}, false, err
	}
	// The block may contain the same transaction again as an invalid duplicate. The first one counts.
	for _, tx := range l.decoder.block(block).Transactions {
		if tx.ID == txID {
			return ledger.Commit{TxID: txID, Block: tx.Block, Valid: tx.Valid, Code: tx.Code}, true, nil
		}
	}
	return ledger.Commit{}, false, errNoBlock
}

// Height is the number of blocks of the agency's own peer.
func (l *Ledger) Height(ctx context.Context) (uint64, error) {
	answer, err := l.query(ctx, "GetChainInfo", l.cfg.Channel)
	if err != nil {
		return 0, err
	}
	info := &common.BlockchainInfo{}
	if err := proto.Unmarshal(answer, info); err != nil {
		return 0, err
	}
	return info.GetHeight(), nil
}

// Identity is what a principal's certificate says.
func (l *Ledger) Identity(signer string) (ledger.Identity, bool) {
	s := l.named(signer)
	if s == nil {
		return ledger.Identity{}, false
	}
	return l.decoder.identity(s.creator), true
}

// Block reads one block of the agency's own peer.
func (l *Ledger) Block(ctx context.Context, number uint64) (ledger.Block, error) {
	answer, err := l.query(ctx, "GetBlockByNumber", l.cfg.Channel, strconv.FormatUint(number, 10))
	if err != nil {
		return ledger.Block{}, err
	}
	block := &common.Block{}
	if err := proto.Unmarshal(answer, block); err != nil {
		return ledger.Block{}, err
	}
	return l.decoder.block(block), nil
}

func (l *Ledger) query(ctx context.Context, function string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Endorse)
	defer cancel()
	s := l.named(l.cfg.Service)
	return s.qscc.EvaluateWithContext(ctx, function, client.WithArguments(args...),
		client.WithEndorsingOrganizations(s.gateway.Identity().MspID()))
}

// Blocks follows the blocks of the agency's own peer from a number on.
func (l *Ledger) Blocks(ctx context.Context, from uint64, handle func(ledger.Block) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := l.named(l.cfg.Service).network.BlockEvents(ctx, client.WithStartBlock(from))
	if err != nil {
		return err
	}
	for block := range events {
		if err := handle(l.decoder.block(block)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return errNoBlock // the stream has ended, and the caller may begin it again
}
