package erasures

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/index"
)

// Index is what is asked of the index of the ledger.
type Index interface {
	Erasures(ctx context.Context, after int64, limit int) (found []index.Erasure, through int64, err error)
	Height() uint64
	WaitFor(ctx context.Context, block uint64) error
}

// Place is where something of people is kept beside the ledger.
type Place interface {
	// Erase erases what is kept of people. It may be called again for the same transaction.
	Erase(ctx context.Context, e *index.Erasure) error
	// Sweep deletes what is kept for a time that is over.
	Sweep(ctx context.Context) error
}

// Options say what a follower needs.
type Options struct {
	Index  Index
	Path   string // of the follower's own file
	Places []Place
	Pause  time.Duration // between two looks at the ledger; a second when 0
}

// Follower tells places what the ledger has erased.
type Follower struct {
	options Options
	store   *boltstore.Store
}

// atOnce bounds the transactions that are read at a time; sweepEvery is the pause between two sweeps.
const (
	atOnce     = 50
	sweepEvery = time.Hour
)

var bucketMeta = boltstore.Bytes("meta")

const keyThrough = "through" // the ledger position up to which the places have erased, eight bytes

// Open opens a follower, or makes one.
func Open(o Options) (*Follower, error) {
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	store, err := boltstore.Open(o.Path, bucketMeta)
	if err != nil {
		return nil, fmt.Errorf("erasures: %w", err)
	}
	return &Follower{o, store}, nil
}

// Close closes the follower's file; Run has ended before.
func (f *Follower) Close() error { return f.store.Close() }

// Run follows until ctx ends or something fails; called again, it goes on where it was.
func (f *Follower) Run(ctx context.Context) error {
	var swept time.Time
	for {
		height := f.options.Index.Height()
		if err := f.catchUp(ctx); err != nil {
			return err
		}
		if time.Since(swept) >= sweepEvery {
			for _, p := range f.options.Places {
				if err := p.Sweep(ctx); err != nil {
					return err
				}
			}
			swept = time.Now()
		}
		if err := f.wait(ctx, height); err != nil {
			return err
		}
	}
}

// wait waits for a block, and not less than the pause: many come at a time. It returns for the next sweep, too.
func (f *Follower) wait(ctx context.Context, height uint64) error {
	pause := time.NewTimer(f.options.Pause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	block, cancel := context.WithTimeout(ctx, sweepEvery)
	defer cancel()
	_ = f.options.Index.WaitFor(block, height) // no block is no reason not to sweep
	return ctx.Err()
}

// catchUp has the places erase what the ledger has erased so far.
func (f *Follower) catchUp(ctx context.Context) error {
	after, err := f.through()
	if err != nil {
		return err
	}
	for {
		found, through, err := f.options.Index.Erasures(ctx, after, atOnce)
		if err != nil {
			return err
		}
		for i := range found {
			for _, p := range f.options.Places {
				if err := p.Erase(ctx, &found[i]); err != nil {
					return err
				}
			}
		}
		if through == after {
			return nil
		}
		if len(found) > 0 {
			if err := f.keepThrough(through); err != nil {
				return err
			}
		}
		after = through
	}
}

func (f *Follower) through() (position int64, err error) {
	err = f.store.View(func(tx *boltstore.Tx) error {
		b, _, err := bucketMeta.Get(tx, keyThrough)
		if len(b) == 8 {
			position = int64(binary.BigEndian.Uint64(b)) //nolint:gosec // was an int64
		}
		return err
	})
	return position, err
}

func (f *Follower) keepThrough(position int64) error {
	return f.store.Update(func(tx *boltstore.Tx) error {
		return bucketMeta.Put(tx, keyThrough, binary.BigEndian.AppendUint64(nil, uint64(position))) //nolint:gosec // never negative
	})
}
