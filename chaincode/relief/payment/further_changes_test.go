package payment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A grant is there from the batch on that lists it: before, and after it was taken out, nothing is listed.
func TestChangesOfFurtherPayments(t *testing.T) {
	f, none := goldenFurther(), Further{}
	changes := f.Changes(&none)
	require.Len(t, changes, 4, "without the grant that no batch holds")
	require.Equal(t, []uint8{2, 3, 1, 3}, []uint8{changes[0].After.Attempt, changes[1].After.Attempt, changes[2].After.Attempt, changes[3].After.Attempt})
	require.EqualValues(t, 1000, changes[1].After.Deducted)
	require.EqualValues(t, 1, changes[3].After.Again)
	require.Empty(t, f.Changes(&f))
	require.Empty(t, f.Removed(&f))

	listed := f.clone()
	listed.entries[3].lineSlot = lineSlot{state: slotListed, attempt: 2, batch: 1, kind: relief.PaymentGrant, amount: 78901}
	changes = listed.Changes(&f)
	require.Len(t, changes, 1)
	require.Equal(t, Line{}, changes[0].Before)
	require.Equal(t, LineListed, changes[0].After.State)
	require.Empty(t, f.Changes(&listed))
	removed := f.Removed(&listed)
	require.Len(t, removed, 1)
	require.Equal(t, changes[0].After, removed[0])
	require.Len(t, none.Removed(&f), 4)
}
