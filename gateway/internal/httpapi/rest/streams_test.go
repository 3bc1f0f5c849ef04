package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNobodyFollowsStreamsWithoutEnd(t *testing.T) {
	var s Streams
	for range maxStreams {
		require.True(t, s.Begin("greedy"))
	}
	require.False(t, s.Begin("greedy"))
	require.True(t, s.Begin("another"))
	s.End("greedy")
	require.True(t, s.Begin("greedy"))
	for range maxStreams {
		s.End("greedy")
	}
	s.End("another")
	require.Empty(t, s.open)
}
