package evidence

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

type noise struct{}

func (noise) Read(b []byte) (int, error) { return len(b), nil }

// BenchmarkLargestFile keeps and gives a file of 64 MiB; B/op counts each piece of 64 KiB, and
// no more than a few are there at a time.
func BenchmarkLargestFile(b *testing.B) {
	const size = 64 << 20
	p := newPlace(b)
	var hash string
	b.Run("put", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			f, err := p.Put(b.Context(), "c1", Request{Key: "k1"}, io.LimitReader(noise{}, size), func(File) error { return nil })
			require.NoError(b, err)
			hash = f.SHA256
		}
	})
	b.Run("get", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			r, err := p.Open(b.Context(), "c1", hash)
			require.NoError(b, err)
			_, err = r.WriteTo(io.Discard)
			require.NoError(b, err)
			require.NoError(b, r.Close())
		}
	})
}
