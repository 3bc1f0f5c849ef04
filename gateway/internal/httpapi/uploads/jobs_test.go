package uploads

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALineThatIsBeingWrittenComesWithTheNextReading(t *testing.T) {
	next := eachRefusal(strings.NewReader(`{"line":4,"serial":"=3","code":"amount-syntax","reason":"x"}` + "\n" + `{"line":5,"ser`))
	r, there, err := next()
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, "=3", r.Seq)
	_, there, err = next()
	require.NoError(t, err)
	require.False(t, there)
	_, _, err = eachRefusal(strings.NewReader("[]"))()
	require.Error(t, err)
}
