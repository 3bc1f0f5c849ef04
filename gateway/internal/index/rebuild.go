package index

import (
	"context"
	"errors"
)

// ErrBusy says that another process writes to the index.
var ErrBusy = errors.New("another process follows the ledger for this index: stop the gateway first")

// Rebuild drops everything and makes the index anew from the peer's blocks, up to the height that the peer has when it
// begins. say is told how far it is. It comes out the same as an index that followed the ledger.
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
