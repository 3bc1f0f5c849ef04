//go:build unix

package index

import (
	"context"
	"log/slog"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for a wrong argument only
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCost reports the processor time, in microseconds, of indexing one roll entry, one listed payment, one settlement,
// and of reading one leaf for the transparency log. Every block is a transaction of the database.
func BenchmarkCost(b *testing.B) {
	const people, months = 20_000, 6
	s := newSynth(b, people, months)
	spent := map[string]time.Duration{}
	for b.Loop() {
		ix, err := Open(b.Context(), filepath.Join(b.TempDir(), "index.db"), s, slog.New(slog.DiscardHandler))
		require.NoError(b, err)
		conn, err := ix.db.Conn(b.Context())
		require.NoError(b, err)
		ctx := context.WithoutCancel(b.Context()) // as Index.write
		w, err := newWriter(ctx, conn, ix.log)
		require.NoError(b, err)
		for i := range s.blocks {
			began := processorTime()
			require.NoError(b, w.begin(ctx, ix.db))
			require.NoError(b, w.block(ctx, &s.blocks[i]))
			require.NoError(b, w.commit(ctx))
			spent[s.blocks[i].Transactions[0].Function] += processorTime() - began
		}
		w.close()
		require.NoError(b, conn.Close())
		began, read := processorTime(), 0
		for {
			leaves, err := ix.LeafHashes(b.Context(), int64(read), 4096)
			require.NoError(b, err)
			if read += len(leaves); len(leaves) < 4096 {
				break
			}
		}
		require.EqualValues(b, w.leafCount, read)
		spent["leaf"] += processorTime() - began
		require.NoError(b, ix.Close())
	}
	each := func(function, unit string, rows int) {
		b.ReportMetric(float64(spent[function].Nanoseconds())/1000/float64(b.N*rows), unit)
	}
	each("roll:Import", "µs/entry", people)
	each("payment:AddLines", "µs/listed", people*months)
	each("payment:Settle", "µs/settled", people*months)
	each("leaf", "µs/leaf", people*months)
}
