package relief

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What sha256sum says of the reference, its first half.
func TestHashBankRef(t *testing.T) {
	require.Equal(t, "ba7816bf8f01cfea414140de5dae2223", HashBankRef([]byte("abc")).String()) // FIPS 180-4
	require.Zero(t, HashBankRef(nil), "no reference, no hash")
}
