package boltstore

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// lockPatience is how long Open waits for another process to release the file, such as a gateway that is being
// replaced.
const lockPatience = 5 * time.Second

// batchDelay is how long Batch waits for other writes to share its sync to disk. A lone write hardly notices it.
const batchDelay = time.Millisecond

// Store is an open file. It is safe for concurrent use.
type Store struct {
	db    *bbolt.DB
	reads atomic.Int64
}

// Tx is one transaction of a store. It is valid only inside the function that View, Update or Batch calls.
type Tx struct {
	tx    *bbolt.Tx
	store *Store
}

// Creator is a bucket with values of any type.
type Creator interface {
	// Create makes the bucket unless the file has it, and reports whether it did.
	Create(tx *Tx) (created bool, err error)
}

// Open opens or makes a file, mode 0600, with the buckets given. It fails when another process keeps the file open.
func Open(path string, buckets ...Creator) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockPatience})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s: %w: another process, perhaps a second gateway, has the file open", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	db.MaxBatchDelay = batchDelay
	s := &Store{db: db}
	err = s.Update(func(tx *Tx) error {
		for _, b := range buckets {
			if _, err := b.Create(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), db.Close())
	}
	return s, nil
}

// View reads one state of the store. It should be short: while it lasts, the file cannot reuse space.
func (s *Store) View(read func(*Tx) error) error {
	return s.db.View(func(tx *bbolt.Tx) error { return read(&Tx{tx, s}) })
}

// Update makes all changes of a function, or none when it returns an error. One Update runs at a time.
func (s *Store) Update(change func(*Tx) error) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return change(&Tx{tx, s}) })
}

// Batch is Update for many callers at once: their changes share one sync to disk. The function may be called several
// times, so each call must set all of its results again.
func (s *Store) Batch(change func(*Tx) error) error {
	return s.db.Batch(func(tx *bbolt.Tx) error { return change(&Tx{tx, s}) })
}

// Reads counts the values that have been read since the store was opened.
func (s *Store) Reads() int64 { return s.reads.Load() }

// Close waits for the transactions under way and closes the file. Closing again does nothing.
func (s *Store) Close() error { return s.db.Close() }
