// Package translog is the transparency log: the RFC 6962 tree over the leaf hashes of all credited payments in ledger
// order, as this agency's gateway derives it from its own peer; the checkpoints that this agency signs and those that
// all agencies have cosigned (C2SP tlog-checkpoint, tlog-cosignature); and the tiles (C2SP tlog-tiles).
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

// Leaf is one credited payment: the hash of its leaf, and the block that it came with.
type Leaf struct {
	Hash  tlog.Hash
	Block uint64
}

// Source is the agency's own index.
type Source interface {
	// Leaves lists leaves by number from `from` on, in ledger order. A block's leaves are there all or none.
	Leaves(ctx context.Context, from int64, limit int) ([]Leaf, error)
	// Height is the number of blocks indexed.
	Height() uint64
	// WaitFor returns when the block has been indexed, or with ctx's error.
	WaitFor(ctx context.Context, block uint64) error
}

// Agency is one whose cosignature every checkpoint needs.
type Agency struct {
	MSPID, Name, NameEn string
	Keys, LogKeys       []ed25519.PublicKey // on the ledger: it cosigns and signs as the log; the current ones last
}

// Peer is another agency's gateway.
type Peer struct{ MSPID, URL string }

// Options are what a log is made of.
type Options struct {
	Dir          string // of what the log keeps
	Origin       string // the log's name: the first line of each checkpoint
	Organisation string // the agency's MSP id
	LogKey       ed25519.PrivateKey
	CosigningKey ed25519.PrivateKey
	Source       Source
	// Agencies reads from the ledger who cosigns, with which keys.
	Agencies func(ctx context.Context) ([]Agency, error)
	// LedgerHeight is the number of blocks of the agency's own peer.
	LedgerHeight func(ctx context.Context) (uint64, error)
	Peers        []Peer
	Client       *http.Client
	Poll         time.Duration // between two looks at another gateway while something is missing
	Audit        time.Duration // between two comparisons of the whole log with the index
	Log          *slog.Logger
	Now          func() time.Time
}

// Log is one gateway's transparency log. It is safe for concurrent use; one Run at a time.
type Log struct {
	Options
	log    *slog.Logger
	now    func() time.Time
	tree   *tree
	memory *memory
	moved  *signal // something was signed
	shown  atomic.Pointer[Head]

	publishing sync.Mutex // taken before mu, and held while a checkpoint goes to disk

	mu        sync.RWMutex
	agencies  []Agency
	trusted   *Trust
	heads     []pending // block boundaries that are not signed yet
	block     uint64    // of the last leaf
	signed    []Signed  // smallest first
	cosigned  map[int64]map[string]string
	published Checkpoint
	peers     map[string]PeerState
	alerts    map[string]Alert
}

// pending is a state at the end of a block.
type pending struct {
	size  int64
	block uint64
}

// Checkpoint is a signed state of the log as it is served.
type Checkpoint struct {
	Head
	Note []byte
}

// PeerState is how another agency's gateway was when it was asked last.
type PeerState struct {
	Size    int64     // the newest state that it has signed
	At      time.Time // when it answered last
	Problem string    // why it did not answer
}

// Open opens what the log keeps. Nothing is signed before Run.
func Open(o Options) (*Log, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{
		Options: o, log: o.Log, now: o.Now, moved: newSignal(),
		cosigned: map[int64]map[string]string{}, peers: map[string]PeerState{}, alerts: map[string]Alert{},
	}
	if l.now == nil {
		l.now = time.Now
	}
	var err error
	if l.memory, err = openMemory(filepath.Join(o.Dir, "signed.db")); err != nil {
		return nil, err
	}
	if err := l.recall(); err != nil {
		return nil, errors.Join(err, l.memory.close())
	}
	if l.tree, err = openTree(filepath.Join(o.Dir, "leaves.sha256"), l.again); err != nil {
		return nil, errors.Join(err, l.memory.close())
	}
	if err := l.trust(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// recall reads what was signed, published and raised before.
func (l *Log) recall() error {
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
	return nil
}

// trust holds the leaves on disk against what was signed. Leaves that do not give the signed root are dropped and come
// again from the index.
func (l *Log) trust() error {
	last, ok := l.last()
	if !ok {
		return nil
	}
	root, err := l.tree.root(min(last.Size, l.tree.length()))
	if err == nil && (l.tree.length() < last.Size || root == last.Root) {
		return nil
	}
	l.log.Warn("the log's leaves on disk do not give the root that was signed, and are taken from the index again",
		"count", l.tree.length(), "ours", last.String())
	return l.tree.clear()
}

// Close closes what Open opened; Run has ended before.
func (l *Log) Close() error { return errors.Join(l.tree.close(), l.memory.close()) }

// Run follows the index, signs, and fetches the other agencies' cosignatures, until ctx ends or something fails.
func (l *Log) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return l.follow(ctx) })
	group.Go(func() error { return l.auditEvery(ctx) })
	for _, p := range l.Peers {
		group.Go(func() error { return l.watch(ctx, p) })
	}
	return group.Wait()
}

// last is what this agency signed last.
func (l *Log) last() (Signed, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if len(l.signed) == 0 {
		return Signed{}, false
	}
	return l.signed[len(l.signed)-1], true
}

// Published is the newest checkpoint that all agencies have cosigned; ok is false before the first.
func (l *Log) Published() (c Checkpoint, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.published, l.published.Note != nil
}

// Newest is the newest checkpoint of this agency alone; ok is false before the first.
func (l *Log) Newest() (c Checkpoint, ok bool) {
	s, ok := l.last()
	if !ok {
		return c, false
	}
	return Checkpoint{s.Head, assemble(s.body(l.Origin), s.Log, s.Cosigned)}, true
}

// SignedFrom lists this agency's checkpoints from a size on, the smallest first.
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

// Cosigners are the agencies as the ledger has them.
func (l *Log) Cosigners() []Agency {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.agencies)
}

// Tile is the bytes of a tile: at most 256 hashes of a row (C2SP tlog-tiles). Width 0 is a full tile. False when the log
// has no such tile.
func (l *Log) Tile(row int, n int64, width int) ([]byte, bool) {
	if width == 0 {
		width = tileWidth
	}
	levels, err := l.tree.tile(row, n, width)
	if err != nil {
		l.complain(err)
		return nil, false
	}
	return flat(levels[0]), true
}

// complain logs what is not an ordinary answer.
func (l *Log) complain(err error) {
	if !errors.Is(err, errNoTile) {
		l.log.Error("the log cannot be read", "error", err)
	}
}

// Proof says where a leaf is in the published log and shows it.
type Proof struct {
	Index int64
	Path  []tlog.Hash
	Checkpoint
}

// Prove finds a leaf in the published log. Found is false when it is not there; logged reports whether the log has it, but
// not all agencies have cosigned that yet.
func (l *Log) Prove(leaf tlog.Hash) (p Proof, logged, found bool) {
	index, logged := l.tree.find(leaf)
	published, ok := l.Published()
	if !logged || !ok || index >= published.Size {
		return Proof{}, logged, false
	}
	path, err := l.tree.prove(published.Size, index)
	if err != nil {
		l.complain(err)
		return Proof{}, logged, false
	}
	return Proof{index, path, published}, true, true
}
