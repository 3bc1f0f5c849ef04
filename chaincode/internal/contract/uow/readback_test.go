// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A value that later readers could not parse is refused before it is stored.
func TestPackedValuesAreReadBackBeforeTheyAreStored(t *testing.T) {
	for _, kind := range []string{relief.KindRoll, relief.KindPayees, relief.KindLines} {
		require.NoError(t, readBack(kind, nil), "a segment that is empty")
	}
	for _, kind := range []string{relief.KindRoll, relief.KindPayees, relief.KindLines, relief.KindRollIndex} {
		require.ErrorIs(t, readBack(kind, []byte("not a packed value")), &relief.Error{Code: relief.CodeInvalid}, kind)
	}
	require.NoError(t, readBack(relief.KindBatch, []byte("{}")))
}
