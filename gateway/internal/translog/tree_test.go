package translog

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

func leafHash(i int) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64([]byte("leaf"), uint64(i)))
}

func leafHashes(n int) []tlog.Hash {
	hashes := make([]tlog.Hash, n)
	for i := range hashes {
		hashes[i] = leafHash(i)
	}
	return hashes
}

// stored is package tlog's own way of keeping a tree.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		out = append(out, s[i])
	}
	return out, nil
}

func storedTree(t testing.TB, leaves []tlog.Hash) stored {
	var s stored
	for i := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(i), leaves[i], s)
		require.NoError(t, err)
		s = append(s, more...)
	}
	return s
}

func newTree(t testing.TB, leaves []tlog.Hash) *tree {
	t.Helper()
	tr, err := openTree(filepath.Join(t.TempDir(), "leaves"), func(from int64, count int) ([]tlog.Hash, error) {
		return leaves[from:min(from+int64(count), int64(len(leaves)))], nil
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tr.close()) })
	return tr
}

func TestTreeIsThatOfPackageTlog(t *testing.T) {
	leaves := leafHashes(70_000) // the example of C2SP tlog-tiles
	want, tr := storedTree(t, leaves), newTree(t, leaves)
	for size, step := 0, 1; size < len(leaves); size, step = size+step, step*3 {
		require.NoError(t, tr.add(leaves[size:min(size+step, len(leaves))]))
	}
	require.EqualValues(t, len(leaves), tr.length())
	for _, size := range []int64{0, 1, 2, 255, 256, 257, 1000, 65_535, 65_536, 65_537, 70_000} {
		root, err := tr.root(size)
		require.NoError(t, err)
		expected, err := tlog.TreeHash(size, want)
		require.NoError(t, err)
		require.Equal(t, expected, root, size)
		for _, index := range []int64{0, size / 3, size - 1} {
			if index < 0 || index >= size {
				continue
			}
			path, err := tr.prove(size, index)
			require.NoError(t, err)
			require.NoError(t, tlog.CheckRecord(path, size, root, index, leaves[index]))
		}
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, 70_000) {
		data, err := tlog.ReadTileData(tile, want)
		require.NoError(t, err)
		levels, err := tr.tile(tile.L, tile.N, tile.W)
		require.NoError(t, err, tile.Path())
		require.Equal(t, data, flat(levels[0]), tile.Path())
	}
	for _, c := range []struct {
		row   int
		n     int64
		width int
	}{{0, 273, 113}, {0, 274, 1}, {1, 1, 18}, {2, 0, 2}, {3, 0, 1}, {9, 0, 1}, {1, 99, 1}} {
		_, err := tr.tile(c.row, c.n, c.width)
		require.ErrorIs(t, err, errNoTile, fmt.Sprint(c))
	}
	_, err := tr.root(70_001)
	require.Error(t, err)
	for _, i := range []int64{0, 255, 256, 69_999} {
		index, ok := tr.find(leaves[i])
		require.True(t, ok)
		require.Equal(t, i, index)
	}
	_, ok := tr.find(leafHash(70_001))
	require.False(t, ok)
}

func TestLostAndChangedTilesComeAgainFromTheIndex(t *testing.T) {
	leaves := leafHashes(1000)
	for name, damage := range map[string]func(t *testing.T, path string){
		"a byte changed": func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			b[300*tlog.HashSize] ^= 1
			require.NoError(t, os.WriteFile(path, b, 0o600))
		},
		"cut off":  func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 300*tlog.HashSize+5)) },
		"emptied":  func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"as it is": func(*testing.T, string) {},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t, leaves)
			require.NoError(t, tr.add(leaves))
			before, err := tr.root(1000)
			require.NoError(t, err)
			damage(t, tr.file.f.Name())
			path, err := tr.prove(1000, 300)
			require.NoError(t, err)
			require.NoError(t, tlog.CheckRecord(path, 1000, before, 300, leaves[300]))
			require.Equal(t, name != "as it is", tr.rebuilt.Load() > 0)
			_, err = tr.tile(0, 1, 256)
			require.NoError(t, err)
			_, same, err := tr.compare(0, leaves)
			require.NoError(t, err)
			require.True(t, same)
		})
	}
	t.Run("and the index has others", func(t *testing.T) {
		other := leafHashes(1000)
		other[301] = leafHash(9999)
		tr := newTree(t, other)
		require.NoError(t, tr.add(leaves))
		require.NoError(t, os.Truncate(tr.file.f.Name(), 0))
		_, err := tr.prove(1000, 300)
		var changed *ChangedError
		require.ErrorAs(t, err, &changed)
		require.Equal(t, ChangedError{256, 512}, *changed)
	})
}

func TestCompareNamesTheFirstLeafThatDiffers(t *testing.T) {
	leaves := leafHashes(700)
	tr := newTree(t, leaves)
	require.NoError(t, tr.add(leaves))
	for _, i := range []int{0, 255, 256, 511, 699} {
		other := leafHashes(700)
		other[i] = leafHash(-1)
		for _, from := range []int{0, i} {
			differs, same, err := tr.compare(int64(from), other[from:])
			require.NoError(t, err)
			require.False(t, same)
			require.EqualValues(t, i, differs)
		}
	}
}

// TestReadersAndTheWriterDoNotWaitForOneAnother: a reader takes the locks of the tree and of the positions one after the
// other, never one within the other.
func TestReadersAndTheWriterDoNotWaitForOneAnother(t *testing.T) {
	leaves := leafHashes(40_000)
	tr := newTree(t, leaves)
	require.NoError(t, tr.add(leaves[:1000]))
	done := make(chan struct{})
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			for i := r; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				index, ok := tr.find(leaves[i%1000])
				_, err := tr.prove(1000, index)
				if !ok || err != nil || index != int64(i%1000) {
					t.Errorf("leaf %d: %v %v", i%1000, ok, err)
					return
				}
			}
		})
	}
	for size := 1000; size < len(leaves); size += 7 {
		require.NoError(t, tr.add(leaves[size:min(size+7, len(leaves))]))
	}
	close(done)
	readers.Wait()
}

// BenchmarkProve proves one of a million leaves, each tile read from disk.
func BenchmarkProve(b *testing.B) {
	leaves := leafHashes(1 << 20)
	tr := newTree(b, leaves)
	require.NoError(b, tr.add(leaves))
	i := 0
	for b.Loop() {
		i = (i + 7919*256) % len(leaves)
		index, ok := tr.find(leaves[i])
		if !ok {
			b.Fatal("not found")
		}
		if _, err := tr.prove(1<<20-1, index); err != nil {
			b.Fatal(err)
		}
	}
}
