// Package benchclient calls the ledger as a gateway's principals do, past the gateway: with the gateway's own Fabric client and
// configuration, but without its outbox. It is for network/testbed/bench, which measures what the gateway adds.
package benchclient

import (
	"context"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/fabric"
)

// Call is one contract call; Signer is one of the gateway's principals.
type Call = ledger.Call

// Ledger is one agency's way to its peer.
type Ledger struct{ fabric *fabric.Ledger }

// Open reads a gateway's configuration file.
func Open(gatewayConfig string) (*Ledger, error) {
	cfg, err := config.Load(gatewayConfig)
	if err != nil {
		return nil, err
	}
	l, err := app.Connect(cfg)
	if err != nil {
		return nil, err
	}
	return &Ledger{l}, nil
}

// Close ends the connection.
func (l *Ledger) Close() error { return l.fabric.Close() }

// Submit has a call endorsed by all organisations, submits it and waits until it is committed; it gives what the contract
// answered. A transaction that did not become valid is an error; nothing is tried twice.
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
