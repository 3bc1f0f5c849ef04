package index

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"log/slog"

	"github.com/stretchr/testify/require"
)

// benchPeople is how many people are paid for ten years: RELIEFTRAIL_BENCH_PEOPLE=8400 gives the million payments of the
// figures.
func benchPeople(b *testing.B) int {
	b.Helper()
	text := os.Getenv("RELIEFTRAIL_BENCH_PEOPLE")
	if text == "" {
		return 400
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	return n
}

// BenchmarkRebuild makes an index of ten years of payments and reads trails in it.
func BenchmarkRebuild(b *testing.B) {
	people, months := benchPeople(b), 120
	s := newSynth(b, people, months)
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "index.db")
		x, err := Open(b.Context(), path, s, slog.New(slog.DiscardHandler))
		require.NoError(b, err)
		began := time.Now()
		catchUp(b, x)
		b.ReportMetric(float64(people*months)/time.Since(began).Seconds(), "payments/s")
		info, err := os.Stat(path)
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size())/float64(people*months), "bytes/payment")
		var took []time.Duration
		for i := range 500 {
			began := time.Now()
			steps, err := x.SubjectTrail(context.Background(), synthRef(uint32(i*7919%people)))
			require.NoError(b, err)
			require.Len(b, steps, 2*months+1)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "trail-p99-ms")
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "trail-p50-ms")
		require.NoError(b, x.Close())
	}
}
