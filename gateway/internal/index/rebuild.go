package index

import (
	"context"
	"errors"
)

// ErrBusy says that another process writes to the index.
var ErrBusy = errors.New("another process follows the ledger for this index: stop the gateway first")

// Rebuild drops everything and makes the index anew from the peer's blocks, up to the height that the peer has when it
// begins. say is told how far it is. It comes out the same as an index that followed the ledger.
func (x *Index) Rebuild(ctx context.Context, say func(done, of uint64)) error {
	release, ok, err := x.db.TryLock(ctx, advisoryLock)
	if err != nil {
		return err
	}
	if !ok {
		return ErrBusy
	}
	defer release()
	height, err := x.ledger.Height(ctx)
	if err != nil {
		return err
	}
	if err := x.reset(ctx); err != nil {
		return err
	}
	return x.upTo(ctx, height, say)
}

// upTo indexes the blocks below height.
func (x *Index) upTo(ctx context.Context, height uint64, say func(done, of uint64)) error {
	if x.Height() >= height {
		return nil
	}
	return x.follow(ctx, height, func(done uint64) { say(done, height) })
}
