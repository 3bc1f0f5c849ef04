package index

import (
	"context"
	"errors"
	"time"
)

// advisoryLock is the number of the lock that whoever follows the ledger holds on a PostgreSQL server.
const advisoryLock = 0x72656c69656674 // "relieft"

// followers of another process's index look this often how far it is.
const followEvery = 250 * time.Millisecond

// lock makes this process the one that writes; ok is false when another one is.
func (x *Index) lock(ctx context.Context) (release func(), ok bool, err error) {
	if x.dialect.name != postgres.name {
		return lockFile(x.place + ".lock")
	}
	c, err := x.db.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := c.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(advisoryLock)).Scan(&ok); err != nil || !ok {
		return nil, false, errors.Join(err, c.Close())
	}
	return func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(advisoryLock)) // ends with the connection anyway
		_ = c.Close()
	}, true, nil
}

// lead waits until this process may write, and meanwhile tells how far the one that does has come.
func (x *Index) lead(ctx context.Context) (release func(), err error) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for told := false; ; {
		release, ok, err := x.lock(ctx)
		if err != nil || ok {
			return release, err
		}
		if !told {
			x.log.Info("another process of this agency follows the ledger; reading what it has indexed")
			told = true
		}
		if err := x.reload(ctx); err != nil {
			return nil, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
