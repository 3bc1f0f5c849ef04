package erasures_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/erasures"
	"relieftrail/gateway/internal/index"
)

// ledger answers in the place of the index.
type ledger []index.Erasure

func (l ledger) Erasures(_ context.Context, after int64, limit int) (found []index.Erasure, through int64, err error) {
	for _, e := range l {
		if e.TxPos > after && len(found) < limit {
			found, through = append(found, e), e.TxPos
		}
	}
	return found, max(after, through), nil
}

func (l ledger) Height() uint64 { return uint64(len(l)) }

func (l ledger) WaitFor(ctx context.Context, _ uint64) error {
	<-ctx.Done()
	return ctx.Err()
}

var errAway = errors.New("the store is away")

// place notes what it is told, and fails at first.
type place struct {
	faults int
	erased []int64
	swept  int
}

func (p *place) Erase(_ context.Context, e *index.Erasure) error {
	if p.faults > 0 {
		p.faults--
		return errAway
	}
	p.erased = append(p.erased, e.TxPos)
	return nil
}

func (p *place) Sweep(context.Context) error {
	p.swept++
	return nil
}

// A follower tells every place of every erasure, fails while one of them is away, goes on where it was when it is called
// again or opened anew, and has places swept each hour.
func TestAFollowerGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := ledger{{TxPos: 10}, {TxPos: 11}}
		first, second := &place{}, &place{faults: 1}
		options := erasures.Options{Index: l, Path: filepath.Join(t.TempDir(), "erasures.db"), Places: []erasures.Place{first, second}}
		f, err := erasures.Open(options)
		require.NoError(t, err)
		require.ErrorIs(t, f.Run(t.Context()), errAway)
		require.Equal(t, []int64{10}, first.erased)
		require.Empty(t, second.erased)

		run := func(during time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), during)
			defer cancel()
			require.ErrorIs(t, f.Run(ctx), context.DeadlineExceeded)
		}
		run(time.Minute)
		require.Equal(t, []int64{10, 10, 11}, first.erased, "what one place missed is told to all again")
		require.Equal(t, []int64{10, 11}, second.erased)
		require.Equal(t, 1, second.swept)
		require.NoError(t, f.Close())

		options.Index = append(l, index.Erasure{TxPos: 12})
		f, err = erasures.Open(options)
		require.NoError(t, err)
		run(150 * time.Minute)
		require.Equal(t, []int64{10, 11, 12}, second.erased)
		require.Equal(t, 4, second.swept, "at the start, and twice more")
		require.NoError(t, f.Close())
	})
}
