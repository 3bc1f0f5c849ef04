package httpapi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func hasTurn(w *waiter) bool {
	select {
	case <-w.turn:
		return true
	default:
		return false
	}
}

func TestNobodyHoldsAllPlaces(t *testing.T) {
	g := newSlowGate(64)
	var greedy []*waiter
	for range 500 {
		greedy = append(greedy, g.enter("greedy"))
	}
	for i, w := range greedy {
		require.Equal(t, i < 16, hasTurn(w), "a quarter of the places")
	}
	for _, name := range []string{"a", "b", "c"} {
		for range 16 {
			require.True(t, hasTurn(g.enter(name)))
		}
	}
	late := g.enter("d")
	require.False(t, hasTurn(late), "all places are taken")
	g.leave(greedy[0])
	require.True(t, hasTurn(late), "before the hundreds of another principal who came earlier")
	require.False(t, hasTurn(greedy[16]))
}

func TestNobodyHoldsAllOfTheQueue(t *testing.T) {
	g := newWriteGate(4)
	var mine []*waiter
	for {
		w := g.enter("greedy")
		if w == nil {
			break
		}
		mine = append(mine, w)
	}
	require.Len(t, mine, 4*queueFactor/2)
	require.NotNil(t, g.enter("another"))
	for _, w := range mine {
		g.leave(w)
	}
	require.Equal(t, map[string]int{"another": 1}, g.inside)
	require.Equal(t, map[string]int{"another": 1}, g.held)
	require.NotNil(t, g.enter("greedy"))
}

// While nobody else wants them, acts of one principal may have nearly all places.
func TestPlacesThatNobodyWantsAreUsed(t *testing.T) {
	g := newWriteGate(64)
	var waiters []*waiter
	for range 100 {
		waiters = append(waiters, g.enter("busy"))
	}
	require.Equal(t, 56, g.working)
	for i := range waiters[:56] {
		g.leave(waiters[i])
	}
	require.Equal(t, 44, g.working)
	require.Empty(t, g.waiting)
}

func TestAWaiterWhoLeavesHoldsNothing(t *testing.T) {
	g := newGate(1, 1)
	first, second, third := g.enter("a"), g.enter("b"), g.enter("c")
	g.leave(second)
	g.leave(first)
	require.True(t, hasTurn(third))
	g.leave(third)
	require.Zero(t, g.working)
	require.Zero(t, g.present)
	require.Empty(t, g.held)
	require.Empty(t, g.inside)
}
