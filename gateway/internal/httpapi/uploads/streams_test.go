package uploads

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNobodyFollowsJobsWithoutEnd(t *testing.T) {
	var s streams
	for range maxStreams {
		require.True(t, s.begin("greedy"))
	}
	require.False(t, s.begin("greedy"))
	require.True(t, s.begin("another"))
	s.end("greedy")
	require.True(t, s.begin("greedy"))
	for range maxStreams {
		s.end("greedy")
	}
	s.end("another")
	require.Empty(t, s.open)
}
