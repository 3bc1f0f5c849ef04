// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// A value of any kind that later readers could not parse is refused before it is stored, packed or JSON, by whichever way it is
// put. A kind without a reader cannot be stored at all: package stored holds its list against that of the keys.
func TestValuesAreReadBackBeforeTheyAreStored(t *testing.T) {
	invalid := &relief.Error{Code: relief.CodeInvalid}
	for _, kind := range append(stored.Kinds(), "a kind that nobody reads") {
		w := New(nil, relief.Actor{})
		k := relief.Key{Kind: kind, Attrs: []string{"dibao", "530181", "0000000"}}
		require.ErrorIs(t, w.PutValue(k, []byte("not a value")), invalid, kind)
		require.ErrorIs(t, w.Put(k, "not a record"), invalid, kind)
		require.Zero(t, w.Writes(), kind)
	}
	w := New(nil, relief.Actor{})
	require.ErrorIs(t, w.Put(relief.RollIndexKey(relief.SubjectRef{1}, "dibao"), roll.IndexEntry{County: "530100"}), invalid, "no county")
	require.ErrorIs(t, w.PutPrivate(relief.DetailPageValueKey("dibao", relief.DetailPageID{County: "530181"}, 0), []byte("p")), invalid)
	require.ErrorIs(t, w.PutPrivate(relief.CaseDetailsKey("c1"), []byte{}), invalid)
	require.Zero(t, w.Writes())
}
