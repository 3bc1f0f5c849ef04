package bankdesk

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/seal"
)

// A payment file has one transfer a person: named by the first payment, less what is deducted, without who gets nothing.
func TestAFileHasOneTransferAPerson(t *testing.T) {
	line := func(id string, kind relief.PaymentKind, amount, deducted relief.Fen) payeecheck.Line {
		parsed, err := relief.ParsePaymentID(id)
		require.NoError(t, err)
		return payeecheck.Line{
			Payment: payment.Payment{ID: parsed, Number: parsed.Number, Period: parsed.Period, Attempt: parsed.Attempt, Kind: kind, Amount: amount, Deducted: deducted},
			Person:  seal.Person{Name: "孟华", Account: "6230599083016613184", Bank: "农村信用社"},
		}
	}
	var lines []payeecheck.Line
	for _, month := range []string{"01", "02", "03", "04", "05", "06"} {
		lines = append(lines, line("dibao-530181-0000007-2026"+month+"-2", relief.PaymentTopUp, 4000, 0))
	}
	lines = append(lines, line("dibao-530181-0000007-202607-1", relief.PaymentRegular, 100000, 0),
		line("dibao-530181-0000008-202607-1", relief.PaymentRegular, 48000, 10000),
		line("dibao-530181-0000009-202607-1", relief.PaymentRegular, 48000, 48000))
	d := &Desk{options: Options{Settings: Settings{Remittance: RemittanceZh}}}
	transfers := d.fileTransfers(lines)
	require.Len(t, transfers, 2)
	require.Equal(t, "dibao-530181-0000007-202601-2", transfers[0].ID.String())
	require.EqualValues(t, 124000, transfers[0].Amount)
	require.Equal(t, "dibao 2026-07 及补差2026-01至06", transfers[0].Text)
	require.Equal(t, "孟华", transfers[0].Name)
	require.EqualValues(t, 38000, transfers[1].Amount)
	require.Equal(t, "dibao 2026-07，抵扣100.00", transfers[1].Text)
}

// Transfers are counted by what became of them; a transfer of nothing is not the bank's.
func TestTransfersAreCounted(t *testing.T) {
	var a Amounts
	for _, transfer := range []payment.Transfer{
		{Transferred: 124000, State: "credited"}, {Transferred: 100, State: "returned"}, {Transferred: 10, State: "reversed"},
		{Transferred: 1, State: "instructed"}, {Transferred: 0, State: "credited"},
	} {
		a.count(&transfer)
	}
	require.Equal(t, Amounts{Instructed: Tally{4, 124111}, Credited: Tally{1, 124000}, Returned: Tally{2, 110}, Pending: Tally{1, 1}}, a)
	require.True(t, a.holds())
}
