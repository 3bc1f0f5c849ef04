package yearexport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"relieftrail/gateway/internal/boltstore"
)

// The errors that callers see.
var (
	ErrNone    = errors.New("there is no such export")
	ErrMany    = errors.New("the official has as many exports as one may have")
	ErrFull    = errors.New("there are as many exports as the gateway keeps")
	ErrNotDone = errors.New("the archive is not ready")
)

// These bound the exports that wait, are worked on or are kept: each has files on the disk. One is worked on at a time.
const (
	MaxOfOne = 3 // of one official
	MaxOfAll = 24
)

// Fetched is what is known of a list once its file is whole.
type Fetched struct {
	Rows      int
	Block     uint64 // the last one that the index had when the list was begun
	LastBlock uint64 // and when it was finished
}

// Refused is why a list cannot be had.
type Refused struct {
	Reason  string // in both languages
	Passing bool   // the trouble is expected to pass
}

// Error is for the log.
func (e *Refused) Error() string { return "the list is refused: " + e.Reason }

// Fetch asks for a list as a file in an official's name, with all that is held against what an official asks for.
type Fetch func(ctx context.Context, principal, target string, out io.Writer) (Fetched, error)

// Options are what a runner works with; zero numbers give the defaults.
type Options struct {
	Dir      string        // made when it is not there; owner-only
	Keep     time.Duration // how long an ended export is kept; default a day
	MaxBytes int64         // of the files of an archive, before they are compressed; default 16 GiB
	Pause    time.Duration // before a list is asked for again; default 15 s
	Log      *slog.Logger
	Now      func() time.Time
}

// Runner makes archives, one after another. It is safe for concurrent use.
type Runner struct {
	options Options
	store   *boltstore.Store
	wake    chan struct{}

	mu       sync.Mutex
	carrying string // the export that is worked on
	stop     context.CancelFunc
}

// Open opens the exports that an earlier process left behind, or makes a place for them.
func Open(o Options) (*Runner, error) {
	if o.Keep == 0 {
		o.Keep = 24 * time.Hour
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Pause == 0 {
		o.Pause = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of exports: %w", err)
	}
	store, err := boltstore.Open(filepath.Join(o.Dir, "exports.db"), bucketExports)
	if err != nil {
		return nil, fmt.Errorf("the exports: %w", err)
	}
	return &Runner{options: o, store: store, wake: make(chan struct{}, 1)}, nil
}

// Close closes the exports, after Run has returned.
func (r *Runner) Close() error { return r.store.Close() }

// Start asks for an archive. The id is the caller's; the same one again is the export that is there.
func (r *Runner) Start(id, principal string, q Request) (Export, error) {
	e := Export{
		ID: id, Principal: principal, Request: q, State: Queued, Lists: len(contents(&q)), Files: []File{}, AskedAt: r.options.Now().UTC(),
	}
	if filepath.Base(id) != id || id == "." || id == ".." || len(id) > 64 {
		return e, errors.New("an export's id has at most 64 characters that a folder's name may have")
	}
	err := r.store.Update(func(tx *boltstore.Tx) error {
		own, all := 0, 0
		for c := bucketExports.All(tx); c.Next(); all++ {
			other, err := c.Value()
			if err != nil {
				return err
			}
			if other.ID == id {
				e = other
				return nil
			}
			if other.Principal == principal {
				own++
			}
		}
		switch {
		case own >= MaxOfOne:
			return ErrMany
		case all >= MaxOfAll:
			return ErrFull
		}
		return bucketExports.Put(tx, id, e)
	})
	if err != nil {
		return Export{}, err
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return e, nil
}

// Get is an export of an official; ErrNone for those of others, too.
func (r *Runner) Get(id, principal string) (Export, error) {
	e, err := r.get(id)
	if err == nil && e.Principal != principal {
		return Export{}, ErrNone
	}
	return e, err
}

// List lists an official's exports, the first asked for first.
func (r *Runner) List(principal string) ([]Export, error) {
	all, err := r.all()
	own := []Export{}
	for i := range all {
		if all[i].Principal == principal {
			own = append(own, all[i])
		}
	}
	return own, err
}

// Archive opens an official's archive.
func (r *Runner) Archive(id, principal string) (Export, *os.File, error) {
	e, err := r.Get(id, principal)
	if err != nil {
		return e, nil, err
	}
	if e.State != Ready {
		return e, nil, ErrNotDone
	}
	file, err := os.Open(r.archive(id))
	if errors.Is(err, os.ErrNotExist) {
		err = ErrNone // deleted at this moment
	}
	return e, file, err
}

// Delete deletes an official's export with its files, whatever its state.
func (r *Runner) Delete(id, principal string) error {
	if _, err := r.Get(id, principal); err != nil {
		return err
	}
	return r.remove(id)
}

// remove forgets an export. The files of the one that is worked on go when its work has stopped.
func (r *Runner) remove(id string) error {
	if err := r.store.Update(func(tx *boltstore.Tx) error { return bucketExports.Delete(tx, id) }); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.carrying == id {
		r.stop()
		return nil
	}
	return os.RemoveAll(r.folder(id))
}

// folder has the files of an export while they are made, and then the archive.
func (r *Runner) folder(id string) string  { return filepath.Join(r.options.Dir, id) }
func (r *Runner) archive(id string) string { return filepath.Join(r.folder(id), "archive.zip") }

// sweepEvery is how often what is too old is deleted.
const sweepEvery = time.Minute

// Run makes the archives that are asked for until ctx ends. What it leaves undone, the next one goes on with.
func (r *Runner) Run(ctx context.Context, fetch Fetch) error {
	timer := time.NewTicker(sweepEvery)
	defer timer.Stop()
	for ctx.Err() == nil {
		next, err := r.sweep()
		if err != nil {
			r.options.Log.Error("the exports cannot be read", "error", err)
		}
		if next != nil {
			r.carry(ctx, fetch, next)
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-timer.C:
		}
	}
	return nil
}

// sweep deletes exports whose time is over, and files of none, and gives the next one to work on.
func (r *Runner) sweep() (next *Export, err error) {
	all, err := r.all()
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range all {
		e := &all[i]
		if e.Done() && !r.options.Now().Before(e.KeptUntil) {
			if err := r.remove(e.ID); err != nil {
				return nil, err
			}
			continue
		}
		known[e.ID] = true
		if next == nil && !e.Done() {
			next = e
		}
	}
	folders, err := os.ReadDir(r.options.Dir)
	for _, f := range folders {
		if f.IsDir() && !known[f.Name()] {
			err = errors.Join(err, os.RemoveAll(r.folder(f.Name())))
		}
	}
	return next, err
}
