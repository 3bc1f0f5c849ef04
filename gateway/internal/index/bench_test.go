package index

import (
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"

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

// BenchmarkRebuild makes an index of ten years of payments.
func BenchmarkRebuild(b *testing.B) {
	people := benchPeople(b)
	s := newSynth(b, people, benchMonths)
	for b.Loop() {
		x, path := benchIndex(b, s)
		info, err := os.Stat(path)
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size())/float64(people*benchMonths), "bytes/payment")
		require.NoError(b, x.Close())
	}
	b.ReportMetric(float64(people*benchMonths*b.N)/b.Elapsed().Seconds(), "payments/s")
}

const benchMonths = 120

func benchIndex(b *testing.B, s *synth) (*Index, string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "index.db")
	ix, err := Open(b.Context(), path, s, slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	catchUp(b, ix)
	return ix, path
}

// BenchmarkBatchOverview compares a month of a county with the month before.
func BenchmarkBatchOverview(b *testing.B) {
	const people = 26_600
	x, _ := benchIndex(b, newSynth(b, people, 3))
	for b.Loop() {
		o, err := x.BatchOverview(b.Context(), "b-2016-03", 100)
		require.NoError(b, err)
		require.Equal(b, people, o.Listed.Count)
		require.Equal(b, people, o.Previous.Count)
	}
	require.NoError(b, x.Close())
}
