package public

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

func TestEveryTextIsAHash(t *testing.T) {
	good := strings.Repeat("0a", 32)
	h := readHash(good)
	require.Equal(t, byte(0x0a), h[31])
	seen := map[tlog.Hash]bool{h: true}
	for _, text := range []string{"", "x", good[:63], good + "0", strings.ToUpper(good)[:63] + "g", strings.Repeat("é", 32)} {
		h := readHash(text)
		require.False(t, seen[h], text)
		seen[h] = true
	}
}

func FuzzTilePath(f *testing.F) {
	for _, s := range []string{"/0/000", "/0/x001/234.p/5", "/63/x999/x999/x999/x999/x999/999", "/entries/000", "/0/x000/001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		at, err := parseTilePath(path)
		if err != nil {
			return
		}
		w := 256
		if at.width > 0 {
			w = at.width
		}
		want := tlog.Tile{H: 8, L: max(at.row, 0), N: at.n, W: w}.Path()
		want = strings.TrimPrefix(want, "tile/8")
		if at.row == ofEntries {
			want = "/entries" + strings.TrimPrefix(want, "/0")
		}
		if path != want {
			t.Fatalf("%q is another way to write %q", path, want)
		}
	})
}
