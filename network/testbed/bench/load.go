package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"relieftrail/gateway/benchclient"
)

// load is how long a number of calls took.
type load struct {
	seconds   float64
	latencies []time.Duration // sorted
	cpu       usage
}

// send submits n calls, inFlight of them at a time, and waits until all are committed. call makes the i-th call; the time it takes
// is measured, too, so it should be cheap. The first error ends it.
func (n *net) send(ctx context.Context, l *benchclient.Ledger, inFlight, calls int, call func(i int) benchclient.Call, took func(i int, result []byte) error) (load, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	before, err := n.cpu()
	if err != nil {
		return load{}, err
	}
	latencies := make([]time.Duration, calls)
	next := make(chan int)
	var tasks sync.WaitGroup
	began := time.Now()
	for range inFlight {
		tasks.Go(func() {
			for i := range next {
				start := time.Now()
				result, err := l.Submit(ctx, call(i))
				if err == nil && took != nil {
					err = took(i, result)
				}
				if err != nil {
					cancel(err)
					return
				}
				latencies[i] = time.Since(start)
			}
		})
	}
	for i := range calls {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	tasks.Wait()
	if err := context.Cause(ctx); err != nil {
		return load{}, err
	}
	seconds := time.Since(began).Seconds()
	after, err := n.cpu()
	slices.Sort(latencies)
	return load{seconds, latencies, after.since(before)}, err
}
