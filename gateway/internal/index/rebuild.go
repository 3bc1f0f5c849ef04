package index

import (
	"context"
	"errors"
)

// ErrBusy means that another process writes to the index.
var ErrBusy = errors.New("another process follows the ledger for this index: stop the gateway first")

// Rebuild drops everything and builds the index again from the peer's blocks, up to the height that the peer has at the
// beginning. The result is the same as that of Run. progress is called after each SQL transaction.
func (ix *Index) Rebuild(ctx context.Context, progress func(done, of uint64)) error {
	release, ok, err := ix.db.TryLock(ctx, advisoryLock)
	if err != nil {
		return err
	}
	if !ok {
		return ErrBusy
	}
	defer release()
	height, err := ix.ledger.Height(ctx)
	if err != nil {
		return err
	}
	if err := ix.reset(ctx); err != nil {
		return err
	}
	return ix.upTo(ctx, height, progress)
}

// upTo indexes the blocks below height.
func (ix *Index) upTo(ctx context.Context, height uint64, progress func(done, of uint64)) error {
	if ix.Height() >= height {
		return nil
	}
	return ix.follow(ctx, height, func(done uint64) { progress(done, height) })
}
