package contracts

import (
	"context"
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/gateway/internal/ledger"
)

// Evaluate runs a function on the agency's own peer; nothing is written. Its errors are those of ledger.Ledger.
func Evaluate[In, Out any](ctx context.Context, l ledger.Evaluator, signer string, f api.Function[In, Out], in In) (Out, error) {
	var none Out
	call, err := Call(signer, f, in, nil)
	if err != nil {
		return none, err
	}
	b, err := l.Evaluate(ctx, call)
	if err != nil {
		return none, err //nolint:wrapcheck // the refusal is the contract's
	}
	return Answer(f, b)
}

// Ask is Evaluate for a question about what a client has just done at another agency: while the agency's own peer is a
// block behind, a refusal for what is missing or in another state is asked again for a moment. See ledger.Ask.
func Ask[In, Out any](ctx context.Context, l ledger.Evaluator, signer string, f api.Function[In, Out], in In) (Out, error) {
	var none Out
	call, err := Call(signer, f, in, nil)
	if err != nil {
		return none, err
	}
	b, err := ledger.Ask(ctx, l, call)
	if err != nil {
		return none, err //nolint:wrapcheck // the refusal is the contract's
	}
	return Answer(f, b)
}

// Call is the call of a function, for the outbox or for Ledger.Endorse. Private details travel in transient alone.
func Call[In, Out any](signer string, f api.Function[In, Out], in In, transient map[string][]byte) (ledger.Call, error) {
	call := ledger.Call{Signer: signer, Function: f.Name(), Transient: transient}
	if f.Row().Argument == nil {
		return call, nil
	}
	b, err := json.Marshal(in)
	if err != nil {
		return call, fmt.Errorf("the argument of %s: %w", f.Name(), err)
	}
	call.Argument = b
	return call, nil
}

// Answer reads what a function answered.
func Answer[In, Out any](f api.Function[In, Out], b []byte) (Out, error) {
	out, err := api.DecodeAnswer[Out](b)
	if err != nil {
		return out, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return out, nil
}
