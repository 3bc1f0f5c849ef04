package jobs

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/wire"
)

func TestBundlesAreFilled(t *testing.T) {
	var sent []string
	b := bundle[int]{send: func(segments []uint32, lines []int) error {
		sent = append(sent, fmt.Sprint(segments, len(lines)))
		return nil
	}}
	lines := make([]int, 1000)
	for segment := range uint32(wire.MaxChunkSegments + 1) {
		require.NoError(t, b.add(segment, lines))
	}
	require.Equal(t, []string{"[0 1 2 3] 4000"}, sent, "whole segments fill a transaction")
	require.NoError(t, b.add(4, lines[:5]))
	require.NoError(t, b.add(7, lines[:1]))
	require.NoError(t, b.flush())
	require.NoError(t, b.flush())
	require.Equal(t, "[4 7] 1006", sent[len(sent)-1], "a segment comes once")
	for range 9 {
		require.NoError(t, b.add(5, lines))
	}
	require.NoError(t, b.flush())
	require.Equal(t, []string{"[0 1 2 3] 4000", "[4 7] 1006", "[5] 4000", "[5] 4000", "[5] 1000"}, sent, "no more lines than a chunk may have")

	fault := errors.New("no")
	b.send = func([]uint32, []int) error { return fault }
	require.NoError(t, b.add(1, lines))
	require.ErrorIs(t, b.flush(), fault)
}
