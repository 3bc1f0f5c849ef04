package httpapi

import (
	"context"
	"time"
)

// probeEvery is how often the agency's own peer is asked for its height, for all who ask for readiness and metrics together.
const probeEvery = time.Second

// probe asks the agency's own peer how far it is, once a second whoever asks how often: each question is signed.
type probe struct {
	ledger Ledger
	turn   chan struct{} // holds one while the peer is asked: others wait for the answer
	at     time.Time
	height uint64
	err    error
}

func newProbe(ledger Ledger) *probe { return &probe{ledger: ledger, turn: make(chan struct{}, 1)} }

// Height is the height that was asked for last, at most a second ago. A caller who hangs up spoils no one else's answer.
func (p *probe) Height(ctx context.Context) (uint64, error) {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if p.at.IsZero() || time.Since(p.at) >= probeEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTime)
		defer cancel()
		p.height, p.err = p.ledger.Height(ctx)
		p.at = time.Now()
	}
	return p.height, p.err
}
