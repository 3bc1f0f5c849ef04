package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"relieftrail/gateway/internal/ledger"
)

// How much one SQL transaction takes while the index lags, and how many blocks wait to be written.
const (
	batchRows   = 200_000
	batchBlocks = 256
	waiting     = 8
)

// Run follows the blocks until ctx ends or something fails; called again, it goes on where it was. It works at a low
// priority, so that the ledger comes first and the index catches up after a burst.
func (x *Index) Run(ctx context.Context) error {
	return x.follow(ctx, nil)
}

// follow is Run with a word after each SQL transaction; a non-nil word that says false ends it.
func (x *Index) follow(ctx context.Context, word func(height uint64) bool) error {
	lowPriority()
	conn, err := x.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	w, err := newWriter(ctx, conn)
	if err != nil {
		return err
	}
	defer w.close()
	x.publish(w.height, uint64(w.leafCount)) //nolint:gosec // a count
	if err := x.checkOrigin(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks, ended := x.receive(ctx, w.height)
	for b := range blocks {
		if err := x.write(ctx, w, b, blocks); err != nil {
			_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			return errors.Join(err, rollback)
		}
		x.publish(w.height, uint64(w.leafCount)) //nolint:gosec // a count
		if word != nil && !word(w.height) {
			return nil
		}
	}
	return <-ended
}

// receive hands over the blocks from a number on, and at the end why it ended.
func (x *Index) receive(ctx context.Context, from uint64) (<-chan ledger.Block, <-chan error) {
	blocks, ended := make(chan ledger.Block, waiting), make(chan error, 1)
	go func() {
		lowPriority()
		err := x.ledger.Blocks(ctx, from, func(b ledger.Block) error {
			select {
			case blocks <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		ended <- err
		close(blocks)
	}()
	return blocks, ended
}

// write puts a block, and those that wait already, into one SQL transaction.
func (x *Index) write(ctx context.Context, w *writer, b ledger.Block, blocks <-chan ledger.Block) error {
	if err := w.begin(ctx, &x.dialect); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := w.block(ctx, &b); err != nil {
			return err
		}
		if w.rows >= batchRows || n >= batchBlocks {
			return w.commit(ctx)
		}
		var more bool
		select {
		case b, more = <-blocks:
		default:
		}
		if !more {
			return w.commit(ctx)
		}
	}
}

// checkOrigin compares the last block that was indexed with the peer's: an index of another ledger, or of one that was
// rolled back, goes no further.
func (x *Index) checkOrigin(ctx context.Context) error {
	height := x.Height()
	if height == 0 {
		return nil
	}
	var hash []byte
	if err := x.db.QueryRowContext(ctx, "SELECT hash FROM blocks WHERE number = $1", int64(height-1)).Scan(&hash); err != nil { //nolint:gosec // blocks stay below 2^43
		return fmt.Errorf("%w: block %d is not in it: %w", ErrForeign, height-1, err)
	}
	now, err := x.ledger.Height(ctx)
	if err != nil {
		return err
	}
	if now < height {
		return fmt.Errorf("%w: it has %d blocks, the peer %d", ErrForeign, height, now)
	}
	b, err := x.ledger.Block(ctx, height-1)
	if err != nil {
		return err
	}
	if !bytes.Equal(hash, b.Hash) {
		return fmt.Errorf("%w: block %d is another one", ErrForeign, height-1)
	}
	return nil
}
