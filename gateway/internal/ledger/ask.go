package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"relieftrail/chaincode/relief"
)

// askTries bounds how often Ask asks. All tries take about 0.6 s.
const askTries = 5

// Evaluator runs a call on the agency's own peer without writing anything.
type Evaluator interface {
	Evaluate(ctx context.Context, call Call) ([]byte, error)
}

// Ask evaluates a call, and repeats it for a moment if the contract misses a record or finds it in another state: the agency's
// own peer may be a block behind the others and not know yet what a client has just done at another agency.
func Ask(ctx context.Context, l Evaluator, call Call) ([]byte, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 60*time.Millisecond, 250*time.Millisecond
	return backoff.Retry(ctx, func() ([]byte, error) {
		response, err := l.Evaluate(ctx, call)
		if err != nil && !mayBeBehind(err) {
			return nil, backoff.Permanent(err)
		}
		return response, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(askTries))
}

// mayBeBehind reports whether an error is a refusal that a peer gives which lacks the newest block.
func mayBeBehind(err error) bool {
	var refused *relief.Error
	return errors.As(err, &refused) && (refused.Code == relief.CodeNotFound || refused.Code == relief.CodeWrongState)
}
