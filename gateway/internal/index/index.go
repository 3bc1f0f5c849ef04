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

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// schemaVersion is kept in the table meta. An index of another version is dropped and built again from the ledger.
const schemaVersion = "24"

//go:embed schema.sql
var schemaText string

//go:embed views.sql
var viewsText string

// tables are all tables of the index. Those that refer to others come first.
var tables = []string{
	"village_totals", "township_totals", "leaves", "line_history", "returns", "residences", "payments", "entry_versions", "entries", "payee_changes", "payees", "spans", "rolls", "chunks",
	"list_rows", "publications", "statements", "indicator_facts", "ledger_days", "month_villages", "months", "unreadable", "claims", "case_totals", "cases", "changes", "tranche_programmes", "tranches", "batch_sources", "batch_days", "transaction_days", "deaths", "batches", "segments", "versions", "writes", "keys", "transactions", "endorsements", "words",
	"identities", "blocks", "meta",
}

// Index is the index of one agency's gateway. It is safe for concurrent use; one Run at a time follows the ledger.
type Index struct {
	db     *sqldb.DB
	ledger ledger.Ledger
	log    *slog.Logger

	names    names         // what the numbers in the tables stand for
	received atomic.Uint64 // how many blocks the peer has sent, those before the first one included
	troubled atomic.Bool   // set before readers can see a value that cannot be read

	mu        sync.RWMutex
	height    uint64
	leaves    uint64
	moved     chan struct{} // closed when height grows
	officials atomic.Int64  // grows when an official's entry has changed
	fault     error         // why the index must not be read; see Fault

	unreadable []Unreadable // replaced, never changed
}

// ErrForeign means that the index was made from another ledger, or that the ledger has been rolled back since.
var ErrForeign = errors.New("the index was not made from this ledger: run gateway index check, then gateway index rebuild")

// Open opens the index in a file or on a server (a dsn that begins with postgres://). It creates missing tables, and
// replaces those of another version of this program by empty ones, which Run fills.
func Open(ctx context.Context, dsn string, l ledger.Ledger, log *slog.Logger) (*Index, error) {
	ix, err := connect(dsn, l, log)
	if err != nil {
		return nil, err
	}
	if err := ix.prepare(ctx); err != nil {
		return nil, ix.openFailed(err)
	}
	return ix, nil
}

// OpenToCheck opens an existing index and changes nothing in it.
func OpenToCheck(ctx context.Context, dsn string, l ledger.Ledger, log *slog.Logger) (*Index, error) {
	ix, err := connect(dsn, l, log)
	if err != nil {
		return nil, err
	}
	version, err := ix.version(ctx)
	if err != nil {
		return nil, ix.openFailed(err)
	}
	if version != schemaVersion {
		return nil, ix.openFailed(fmt.Errorf("the %s database holds no index of this version of the program", ix.db.Name()))
	}
	if err := ix.reload(ctx); err != nil {
		return nil, ix.openFailed(err)
	}
	return ix, nil
}

func connect(dsn string, l ledger.Ledger, log *slog.Logger) (*Index, error) {
	db, err := sqldb.Open(dsn)
	if err != nil {
		return nil, err
	}
	ix := &Index{db: db, ledger: l, log: log, moved: make(chan struct{})}
	ix.names.transactions, err = lru.New[int64, *ledger.Transaction](transactionsKept)
	return ix, err
}

func (ix *Index) openFailed(err error) error {
	return errors.Join(fmt.Errorf("the index's database: %w", err), ix.db.Close())
}

// Close closes the database. Run must have ended.
func (ix *Index) Close() error { return ix.db.Close() }

// prepare makes sure that there are tables of this program's version.
func (ix *Index) prepare(ctx context.Context) error {
	version, err := ix.version(ctx)
	if err != nil {
		return err
	}
	if version == schemaVersion {
		return ix.reload(ctx)
	}
	if version != "" {
		ix.log.Warn("the index was made by another version of this program and will be rebuilt", "version", version)
	}
	return ix.reset(ctx)
}

// version is the version of the tables, "" when there are none.
func (ix *Index) version(ctx context.Context) (string, error) {
	exists, err := ix.db.HasTable(ctx, "meta")
	if err != nil || !exists {
		return "", err
	}
	return ix.meta(ctx, "schema")
}

// reset replaces all tables by empty ones.
func (ix *Index) reset(ctx context.Context) error {
	c, err := ix.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	err = ix.db.Write(ctx, c, func() error {
		if err := errors.Join(sqldb.DropViews(ctx, c, sqldb.ViewNames(viewsText)), sqldb.DropTables(ctx, c, tables)); err != nil {
			return err
		}
		if err := ix.db.RunSchema(ctx, c, schemaText); err != nil {
			return err
		}
		if err := ix.db.RunViews(ctx, c, viewsText); err != nil {
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

// reload reads how many blocks and leaves the index holds, and publishes that.
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
	if err := ix.readPassed(ctx); err != nil {
		return err
	}
	ix.publish(height, leaves)
	return nil
}

// publish sets how many blocks and leaves readers can see, and wakes those that wait for a block.
func (ix *Index) publish(height, leaves uint64) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.height, ix.leaves = height, leaves
	close(ix.moved)
	ix.moved = make(chan struct{})
}

// Height is the number of indexed blocks.
func (ix *Index) Height() uint64 {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.height
}

// Fault is ErrForeign when the index belongs to another ledger, so that nothing may be read from it; otherwise nil.
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

// CatchUp waits until the index has every block that the agency's peer has now.
func (ix *Index) CatchUp(ctx context.Context) error {
	height, err := ix.ledger.Height(ctx)
	if err != nil || height == 0 {
		return err
	}
	return ix.WaitFor(ctx, height-1)
}

// WaitForReceived waits until the blocks that have arrived by now are indexed, but not longer than atMost.
func (ix *Index) WaitForReceived(ctx context.Context, atMost time.Duration) {
	received := ix.received.Load()
	if received <= ix.Height() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	_ = ix.WaitFor(ctx, received-1) // when the time is up, the caller reads what there is
}

// view runs f in one read transaction, so that everything it reads is of the same height.
func (ix *Index) view(ctx context.Context, f func(*reader) error) error {
	tx, err := ix.db.BeginRead(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return f(&reader{ctx: ctx, tx: tx, names: &ix.names, troubled: ix.troubled.Load()})
}
