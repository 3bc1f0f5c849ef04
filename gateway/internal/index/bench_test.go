package index

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

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

// BenchmarkSubjectTrail reads trails of ten years, of one person after the other.
func BenchmarkSubjectTrail(b *testing.B) {
	people := benchPeople(b)
	s := newSynth(b, people, benchMonths)
	x, _ := benchIndex(b, s)
	s.blocks = nil // a gateway does not have the ledger in memory
	runtime.GC()
	var took []time.Duration
	n := 0
	for b.Loop() {
		began := time.Now()
		steps, err := x.SubjectTrail(b.Context(), synthRef(uint32(n*7919%people)), "")
		took = append(took, time.Since(began))
		require.NoError(b, err)
		require.Len(b, steps, 2*benchMonths+1)
		n++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	require.NoError(b, x.Close())
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
