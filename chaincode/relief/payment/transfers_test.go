package payment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A person's payments of a batch are one transfer, named by the first one: of the earliest period, and there the ordinary one.
func TestTransfers(t *testing.T) {
	paid := func(number uint32, period string, attempt uint8, kind relief.PaymentKind, amount, deducted relief.Fen) Payment {
		p, err := relief.ParsePeriod(period)
		require.NoError(t, err)
		return Payment{
			ID:     relief.PaymentID{Programme: "dibao", County: "530181", Number: number, Period: p, Attempt: attempt},
			Number: number, Period: p, Attempt: attempt, Kind: kind, Amount: amount, Deducted: deducted, State: "credited", Batch: "b",
		}
	}
	transfers := Transfers([]Payment{
		paid(8, "2026-07", 1, relief.PaymentRegular, 48000, 10000),
		paid(7, "2026-07", 1, relief.PaymentRegular, 100000, 0),
		paid(7, "2026-02", 2, relief.PaymentTopUp, 4000, 0),
		paid(7, "2026-01", 2, relief.PaymentTopUp, 4000, 0),
		paid(7, "2026-01", 3, relief.PaymentArrears, 96000, 0),
	})
	require.Len(t, transfers, 2)
	first := &transfers[0]
	require.Equal(t, "dibao-530181-0000007-202601-3", first.ID.String())
	require.EqualValues(t, 204000, first.Transferred)
	require.Equal(t, []string{"202601-3", "202601-2", "202602-2", "202607-1"}, ends(first.Payments))
	require.EqualValues(t, 38000, transfers[1].Transferred)
	require.EqualValues(t, 10000, transfers[1].Deducted)
	require.Empty(t, Transfers(nil))
}

func ends(payments []Payment) (ends []string) {
	for i := range payments {
		ends = append(ends, payments[i].ID.String()[len("dibao-530181-0000007-"):])
	}
	return ends
}
