package invent

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestIdentityNumbersAreUnique(t *testing.T) {
	seen := make(map[string]bool, 1_000_000)
	for n := range 1_000_000 {
		id := Household(n).ID()
		if n%1000 == 0 {
			_, code := relief.ParseIDNumber(id)
			require.Empty(t, code)
		}
		require.False(t, seen[id[6:]], "household %d", n)
		seen[id[6:]] = true
	}
	var list bytes.Buffer
	List(&list, 3, "2026-11")
	require.Equal(t, 4, bytes.Count(list.Bytes(), []byte("\n")))
}
