package benchclient

import (
	"context"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/fabric"
)

// Call is one call of a contract. Its signer is one of the gateway's principals.
type Call = ledger.Call

// Ledger is a connection to one agency's peer.
type Ledger struct{ fabric *fabric.Ledger }

// Open connects with the settings in a gateway's configuration file.
func Open(gatewayConfig string) (*Ledger, error) {
	cfg, err := config.Load(gatewayConfig)
	if err != nil {
		return nil, err
	}
	fabric.UseTieredBuffers()
	l, err := app.Connect(cfg)
	if err != nil {
		return nil, err
	}
	return &Ledger{l}, nil
}

// Close ends the connection.
func (l *Ledger) Close() error { return l.fabric.Close() }

// Height is the number of blocks that the agency's peer has.
func (l *Ledger) Height(ctx context.Context) (uint64, error) { return l.fabric.Height(ctx) }

// Submit lets all organisations endorse a call, submits it, waits until it is committed, and returns the contract's response.
// An invalid transaction is an error. Nothing is retried.
func (l *Ledger) Submit(ctx context.Context, call Call) ([]byte, error) {
	signed, err := l.fabric.Endorse(ctx, call)
	if err != nil {
		return nil, err
	}
	if err := l.fabric.Submit(ctx, signed); err != nil {
		return nil, err
	}
	_, err = l.fabric.Status(ctx, signed)
	return signed.Result, err
}
