package index

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// place says where a key was written: the transaction's place in its block.
type place struct {
	block uint64
	index uint32
}

// blocksKept bounds the decoded blocks in memory; values are read again from the peer.
const blocksKept = 64

// Memory follows the agency's own peer from the first block on and remembers which transaction wrote which key. It is
// built anew at every start.
type Memory struct {
	ledger ledger.Ledger
	log    *slog.Logger
	blocks *lru.Cache[uint64, ledger.Block]

	mu     sync.RWMutex
	height uint64
	moved  chan struct{} // closed when height grows
	places map[string][]place
	// programmes of a person, and periods with payments of a roll segment
	programmes map[string][]relief.ProgrammeID
	periods    map[string][]relief.Period
}

var _ Provenance = (*Memory)(nil)

// NewMemory makes an empty index; Run fills it.
func NewMemory(l ledger.Ledger, log *slog.Logger) *Memory {
	blocks, _ := lru.New[uint64, ledger.Block](blocksKept) // fails for a size of 0 only
	return &Memory{
		ledger: l, log: log, blocks: blocks, moved: make(chan struct{}), places: map[string][]place{},
		programmes: map[string][]relief.ProgrammeID{}, periods: map[string][]relief.Period{},
	}
}

// Run follows the blocks until ctx ends or the stream breaks; called again, it goes on where it was.
func (m *Memory) Run(ctx context.Context) error {
	return m.ledger.Blocks(ctx, m.Height(), m.add)
}

// Height is the number of blocks indexed.
func (m *Memory) Height() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.height
}

// WaitFor returns when the block has been indexed, or with ctx's error.
func (m *Memory) WaitFor(ctx context.Context, block uint64) error {
	for {
		m.mu.RLock()
		done, moved := m.height > block, m.moved
		m.mu.RUnlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *Memory) add(b ledger.Block) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.Number < m.height {
		return nil
	}
	if b.Number > m.height {
		return fmt.Errorf("a gap: block %d came after block %d", b.Number, m.height-1)
	}
	for i := range b.Transactions {
		tx := &b.Transactions[i]
		if !tx.Valid {
			continue
		}
		for _, w := range tx.Writes {
			m.places[w.Key] = append(m.places[w.Key], place{b.Number, uint32(tx.Index)}) //nolint:gosec // a block's transactions
			m.note(w.Key)
		}
	}
	m.height++
	close(m.moved)
	m.moved = make(chan struct{})
	return nil
}

// note keeps what leads from a person to programmes and from a roll segment to periods.
func (m *Memory) note(key string) {
	k, ok := relief.ParseKey(key)
	switch {
	case ok && k.Kind == relief.KindSubject && len(k.Attrs) == 2:
		id := relief.ProgrammeID(k.Attrs[1])
		if !slices.Contains(m.programmes[k.Attrs[0]], id) {
			m.programmes[k.Attrs[0]] = append(m.programmes[k.Attrs[0]], id)
		}
	case ok && k.Kind == relief.KindLines && len(k.Attrs) == 4:
		period, err := relief.ParsePeriod(k.Attrs[2])
		roll := rollName(k.Attrs[0], k.Attrs[1], k.Attrs[3])
		if err == nil && !slices.Contains(m.periods[roll], period) {
			m.periods[roll] = append(m.periods[roll], period)
		}
	}
}

func rollName(programme, county, segment string) string {
	return programme + "/" + county + "/" + segment
}

// Versions lists a key's versions, oldest first, read again from the peer's blocks.
func (m *Memory) Versions(ctx context.Context, key relief.Key) ([]Version, error) {
	name := key.String()
	m.mu.RLock()
	places := slices.Clone(m.places[name])
	m.mu.RUnlock()
	versions := make([]Version, 0, len(places))
	for _, p := range places {
		b, err := m.block(ctx, p.block)
		if err != nil {
			return nil, err
		}
		for i := range b.Transactions {
			tx := b.Transactions[i]
			if tx.Index != int(p.index) {
				continue
			}
			for _, w := range tx.Writes {
				if w.Key == name {
					tx.Writes = []ledger.Write{w}
					versions = append(versions, Version{Key: key, Tx: tx, Value: w.Value})
					break
				}
			}
		}
	}
	return versions, nil
}

func (m *Memory) block(ctx context.Context, number uint64) (ledger.Block, error) {
	if b, ok := m.blocks.Get(number); ok {
		return b, nil
	}
	b, err := m.ledger.Block(ctx, number)
	if err == nil {
		m.blocks.Add(number, b)
	}
	return b, err
}
