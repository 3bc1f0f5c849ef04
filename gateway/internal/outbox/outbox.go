// Package outbox carries out writes durably and once: the signed transaction is on disk before it is submitted, and
// doubt is settled by transaction id, then by sending the same bytes again.
//
// What is on disk holds no personal data: a signed envelope carries no transient data, and answers are the
// contracts' own.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"relieftrail/gateway/internal/ledger"
)

// Key is what a client names a write by.
type Key struct{ Principal, IdempotencyKey string }

func (k Key) bytes() []byte { return []byte(k.Principal + "\x00" + k.IdempotencyKey) }

// Answer is what became of a write.
type Answer struct {
	TxID     string
	Block    uint64
	Result   []byte // what the contract answered
	Replayed bool   // an earlier call with the same key had done it
}

// ErrKeyReused is returned when a key comes again with another request.
var ErrKeyReused = errors.New("the idempotency key was used for another request")

// Pending says that the outcome is not known in time; the outbox goes on with it.
type Pending struct{ TxID string }

func (e *Pending) Error() string {
	return fmt.Sprintf("the outcome of transaction %s is not known yet; it is being followed", e.TxID)
}

// Options are the outbox's settings; zero values give the defaults.
type Options struct {
	Deadline   time.Duration // how long an act may take before its caller is told Pending; default 60 s
	StatusWait time.Duration // how long to wait for a commit before asking by id, at most; default 20 s
	ApartWait  time.Duration // how long peers may be blocks apart before an act is answered so; default 8 s
	Keep       time.Duration // how long a key answers its request; default 7 days
	Log        *slog.Logger
	Now        func() time.Time
}

// Outbox is the durable store of writes. It is safe for concurrent use.
type Outbox struct {
	db     *bbolt.DB
	ledger ledger.Ledger
	opts   Options

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	flights map[string]*flight // by key: what is under way in this process

	resent, conflicts atomic.Int64
	seen              sync.Map // by signer: the *atomic.Uint64 of the last block that holds one of its transactions
}

// flight is one act under way; others with the same key wait for it.
type flight struct {
	request [32]byte
	done    chan struct{}
	answer  Answer
	err     error
}

var (
	bucketKeys = []byte("keys")         // principal, key → keyEntry
	bucketTxs  = []byte("transactions") // transaction id → txEntry: those whose end is not known
	bucketJobs = []byte("jobs")         // job id → the job's document
)

type keyEntry struct {
	Request []byte    `json:"request"`
	At      time.Time `json:"at"`
	TxID    string    `json:"tx,omitempty"`
	Done    bool      `json:"done,omitempty"`
	Block   uint64    `json:"block,omitempty"`
	Result  []byte    `json:"result,omitempty"`
	JobID   string    `json:"job,omitempty"` // set for a file's key
}

type txEntry struct {
	Signer   string `json:"signer"`
	Envelope []byte `json:"envelope"`
	Result   []byte `json:"result"`
	Key      []byte `json:"key,omitempty"`   // of the act that it carries out
	Owner    string `json:"owner,omitempty"` // the job that it belongs to
}

// Open opens or makes the outbox's file, mode 0600.
func Open(path string, l ledger.Ledger, opts Options) (*Outbox, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("outbox %s: %w (does another gateway use it?)", path, err)
	}
	db.MaxBatchDelay = time.Millisecond // writes that meet share one sync to disk; a lone one hardly waits
	opts.defaults()
	ctx, cancel := context.WithCancel(context.Background())
	o := &Outbox{db: db, ledger: l, opts: opts, ctx: ctx, cancel: cancel, flights: map[string]*flight{}}
	if err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketKeys, bucketTxs, bucketJobs} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return o.expire(tx)
	}); err != nil {
		cancel()
		return nil, errors.Join(err, db.Close())
	}
	return o, nil
}

func (o *Options) defaults() {
	if o.Deadline == 0 {
		o.Deadline = time.Minute
	}
	if o.StatusWait == 0 {
		o.StatusWait = 20 * time.Second
	}
	if o.ApartWait == 0 {
		o.ApartWait = 8 * time.Second
	}
	if o.Keep == 0 {
		o.Keep = 7 * 24 * time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// expire forgets keys whose time is over; one whose end is not known stays.
func (o *Outbox) expire(tx *bbolt.Tx) error {
	limit := o.opts.Now().Add(-o.opts.Keep)
	c := tx.Bucket(bucketKeys).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		var e keyEntry
		if err := json.Unmarshal(v, &e); err != nil || (e.Done || e.JobID != "") && e.At.Before(limit) {
			if err := c.Delete(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close stops what is under way, which is on disk and goes on with the next Recover, and closes the file.
func (o *Outbox) Close() error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.cancel()
	o.tasks.Wait()
	return o.db.Close()
}

// Resent is how often the same bytes were sent again, Conflicts how often a lost race was tried anew.
func (o *Outbox) Resent() int64 { return o.resent.Load() }

// Conflicts is how often a lost race was endorsed anew.
func (o *Outbox) Conflicts() int64 { return o.conflicts.Load() }

// Unsettled is the number of transactions whose end is not known.
func (o *Outbox) Unsettled() (n int) {
	_ = o.db.View(func(tx *bbolt.Tx) error {
		n = tx.Bucket(bucketTxs).Stats().KeyN
		return nil
	})
	return n
}

// Seen is the last block in which this process saw a transaction of a signer, 0 for none.
func (o *Outbox) Seen(signer string) uint64 {
	if v, ok := o.seen.Load(signer); ok {
		return v.(*atomic.Uint64).Load()
	}
	return 0
}

func (o *Outbox) saw(signer string, block uint64) {
	v, _ := o.seen.LoadOrStore(signer, new(atomic.Uint64))
	for last := v.(*atomic.Uint64); ; {
		was := last.Load()
		if was >= block || last.CompareAndSwap(was, block) {
			return
		}
	}
}
