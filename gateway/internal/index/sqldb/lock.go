package sqldb

import (
	"context"
	"errors"

	"github.com/gofrs/flock"
)

// TryLock makes this process the one that writes, until release; ok is false when another process is. The operating
// system or the server gives the lock up when the process ends. SQLite locks the file DSN.lock, PostgreSQL its advisory
// lock of the given number.
func (db *DB) TryLock(ctx context.Context, number int64) (release func(), ok bool, err error) {
	if db.dialect == &postgres {
		return db.tryAdvisoryLock(ctx, number)
	}
	return tryLockFile(db.dsn + ".lock")
}

func tryLockFile(path string) (release func(), ok bool, err error) {
	lock := flock.New(path)
	release = func() { _ = lock.Close() }
	ok, err = lock.TryLock()
	if errors.Is(err, errors.ErrUnsupported) {
		return release, true, nil // on a system without file locks the operator takes care
	}
	if err != nil || !ok {
		return nil, false, err
	}
	return release, true, nil
}

// tryAdvisoryLock keeps a connection of the pool while it holds the lock: an advisory lock belongs to its session.
func (db *DB) tryAdvisoryLock(ctx context.Context, number int64) (release func(), ok bool, err error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	err = c.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", number).Scan(&ok)
	if err != nil || !ok {
		return nil, false, errors.Join(err, c.Close())
	}
	return func() {
		// A failure does no harm: the lock ends with the connection.
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", number)
		_ = c.Close()
	}, true, nil
}
