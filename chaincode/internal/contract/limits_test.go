// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
)

// A function that only reads and has no limit would answer nobody.
func TestEachReadHasALimitOfRegion(t *testing.T) {
	var reads []string
	for _, r := range api.Rows() {
		if r.ReadOnly {
			reads = append(reads, r.Name)
		}
	}
	slices.Sort(reads)
	require.Equal(t, reads, slices.Sorted(maps.Keys(limits)), "chaincode/internal/contract/reach.go says how a read is held to the caller's region")
}
