package index

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// What is packed of rows is read again as it was, and nothing of what is cut off.
func TestPackedRows(t *testing.T) {
	quarter, err := relief.ParsePeriod("2026-Q3")
	require.NoError(t, err)
	rows := []oversight.Row{
		{
			Amount: 62_000, Class: "A", Deducted: 100, Kind: relief.PaymentTopUp, Leaf: strings.Repeat("0f", 32), PaidOn: "2026-11-09",
			Period: relief.MonthPeriod(2026*12 + 10), Persons: 3, Schema: oversight.RowSchema,
		},
		{Class: "Z", Leaf: strings.Repeat("a0", 32), PaidOn: "2027-01-01", Period: quarter, Persons: 1, Schema: oversight.RowSchema},
	}
	listed := ListedRows{rows, []uint32{7, 1_000_000}}
	packed := listed.pack()
	again, err := unpackRows(packed)
	require.NoError(t, err)
	require.Equal(t, listed, again)
	_, err = unpackRows(packed[:len(packed)-1])
	require.ErrorIs(t, err, errRows)
	_, err = unpackRows(packed[:hashSize])
	require.ErrorIs(t, err, errRows)
}

// Of a list that there is not, there are no rows.
func TestNoList(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, ledgertest.New(t).Gateway(fakeledger.Audit))
		rows, err := ix.ListRows(t.Context(), "dibao", "530181", relief.MonthPeriod(2026*12+10), "530181001001")
		require.NoError(t, err)
		require.Empty(t, rows.Rows)
	})
}
