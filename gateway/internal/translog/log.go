package translog

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"
)

// Leaf is one entry: the hash of its leaf, and the block that it is from.
type Leaf struct {
	Hash  tlog.Hash
	Block uint64
}

// Source is the agency's own index.
type Source interface {
	// Leaves lists up to limit leaves from a number on, in ledger order. The source has all leaves of a block or none.
	Leaves(ctx context.Context, from int64, limit int) ([]Leaf, error)
	// Height is the number of blocks indexed.
	Height() uint64
	// WaitFor returns when the block has been indexed, or with ctx's error.
	WaitFor(ctx context.Context, block uint64) error
}

// Agency is an agency whose cosignature every checkpoint needs.
type Agency struct {
	MSPID, Name, NameEn string
	Keys, LogKeys       []Key // on the ledger, to cosign and to sign as the log; the current key is the last
}

// Key is an agency's public key.
type Key struct {
	Public ed25519.PublicKey
	// Until is the last size of the log that a retired key signs, 0 for a key in use.
	Until int64
}

// signs reports whether the key's signatures count for the log at a size.
func (k *Key) signs(size int64) bool { return k.Until == 0 || size <= k.Until }

// Peer is another agency's gateway.
type Peer struct{ MSPID, URL string }

// Options say how a log is opened.
type Options struct {
	Dir          string // the folder of its files
	Path         string // of its pages at each gateway, such as /log
	Origin       string // the log's name: the first line of each checkpoint
	Organisation string // the agency's MSP id
	LogKey       ed25519.PrivateKey
	CosigningKey ed25519.PrivateKey
	Source       Source
	// Agencies reads the agencies and their keys from the ledger.
	Agencies func(ctx context.Context) ([]Agency, error)
	// LedgerHeight is the number of blocks of the agency's own peer.
	LedgerHeight func(ctx context.Context) (uint64, error)
	Peers        []Peer
	Client       *http.Client
	// Witnesses are asked to cosign what is published, each agency's gateway its own. WitnessClient asks them.
	Witnesses     []Witness
	WitnessClient *http.Client
	Poll          time.Duration // the pause between two requests to another gateway while a cosignature is missing
	Audit         time.Duration // the pause between two comparisons of the whole log with the index
	Log           *slog.Logger
	Now           func() time.Time
}

// Log is one gateway's transparency log. It is safe for concurrent use; one Run at a time.
type Log struct {
	Options
	log            *slog.Logger
	now            func() time.Time
	tree           *tree
	memory         *memory
	newlySigned    *signal // notified when this agency has signed
	newlyPublished *signal // notified when a checkpoint is published
	unremembered   atomic.Pointer[Head]

	publishing sync.Mutex // locked before mu, and held while a checkpoint is written to disk

	mu        sync.RWMutex
	agencies  []Agency
	trusted   *Trust
	blockEnds []blockEnd // the ends of blocks that are not signed yet
	block     uint64     // of the last leaf
	signed    []Signed   // smallest first
	cosigned  map[int64]map[string]string
	published Checkpoint
	witnessed Checkpoint // the newest that all witnesses have cosigned
	witnesses map[string]WitnessState
	peers     map[string]PeerState
	alerts    map[string]Alert
}

// blockEnd is the size of the log at the end of a block.
type blockEnd struct {
	size  int64
	block uint64
}

// Checkpoint is a signed state of the log, with its note as it is served.
type Checkpoint struct {
	Head
	Note []byte
}

// PeerState is the last that is known of another agency's gateway.
type PeerState struct {
	Size    int64     // of the newest state that it has signed
	At      time.Time // of its last answer
	Problem string    // why the last request failed; "" if it did not
}

// Open opens the log's files. Nothing is signed before Run.
func Open(o Options) (*Log, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{
		Options: o, log: o.Log, now: o.Now, newlySigned: newSignal(), newlyPublished: newSignal(), witnesses: map[string]WitnessState{},
		cosigned: map[int64]map[string]string{}, peers: map[string]PeerState{}, alerts: map[string]Alert{},
	}
	if l.now == nil {
		l.now = time.Now
	}
	var err error
	if l.memory, err = openMemory(filepath.Join(o.Dir, "signed.db")); err != nil {
		return nil, err
	}
	if err := l.loadMemory(); err != nil {
		return nil, errors.Join(err, l.memory.close())
	}
	if l.tree, err = openTree(filepath.Join(o.Dir, "leaves.sha256"), l.reread); err != nil {
		return nil, errors.Join(err, l.memory.close())
	}
	if err := l.checkLeaves(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// loadMemory reads earlier signatures, the published checkpoint and the alerts.
func (l *Log) loadMemory() error {
	alerts, err := l.memory.alerts()
	if err != nil {
		return err
	}
	for i := range alerts {
		l.alerts[alerts[i].ID] = alerts[i]
	}
	if l.signed, err = l.memory.signed(); err != nil {
		return err
	}
	text, err := l.memory.published()
	if err != nil || len(text) == 0 {
		return err
	}
	if l.published.Head, err = headOf(text, l.Origin); err != nil {
		return fmt.Errorf("the published checkpoint: %w", err)
	}
	l.published.Note = text
	if l.allWitnessed(text) {
		l.witnessed = l.published
	}
	return nil
}

// checkLeaves compares the leaves on disk with the state signed last. Leaves that do not give the signed root are dropped, to
// be read from the index again.
func (l *Log) checkLeaves() error {
	last, ok := l.last()
	if !ok {
		return nil
	}
	root, err := l.tree.root(min(last.Size, l.tree.length()))
	if err == nil && (l.tree.length() < last.Size || root == last.Root) {
		return nil
	}
	l.log.Warn("the log's leaves on disk do not give the signed root and will be read from the index again",
		"count", l.tree.length(), "ours", last.String())
	return l.tree.clear()
}

// Close closes the log's files. Run must have ended.
func (l *Log) Close() error { return errors.Join(l.tree.close(), l.memory.close()) }

// Run follows the index, signs, and fetches the other agencies' cosignatures until ctx ends or something fails.
func (l *Log) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return l.follow(ctx) })
	group.Go(func() error { return l.auditEvery(ctx) })
	for _, p := range l.Peers {
		group.Go(func() error { return l.watch(ctx, p) })
	}
	for _, w := range l.Witnesses {
		group.Go(func() error { return l.feed(ctx, w) })
	}
	return group.Wait()
}

// last is the newest state that this agency has signed.
func (l *Log) last() (Signed, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.signed) == 0 {
		return Signed{}, false
	}
	return l.signed[len(l.signed)-1], true
}

// Published is the newest checkpoint that all agencies have cosigned. ok is false before the first one.
func (l *Log) Published() (c Checkpoint, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.published, l.published.Note != nil
}

// Newest is the newest checkpoint of this agency alone. ok is false before the first one.
func (l *Log) Newest() (c Checkpoint, ok bool) {
	s, ok := l.last()
	if !ok {
		return c, false
	}
	return Checkpoint{s.Head, assemble(s.body(l.Origin), s.Log, s.Cosigned)}, true
}

// SignedFrom lists this agency's checkpoints from a size on, smallest first.
func (l *Log) SignedFrom(size int64) []Checkpoint {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []Checkpoint
	for i := range l.signed {
		if s := &l.signed[i]; s.Size >= size {
			list = append(list, Checkpoint{s.Head, assemble(s.body(l.Origin), s.Log, s.Cosigned)})
		}
	}
	return list
}

// Cosigners are the agencies on the ledger.
func (l *Log) Cosigners() []Agency {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.agencies)
}

// Tile is a tile's content: at most 256 hashes of a row (C2SP tlog-tiles). Width 0 means a full tile. ok is false if the log
// has no such tile.
func (l *Log) Tile(row int, n int64, width int) (tile []byte, ok bool) {
	if width == 0 {
		width = tileWidth
	}
	levels, err := l.tree.tile(row, n, width)
	if err != nil {
		l.logUnexpected(err)
		return nil, false
	}
	return flat(levels[0]), true
}

// logUnexpected logs an error, unless it only says that the log has no such tile.
func (l *Log) logUnexpected(err error) {
	if !errors.Is(err, errNoTile) {
		l.log.Error("the log cannot be read", "error", err)
	}
}

// Proof proves that the published log has a leaf at an index.
type Proof struct {
	Index int64
	Path  []tlog.Hash
	Checkpoint
}

// Prove finds a leaf in the published log. found is false if the leaf is not in it; logged reports whether the log has the
// leaf, even if not all agencies have cosigned it yet.
func (l *Log) Prove(leaf tlog.Hash) (p Proof, logged, found bool) {
	index, logged := l.tree.find(leaf)
	published, ok := l.publishedWith(index)
	if !logged || !ok {
		return Proof{}, logged, false
	}
	path, err := l.tree.prove(published.Size, index)
	if err != nil {
		l.logUnexpected(err)
		return Proof{}, logged, false
	}
	return Proof{index, path, published}, true, true
}

// publishedWith is a published checkpoint that has the leaf at an index: the newest that all witnesses have cosigned, too, or else the newest.
func (l *Log) publishedWith(index int64) (c Checkpoint, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if index < l.witnessed.Size {
		return l.witnessed, true
	}
	return l.published, l.published.Note != nil && index < l.published.Size
}
