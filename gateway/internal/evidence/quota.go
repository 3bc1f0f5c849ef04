package evidence

import (
	"context"
	"errors"

	"relieftrail/gateway/internal/boltstore"
)

// Quota bounds what one principal has uploaded and no act has recorded yet.
type Quota struct {
	Files int
	Bytes int64
}

// DefaultQuota is more than an official uploads in a day, and less than a disk.
var DefaultQuota = Quota{Files: 300, Bytes: 4 << 30}

// ErrQuota is returned for an upload beyond its principal's quota.
var ErrQuota = errors.New("the principal has uploaded too many files that no act has recorded")

// makeRoom returns ErrQuota for a principal who has no room for another file. Uploads that the ledger has by now take no room.
func (d *Desk) makeRoom(ctx context.Context, principal string) error {
	full := func() error {
		return d.store.View(func(tx *boltstore.Tx) error { return d.checkQuota(tx, "", &uploaded{By: principal, Bytes: 1}) })
	}
	err := full()
	if !errors.Is(err, ErrQuota) {
		return err
	}
	rows, err := d.uploads(func(u *uploaded) bool { return u.By == principal })
	if err != nil {
		return err
	}
	for hash, u := range rows {
		recorded, err := d.recorded(ctx, u.Case, hash)
		if err != nil && !isNotFound(err) {
			return err
		}
		if !recorded {
			continue
		}
		if err := d.forget(hash); err != nil {
			return err
		}
	}
	return full()
}

// remember keeps an upload's row unless it is beyond its principal's quota.
func (d *Desk) remember(hash string, u uploaded) error {
	return d.store.Update(func(tx *boltstore.Tx) error {
		if err := d.checkQuota(tx, hash, &u); err != nil {
			return err
		}
		return bucketUploads.Put(tx, hash, u)
	})
}

// checkQuota counts a principal's uploads with a new one; the same upload again counts once.
func (d *Desk) checkQuota(tx *boltstore.Tx, hash string, u *uploaded) error {
	sum := Quota{Files: 1, Bytes: u.Bytes}
	for c := bucketUploads.All(tx); c.Next(); {
		row, err := c.Value()
		if err != nil {
			return err
		}
		if row.By == u.By && c.Key() != hash {
			sum.Files++
			sum.Bytes += row.Bytes
		}
	}
	if sum.Files > d.options.Quota.Files || sum.Bytes > d.options.Quota.Bytes {
		return ErrQuota
	}
	return nil
}
