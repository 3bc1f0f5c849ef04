package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/ledger"
)

// Key is what a client names a write by.
type Key struct{ Principal, IdempotencyKey string }

func (k Key) text() string { return k.Principal + "\x00" + k.IdempotencyKey }

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

// DefaultKeep is how long an idempotency key answers its request with what became of it.
const DefaultKeep = 7 * 24 * time.Hour

// Options are the outbox's settings; zero values give the defaults.
type Options struct {
	Deadline   time.Duration // how long an act may take before its caller gets Pending; default 60 s
	StatusWait time.Duration // how long to wait for a commit before asking by id, at most; default 20 s
	ApartWait  time.Duration // how long peers may be blocks apart before an act is answered so; default 8 s
	Keep       time.Duration // how long a key answers its request; default DefaultKeep
	Joiner     Joiner        // of acts that wait for one another; nil: each act has its own transaction
	Log        *slog.Logger
	Now        func() time.Time
}

// Outbox is the durable store of writes. It is safe for concurrent use.
type Outbox struct {
	store  *boltstore.Store
	ledger ledger.Ledger
	opts   Options

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	acts *gather.Gatherer[togetherKey, act, outcome]

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
	bucketKeys = boltstore.JSON[keyEntry]("keys")        // by principal and key
	bucketTxs  = boltstore.JSON[txEntry]("transactions") // by transaction id: those whose end is not known
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
	Signer   string     `json:"signer"`
	Envelope []byte     `json:"envelope"`
	Result   []byte     `json:"result"`
	Acts     []actEntry `json:"acts,omitempty"`  // that it carries out
	Owner    string     `json:"owner,omitempty"` // the job that it belongs to
}

// actEntry is an act of a transaction.
type actEntry struct {
	Key     []byte `json:"key"`
	Request []byte `json:"request"`
	Result  []byte `json:"result,omitempty"` // where it is not the transaction's
}

// Open opens or makes the outbox's file, mode 0600.
func Open(path string, l ledger.Ledger, opts Options) (*Outbox, error) {
	store, err := boltstore.Open(path, bucketKeys, bucketTxs)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	opts.defaults()
	ctx, cancel := context.WithCancel(context.Background())
	o := &Outbox{store: store, ledger: l, opts: opts, ctx: ctx, cancel: cancel, flights: map[string]*flight{}}
	o.acts = o.newActs()
	o.tasks.Go(o.expireRegularly)
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
		o.Keep = DefaultKeep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Close stops what is under way, which is on disk and goes on with the next Recover, and closes the file.
func (o *Outbox) Close() error {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.cancel()
	o.tasks.Wait()
	return o.store.Close()
}

// Resent is how often the same bytes were sent again.
func (o *Outbox) Resent() int64 { return o.resent.Load() }

// Conflicts is how often a call that had lost a race was endorsed again.
func (o *Outbox) Conflicts() int64 { return o.conflicts.Load() }

// Unsettled is the number of transactions whose end is not known.
func (o *Outbox) Unsettled() (n int) {
	_ = o.store.View(func(tx *boltstore.Tx) error {
		n = bucketTxs.Len(tx)
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
