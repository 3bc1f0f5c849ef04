package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"relieftrail/chaincode/relief"
)

// askTries bounds how often Ask asks, some 0.6 s in all.
const askTries = 5

// Evaluator runs a call on the agency's own peer and writes nothing.
type Evaluator interface {
	Evaluate(ctx context.Context, call Call) ([]byte, error)
}

// Ask evaluates a call. The agency's own peer may be a block behind the others, so that it does not know yet what a client has
// just done at another agency: a refusal for what is missing, or not in the right state, is asked again for a moment.
func Ask(ctx context.Context, l Evaluator, call Call) ([]byte, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 60*time.Millisecond, 250*time.Millisecond
	return backoff.Retry(ctx, func() ([]byte, error) {
		answer, err := l.Evaluate(ctx, call)
		var refused *relief.Error
		if err != nil && (!errors.As(err, &refused) || refused.Code != relief.CodeNotFound && refused.Code != relief.CodeWrongState) {
			return nil, backoff.Permanent(err)
		}
		return answer, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(askTries))
}
