package sqldb

import (
	"context"
	"database/sql"
	"errors"
)

// BeginRead begins a transaction in which all reads see the same state of the database.
func (db *DB) BeginRead(ctx context.Context) (*sql.Tx, error) {
	options := db.dialect.read
	return db.BeginTx(ctx, &options)
}

// BeginWrite begins a transaction that writes. SQLite takes its write lock now: a transaction that began as a read could
// not become one that writes.
func (db *DB) BeginWrite(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(ctx, db.dialect.beginWrite)
	return err
}

// Commit ends a transaction of BeginWrite and keeps what it has written.
func Commit(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(ctx, "COMMIT")
	return err
}

// Rollback ends a transaction of BeginWrite and undoes what it has written, also when ctx has ended.
func Rollback(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}

// Write runs f in a transaction on a connection: it commits when f succeeds and rolls back otherwise.
func (db *DB) Write(ctx context.Context, c *sql.Conn, f func() error) error {
	if err := db.BeginWrite(ctx, c); err != nil {
		return err
	}
	if err := f(); err != nil {
		return errors.Join(err, Rollback(ctx, c))
	}
	if err := Commit(ctx, c); err != nil {
		return errors.Join(err, Rollback(ctx, c))
	}
	return nil
}
