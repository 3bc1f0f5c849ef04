package process

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The pause between two looks at something that is not ready grows from the first to the second: short at first, so that a
// quick start is noticed at once; longer later, since a network that is asked all the time takes longer to converge.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = time.Second
)

// Await calls ready until it returns nil. It gives up when one of the named processes has died or at the deadline; the error
// is then what was still missing.
func (r *Runner) Await(
	ctx context.Context, deadline time.Duration, what string, names []string, ready func(context.Context) error,
) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	for pause := firstPause; ; pause = min(pause*3/2, mostPause) {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		for _, name := range names {
			if died := r.Died(name); died != nil {
				return died
			}
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%s: not ready after %s: %w", what, deadline, err)
			}
			return fmt.Errorf("%s: interrupted", what)
		case <-time.After(pause):
		}
	}
}
