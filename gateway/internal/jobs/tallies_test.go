package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// While answers keep coming one tally at a time goes beside them, for which nobody waits. The last ones see to it, whatever is under way.
func TestWhoTallies(t *testing.T) {
	clock := time.Unix(0, 0)
	tallies := tallies{now: func() time.Time { return clock }, of: map[together]*owed{}}
	of := together{batch: "b"}
	answers := func(others bool) due { tallies.begin(of, false); return tallies.end(of, true, others) }

	require.Equal(t, tallyLater, answers(true), "the totals may be behind for a while")
	clock = clock.Add(tallyEvery)
	require.Equal(t, tallyBeside, answers(true))
	clock = clock.Add(tallyEvery)
	require.Equal(t, tallyLater, answers(true), "one is under way")
	tallies.tallied(of, false)
	require.Equal(t, tallyBeside, answers(true), "it failed")
	require.Equal(t, tallyLast, answers(false), "one is under way, and may be from before these answers")
	tallies.tallied(of, true)

	require.Equal(t, tallyLast, answers(false))
	tallies.begin(of, false)
	require.Equal(t, tallyLater, tallies.end(of, false, false), "nothing was recorded")
	tallies.begin(of, true)
	require.Equal(t, tallyLast, tallies.end(of, false, false), "an earlier process may have recorded answers")
	require.Empty(t, tallies.of)
}
