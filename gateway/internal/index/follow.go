package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// While the index lags behind, one SQL transaction takes up to batchRows rows or batchBlocks blocks. At most blocksWaiting
// blocks have been received and wait to be written.
const (
	batchRows     = 200_000
	batchBlocks   = 256
	blocksWaiting = 8
)

// Run follows the blocks until ctx ends or something fails; called again, it continues with the next block. It works at a
// low priority, so that the ledger comes first and the index catches up after a burst. Of several processes with the same
// index one writes; the others wait to replace it.
func (ix *Index) Run(ctx context.Context) error {
	release, err := ix.lead(ctx)
	if err != nil {
		return err
	}
	defer release()
	return ix.follow(ctx, 0, nil)
}

// follow indexes the blocks below until (0: without end). It calls indexed, unless nil, with the height after each SQL
// transaction. It works on a separate thread, so that the caller's priority does not change.
func (ix *Index) follow(ctx context.Context, until uint64, indexed func(height uint64)) error {
	ended := make(chan error, 1)
	go func() {
		sqldb.LowerPriority()
		ended <- ix.index(ctx, until, indexed)
	}()
	return <-ended
}

func (ix *Index) index(ctx context.Context, until uint64, indexed func(height uint64)) error {
	conn, err := ix.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	w, err := newWriter(ctx, conn, ix.log)
	if err != nil {
		return err
	}
	defer w.close()
	ix.publish(w.height, uint64(w.leafCount)) //nolint:gosec // a count
	err = ix.checkOrigin(ctx)
	ix.setFault(err)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks, ended := ix.receive(ctx, w.height, until)
	for b := range blocks {
		if err := ix.write(ctx, w, b, blocks); err != nil {
			return errors.Join(err, sqldb.Rollback(ctx, conn))
		}
		if w.officials {
			w.officials = false
			ix.officials.Add(1)
		}
		ix.publish(w.height, uint64(w.leafCount)) //nolint:gosec // a count
		if indexed != nil {
			indexed(w.height)
		}
	}
	if err := <-ended; until == 0 || w.height < until {
		return err
	}
	return nil
}

// setFault keeps err, if it is ErrForeign, as the reason why nothing may be read.
func (ix *Index) setFault(err error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.fault = nil
	if errors.Is(err, ErrForeign) {
		ix.fault = err
	}
}

var errReachedLimit = errors.New("all wanted blocks have been received")

// receive sends the blocks from a number on, below until, into the first channel. When it has closed that, the second
// channel has the reason.
func (ix *Index) receive(ctx context.Context, from, until uint64) (<-chan ledger.Block, <-chan error) {
	blocks, ended := make(chan ledger.Block, blocksWaiting), make(chan error, 1)
	go func() {
		sqldb.LowerPriority()
		err := ix.ledger.Blocks(ctx, from, func(b ledger.Block) error {
			ix.received.Store(b.Number + 1)
			select {
			case blocks <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
			if until > 0 && b.Number+1 >= until {
				return errReachedLimit
			}
			return nil
		})
		ended <- err
		close(blocks)
	}()
	return blocks, ended
}

// write puts a block, and the blocks that already wait, into one SQL transaction. It stops between two blocks when until
// ends, never within a statement: go-sqlite3 runs a statement whose context can end on another goroutine, and so on a
// thread with another priority.
func (ix *Index) write(until context.Context, w *writer, b ledger.Block, blocks <-chan ledger.Block) error {
	ctx := context.WithoutCancel(until)
	if err := w.begin(ctx, ix.db); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := until.Err(); err != nil {
			return err
		}
		if err := w.block(ctx, &b); err != nil {
			return err
		}
		if w.rows >= batchRows || n >= batchBlocks {
			return ix.commit(ctx, w)
		}
		var more bool
		select {
		case b, more = <-blocks:
		default:
		}
		if !more {
			return ix.commit(ctx, w)
		}
	}
}

// commit ends the writer's transaction. Readers know that there are values that cannot be read before they can see one.
func (ix *Index) commit(ctx context.Context, w *writer) error {
	if w.troubled {
		ix.troubled.Store(true)
	}
	if err := w.commit(ctx); err != nil || !w.passedChanged {
		return err
	}
	return ix.readPassed(ctx)
}

// checkOrigin compares the last indexed block with the peer's. It returns ErrForeign for an index of another ledger, or of
// one that has been rolled back.
func (ix *Index) checkOrigin(ctx context.Context) error {
	height := ix.Height()
	if height == 0 {
		return nil
	}
	var hash []byte
	row := ix.db.QueryRowContext(ctx, "SELECT hash FROM blocks WHERE number = $1", int64(height-1)) //nolint:gosec // blocks stay below 2^43
	if err := row.Scan(&hash); err != nil {
		return fmt.Errorf("%w: it lacks block %d: %w", ErrForeign, height-1, err)
	}
	peerHeight, err := ix.ledger.Height(ctx)
	if err != nil {
		return err
	}
	if peerHeight < height {
		return fmt.Errorf("%w: it has %d blocks, the peer %d", ErrForeign, height, peerHeight)
	}
	b, err := ix.ledger.Block(ctx, height-1)
	if err != nil {
		return err
	}
	if !bytes.Equal(hash, b.Hash) {
		return fmt.Errorf("%w: its block %d is not the peer's", ErrForeign, height-1)
	}
	return nil
}

// advisoryLock is the number of the lock that the process which follows the ledger holds on a PostgreSQL server.
const advisoryLock = 0x72656c69656674 // "relieft"

// followEvery is the pause between two looks at the index by a process that waits to follow the ledger itself.
const followEvery = 250 * time.Millisecond

// lead waits until this process may write. Meanwhile it publishes what the writing process has indexed.
func (ix *Index) lead(ctx context.Context) (release func(), err error) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for logged := false; ; {
		release, ok, err := ix.db.TryLock(ctx, advisoryLock)
		if err != nil || ok {
			return release, err
		}
		if !logged {
			ix.log.Info("another process of this agency follows the ledger; reading what it has indexed")
			logged = true
		}
		before := ix.Height()
		if err := ix.reload(ctx); err != nil {
			return nil, err
		}
		if ix.Height() != before {
			ix.officials.Add(1) // whatever the other process has written
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
