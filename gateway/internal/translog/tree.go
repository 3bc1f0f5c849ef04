package translog

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/mod/sumdb/tlog"
)

// A tile is 256 neighbouring hashes of one row; a row is every eighth level of the tree (C2SP tlog-tiles).
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// tilesKept bounds the tiles in memory that are kept with their inner nodes, 16 kB each.
const tilesKept = 512

// tree is the RFC 6962 tree over the leaf hashes. Row 0 is a file, which can be built again from the index. The rows above are
// in memory, with a 256th of its hashes; they detect every later change of a tile of row 0.
type tree struct {
	// again reads leaves from the index, for a lost tile.
	reread func(from int64, count int) ([]tlog.Hash, error)
	// rebuilt counts the lost tiles that were built again.
	rebuilt atomic.Int64

	mu     sync.RWMutex
	file   *leafFile
	size   int64
	tail   []tlog.Hash   // row 0's last tile while it is not full
	rows   [][]tlog.Hash // rows[1] and up, each hash over a full tile of the row below; rows[0] stays empty
	nodes  *lru.Cache[tileID, [][]tlog.Hash]
	byHash *positions
}

// tileID names a tile at a certain width.
type tileID struct {
	row   int
	n     int64
	width int
}

// errNoTile means that the tree has no such tile, or that the tile is not that wide yet.
var errNoTile = errors.New("the log has no such tile")

// ChangedError means that leaves in the index are no longer those that were added to the log.
type ChangedError struct{ From, Until int64 }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("leaves %d to %d of the index are not the leaves in the log", e.From, e.Until-1)
}

// openTree reads the leaves of a file. It does not check them: the caller must compare a root.
func openTree(path string, reread func(from int64, count int) ([]tlog.Hash, error)) (*tree, error) {
	file, err := openLeafFile(path)
	if err != nil {
		return nil, err
	}
	nodes, _ := lru.New[tileID, [][]tlog.Hash](tilesKept) // fails for a size of 0 only
	t := &tree{reread: reread, file: file, nodes: nodes}
	t.reset()
	for {
		hashes, err := file.read(t.size, tileWidth)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the log's leaves: %w", err), file.close())
		}
		t.grow(hashes)
		if len(hashes) < tileWidth {
			return t, nil
		}
	}
}

func (t *tree) reset() {
	t.size, t.tail, t.rows, t.byHash = 0, nil, [][]tlog.Hash{nil}, &positions{}
	t.nodes.Purge()
}

// clear deletes all leaves, to read them from the index again.
func (t *tree) clear() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reset()
	return t.file.truncate()
}

// add appends leaves.
func (t *tree) add(hashes []tlog.Hash) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.file.write(t.size, hashes); err != nil {
		return fmt.Errorf("the log's leaves: %w", err)
	}
	t.grow(hashes)
	return nil
}

// grow appends leaves to the part in memory.
func (t *tree) grow(hashes []tlog.Hash) {
	for _, h := range hashes {
		t.byHash.add(h, t.size)
		t.size++
		t.tail = append(t.tail, h)
		if len(t.tail) < tileWidth {
			continue
		}
		top := expand(t.tail)[tileHeight][0]
		t.tail = make([]tlog.Hash, 0, tileWidth)
		for row := 1; ; row++ {
			if row == len(t.rows) {
				t.rows = append(t.rows, nil)
			}
			t.rows[row] = append(t.rows[row], top)
			full := len(t.rows[row])
			if full%tileWidth != 0 {
				break
			}
			top = expand(t.rows[row][full-tileWidth:])[tileHeight][0]
		}
	}
}

// expand computes the nodes above up to 256 hashes. Level k has the complete nodes above 2^k hashes each.
func expand(hashes []tlog.Hash) [][]tlog.Hash {
	levels := make([][]tlog.Hash, 1, tileHeight+1)
	levels[0] = hashes
	for below := hashes; len(below) > 1; {
		level := make([]tlog.Hash, len(below)/2)
		for i := range level {
			level[i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
		levels = append(levels, level)
		below = level
	}
	return levels
}

// length is the number of leaves.
func (t *tree) length() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.size
}

// root is the RFC 6962 tree hash over the first size leaves.
func (t *tree) root(size int64) (tlog.Hash, error) {
	if size > t.length() {
		return tlog.Hash{}, fmt.Errorf("the log has fewer than %d leaves", size)
	}
	return tlog.TreeHash(size, t)
}

// prove is the audit path of a leaf in the tree of the given size, from the leaf's sibling up.
func (t *tree) prove(size, index int64) ([]tlog.Hash, error) {
	return tlog.ProveRecord(size, index, t)
}

// find returns the index of the leaf with this hash.
func (t *tree) find(h tlog.Hash) (int64, bool) {
	t.mu.RLock()
	where := t.byHash
	t.mu.RUnlock()
	return where.find(h, func(index int64) bool {
		found, err := t.leaf(index)
		return err == nil && found == h
	})
}

// leaf is the hash of one leaf.
func (t *tree) leaf(index int64) (tlog.Hash, error) {
	levels, err := t.tile(0, index/tileWidth, 0)
	if err != nil || index%tileWidth >= int64(len(levels[0])) {
		return tlog.Hash{}, errors.Join(err, errNoTile)
	}
	return levels[0][index%tileWidth], nil
}

// ReadHashes returns nodes by their storage numbers (tlog.HashReader).
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		row, k := level/tileHeight, level%tileHeight
		first := n << k // the first hash of the row below the node
		levels, err := t.tile(row, first/tileWidth, 0)
		if err != nil {
			return nil, err
		}
		at := (first % tileWidth) >> k
		if k >= len(levels) || at >= int64(len(levels[k])) {
			return nil, errNoTile
		}
		hashes[i] = levels[k][at]
	}
	return hashes, nil
}

// tile returns a tile with its inner nodes: of the given width or, for 0, of its present width. The caller must not change it.
func (t *tree) tile(row int, n int64, width int) ([][]tlog.Hash, error) {
	hashes, have, err := t.held(row, n)
	if err != nil || width > have {
		return nil, errors.Join(err, errNoTile)
	}
	if width == 0 {
		width = have
	}
	if levels, ok := t.nodes.Get(tileID{row, n, width}); ok {
		return levels, nil
	}
	var levels [][]tlog.Hash
	switch {
	case hashes != nil:
		levels = expand(hashes[:width])
	case width == tileWidth:
		if levels, err = t.fullLeaves(n); err != nil {
			return nil, err
		}
	default: // an earlier width of a tile of row 0 that is full now
		full, err := t.tile(0, n, tileWidth)
		if err != nil {
			return nil, err
		}
		return expand(full[0][:width]), nil
	}
	t.nodes.Add(tileID{row, n, width}, levels)
	return levels, nil
}

// held returns the hashes of a tile that are in memory, and its width. Full tiles of row 0 are on disk only.
func (t *tree) held(row int, n int64) (hashes []tlog.Hash, width int, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	switch {
	case row == 0 && n < t.size/tileWidth:
		return nil, tileWidth, nil
	case row == 0 && n == t.size/tileWidth && len(t.tail) > 0:
		return t.tail[:len(t.tail):len(t.tail)], len(t.tail), nil
	case row > 0 && row < len(t.rows) && n < (int64(len(t.rows[row]))+tileWidth-1)/tileWidth:
		all := t.rows[row][n*tileWidth:]
		width = min(len(all), tileWidth)
		return all[:width:width], width, nil
	}
	return nil, 0, errNoTile
}

// fullLeaves reads a full tile of row 0 and checks it against the hash above it. A tile that is lost or changed on disk is
// read from the index again; a *ChangedError means that the index has other leaves now.
func (t *tree) fullLeaves(n int64) ([][]tlog.Hash, error) {
	t.mu.RLock()
	hashes, err := t.file.read(n*tileWidth, tileWidth)
	want := t.rows[1][n]
	t.mu.RUnlock()
	if err == nil {
		if levels, ok := verifyTile(want, hashes); ok {
			return levels, nil
		}
	}
	hashes, err = t.reread(n*tileWidth, tileWidth)
	if err != nil {
		return nil, fmt.Errorf("a lost tile of the log cannot be read from the index again: %w", err)
	}
	levels, ok := verifyTile(want, hashes)
	if !ok {
		return nil, &ChangedError{n * tileWidth, (n + 1) * tileWidth}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.file.write(n*tileWidth, hashes); err != nil {
		return nil, fmt.Errorf("the log's leaves: %w", err)
	}
	t.rebuilt.Add(1)
	return levels, nil
}

// verifyTile returns the nodes of a full tile. ok is false if the hash above it is not top.
func verifyTile(top tlog.Hash, hashes []tlog.Hash) (levels [][]tlog.Hash, ok bool) {
	if len(hashes) != tileWidth {
		return nil, false
	}
	levels = expand(hashes)
	return levels, levels[tileHeight][0] == top
}

// compare compares leaves of the index with the tree and returns the index of the first that differs.
func (t *tree) compare(from int64, hashes []tlog.Hash) (differs int64, same bool, err error) {
	for i := 0; i < len(hashes); {
		at := from + int64(i)
		levels, err := t.tile(0, at/tileWidth, 0)
		if err != nil {
			return at, false, err
		}
		ours := levels[0][at%tileWidth:]
		count := min(len(ours), len(hashes)-i)
		if !slices.Equal(ours[:count], hashes[i:i+count]) {
			for ours[0] == hashes[i] {
				ours, i = ours[1:], i+1
			}
			return from + int64(i), false, nil
		}
		i += count
	}
	return 0, true, nil
}

func (t *tree) close() error { return t.file.close() }
