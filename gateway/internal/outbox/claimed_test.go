package outbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClaimedNamesTheJobOfAKey(t *testing.T) {
	_, o, _ := setUp(t)
	job, err := o.Claimed(Key{"p", "k"})
	require.NoError(t, err)
	require.Empty(t, job)
	_, err = o.Claim(Key{"p", "k"}, request, "job-1")
	require.NoError(t, err)
	job, err = o.Claimed(Key{"p", "k"})
	require.NoError(t, err)
	require.Equal(t, "job-1", job)
	job, err = o.Claimed(Key{"another", "k"})
	require.NoError(t, err)
	require.Empty(t, job, "a key is its principal's own")
}
