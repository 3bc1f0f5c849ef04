package httpapi

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slowPeer takes a while for each question.
type slowPeer struct{ asked atomic.Int64 }

func (p *slowPeer) Height(ctx context.Context) (uint64, error) {
	p.asked.Add(1)
	select {
	case <-time.After(100 * time.Millisecond):
		return 7, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func TestReadinessAsksThePeerOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := &slowPeer{}
		b := newBench(t, func(d *Deps) { d.Ledger = peer })
		began := time.Now()
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() { b.send(http.MethodGet, "/readyz", "") })
			callers.Go(func() { b.send(http.MethodGet, "/metrics", "") })
		}
		callers.Wait()
		require.LessOrEqual(t, peer.asked.Load(), int64(time.Since(began)/probeEvery)+1)

		time.Sleep(probeEvery)
		before := peer.asked.Load()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		w := b.send(http.MethodGet, "/readyz", "", func(r *http.Request) { *r = *r.WithContext(gone) })
		require.Equal(t, http.StatusOK, w.Code, "the answer is everybody's, not only of who hung up")
		require.Equal(t, before+1, peer.asked.Load())
	})
}
