// Package index answers what happened: every version of every record with its transaction, author, endorsers, time and
// validity, taken from the blocks of the agency's own peer and kept in SQL. It can be dropped and made anew from the
// ledger, and comes out the same. docs/search-index.md tells how it is laid out.
package index

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// schemaVersion is what meta says of the tables' form. An index of another form is made anew from the ledger.
const schemaVersion = "9"

//go:embed schema.sql
var schemaText string

// tables are all of the index's, those that refer to others first.
var tables = []string{
	"leaves", "line_history", "returns", "payments", "entry_versions", "entries", "spans", "rolls", "chunks", "cases",
	"batches", "segments", "versions", "writes", "keys", "transactions", "endorsements", "words", "identities", "blocks", "meta",
}

// Index is the index of one agency's gateway. It is safe for concurrent use; one Run at a time follows the ledger.
type Index struct {
	db     *sqldb.DB
	ledger ledger.Ledger
	log    *slog.Logger

	names    names         // what numbers stand for
	received atomic.Uint64 // blocks that the peer has given away

	mu     sync.RWMutex
	height uint64
	leaves uint64
	moved  chan struct{} // closed when height grows
	fault  error         // why nothing may be read
}

// ErrForeign says that the database was not made from this ledger, or from one that has since been rolled back.
var ErrForeign = errors.New("the index was not made from this ledger: run gateway index check, then gateway index rebuild")

// Open opens the database at a place, a file or a postgres:// address, and makes its tables if there are none. An index
// of another form is dropped: Run makes it anew.
func Open(ctx context.Context, txPos string, l ledger.Ledger, log *slog.Logger) (*Index, error) {
	return open(ctx, txPos, l, log, (*Index).prepare)
}

// OpenToCheck opens a database that is there, and changes nothing in it.
func OpenToCheck(ctx context.Context, txPos string, l ledger.Ledger, log *slog.Logger) (*Index, error) {
	return open(ctx, txPos, l, log, func(ix *Index, ctx context.Context) error {
		version, err := ix.form(ctx)
		if err != nil {
			return err
		}
		if version != schemaVersion {
			return fmt.Errorf("there is no index of this program's form in the %s database", ix.db.Name())
		}
		return ix.reload(ctx)
	})
}

func open(ctx context.Context, txPos string, l ledger.Ledger, log *slog.Logger, prepare func(*Index, context.Context) error) (*Index, error) {
	db, err := sqldb.Open(txPos)
	if err != nil {
		return nil, err
	}
	ix := &Index{db: db, ledger: l, log: log, moved: make(chan struct{})}
	if err := prepare(ix, ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the index's database: %w", err), db.Close())
	}
	return ix, nil
}

// Close closes the database; Run has ended before.
func (ix *Index) Close() error { return ix.db.Close() }

// prepare makes the tables unless they are there in the form that this program knows.
func (ix *Index) prepare(ctx context.Context) error {
	switch version, err := ix.form(ctx); {
	case err != nil:
		return err
	case version == schemaVersion:
		return ix.reload(ctx)
	case version != "":
		ix.log.Warn("the index has the form of another version of this program and is made anew", "form", version)
	}
	return ix.reset(ctx)
}

// form is the form of the tables, "" when there are none.
func (ix *Index) form(ctx context.Context) (string, error) {
	there, err := ix.db.HasTable(ctx, "meta")
	if err != nil || !there {
		return "", err
	}
	return ix.meta(ctx, "schema")
}

// reset drops the tables and makes them empty.
func (ix *Index) reset(ctx context.Context) error {
	c, err := ix.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	err = ix.db.Write(ctx, c, func() error {
		if err := sqldb.DropTables(ctx, c, tables); err != nil {
			return err
		}
		if err := ix.db.RunSchema(ctx, c, schemaText); err != nil {
			return err
		}
		for name, value := range map[string]string{"schema": schemaVersion, "height": "0"} {
			if _, err := c.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)", name, value); err != nil {
				return err
			}
		}
		_, err := c.ExecContext(ctx, "INSERT INTO words (n, word) VALUES ($1, $2)", validWord, validCode)
		return err
	})
	if err != nil {
		return err
	}
	ix.names.clear()
	return ix.reload(ctx)
}

func (ix *Index) meta(ctx context.Context, name string) (string, error) {
	var value string
	err := ix.db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = $1", name).Scan(&value)
	return value, err
}

// reload reads how far the index is.
func (ix *Index) reload(ctx context.Context) error {
	text, err := ix.meta(ctx, "height")
	if err != nil {
		return err
	}
	height, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return fmt.Errorf("height: %w", err)
	}
	var leaves uint64
	if err := ix.db.QueryRowContext(ctx, "SELECT "+leafCount).Scan(&leaves); err != nil {
		return err
	}
	ix.publish(height, leaves)
	return nil
}

// publish tells how far the index is and wakes whoever waits.
func (ix *Index) publish(height, leaves uint64) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.height, ix.leaves = height, leaves
	close(ix.moved)
	ix.moved = make(chan struct{})
}

// Height is the number of blocks indexed.
func (ix *Index) Height() uint64 {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.height
}

// Fault is ErrForeign when what is indexed is not this ledger's: then nothing of it may be told.
func (ix *Index) Fault() error {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.fault
}

// WaitFor returns when the block has been indexed, or with ctx's error.
func (ix *Index) WaitFor(ctx context.Context, block uint64) error {
	for {
		ix.mu.RLock()
		done, moved := ix.height > block, ix.moved
		ix.mu.RUnlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// WaitForReceived waits, for a time at most, until the blocks that have arrived when it is called are indexed.
func (ix *Index) WaitForReceived(ctx context.Context, most time.Duration) {
	received := ix.received.Load()
	if received <= ix.Height() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	_ = ix.WaitFor(ctx, received-1) // behind is as good as it gets
}

// view reads in one transaction: everything that f reads is of the same height.
func (ix *Index) view(ctx context.Context, f func(*reader) error) error {
	tx, err := ix.db.BeginRead(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // reads only
	return f(&reader{ctx: ctx, tx: tx, names: &ix.names})
}
