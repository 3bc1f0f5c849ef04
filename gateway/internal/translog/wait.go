package translog

import (
	"context"
	"time"
)

// doubled is how long to wait after some failures in a row: the first time, and twice as long after each further one, up to most.
func doubled(first time.Duration, failures int, most time.Duration) time.Duration {
	return min(first<<min(max(failures-1, 0), 10), most)
}

// pause waits for a time, or until moved is closed; nil never is. Its error is that of a context that is done.
func pause(ctx context.Context, wait time.Duration, moved <-chan struct{}) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-moved:
	}
	return ctx.Err()
}
