package jobs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/wire"
)

func show(bundles []bundle[int]) (text []string) {
	for _, b := range bundles {
		text = append(text, fmt.Sprint(b.segments, len(b.lines)))
	}
	return text
}

func TestBundlesAreFilled(t *testing.T) {
	p := newPacker[int](1000, 100_000)
	lines := make([]int, 1000)
	var full []bundle[int]
	for segment := range uint32(wire.MaxChunkSegments + 1) {
		full = append(full, p.pack([]laneLines[int]{{segment, lines}})...)
	}
	require.Equal(t, []string{"[0 1 2 3] 4000"}, show(full), "whole segments fill a transaction")
	require.Empty(t, p.pack([]laneLines[int]{{4, lines[:5]}, {7, lines[:1]}}))
	require.Equal(t, []string{"[4 7] 1006"}, show(p.takeOpen()), "a segment comes once")
	require.Empty(t, p.takeOpen())
	full = nil
	for range 9 {
		full = append(full, p.pack([]laneLines[int]{{5, lines}})...)
	}
	full = append(full, p.flushAll()...)
	require.Equal(t, []string{"[5] 4000", "[5] 4000", "[5] 1000"}, show(full), "no more lines than a chunk may have")
}

func TestFullLanesGo(t *testing.T) {
	l := newLanes[string](2, 4)
	require.Empty(t, l.add(1, "a"))
	require.Equal(t, []laneLines[string]{{1, []string{"a", "b"}}}, l.add(1, "b"))
	require.Empty(t, l.add(3, "c"))
	require.Equal(t, []laneLines[string]{{3, []string{"c"}}}, l.take(3))
	require.Empty(t, l.take(3))
	require.Zero(t, l.total)
}

// When too many lines are held back, the longest lanes go until half of the lines are gone.
func TestTheLongestLanesGoWhenTooManyLinesWait(t *testing.T) {
	l := newLanes[int](100, 8)
	for _, lane := range []uint32{5, 2, 2, 9, 9, 9, 5} {
		require.Empty(t, l.add(lane, 0))
	}
	var gone []uint32
	for _, g := range l.add(4, 0) {
		gone = append(gone, g.lane)
	}
	require.Equal(t, []uint32{9, 2}, gone)
	require.Equal(t, 3, l.total)
	var left []uint32
	for _, g := range l.takeAll() {
		left = append(left, g.lane)
	}
	require.Equal(t, []uint32{4, 5}, left, "in the order of the lanes")
}

func TestFlushSendsASegmentWithTheOpenBundle(t *testing.T) {
	p := newPacker[int](10, 100)
	require.Empty(t, p.add(1, 0))
	require.Empty(t, p.add(2, 0))
	require.Empty(t, p.endSegment(1))
	require.Equal(t, []string{"[1 2] 2"}, show(p.flushAll()))
	require.Empty(t, p.flushAll())
}
