package bankdesk

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
)

// carried is a transfer of payments, written KIND PERIOD.
func carried(t *testing.T, parts ...string) *payment.Transfer {
	t.Helper()
	transfer := &payment.Transfer{ID: relief.PaymentID{Programme: "dibao"}}
	for _, part := range parts {
		word, text, _ := strings.Cut(part, " ")
		kind, err := relief.ParsePaymentKind(word)
		require.NoError(t, err)
		period, err := relief.ParsePeriod(text)
		require.NoError(t, err)
		transfer.Payments = append(transfer.Payments, payment.Payment{Kind: kind, Period: period})
	}
	return transfer
}

func TestATransferSaysWhatItCarries(t *testing.T) {
	for _, c := range []struct {
		zh, ascii string
		parts     []string
	}{
		{"dibao 2026-07", "dibao 2026-07", []string{"regular 2026-07"}},
		{
			"dibao 2026-07 及补差2026-01至06", "dibao 2026-07 + top-up 2026-01/06",
			[]string{"top_up 2026-01", "top_up 2026-02", "top_up 2026-03", "top_up 2026-04", "top_up 2026-05", "top_up 2026-06", "regular 2026-07"},
		},
		{
			"dibao 2026-04 及补发2026-02至03", "dibao 2026-04 + arrears 2026-02/03",
			[]string{"arrears 2026-02", "arrears 2026-03", "regular 2026-04"},
		},
		{
			"dibao 补发2025-12至2026-01、2026-03 及补差2025-11", "dibao arrears 2025-12/2026-01 2026-03 + top-up 2025-11",
			[]string{"top_up 2025-11", "arrears 2025-12", "arrears 2026-01", "arrears 2026-03"},
		},
		{"dibao 一次性2026-07", "dibao grant 2026-07", []string{"grant 2026-07", "grant 2026-07"}},
		{"dibao 2026-Q3 及补差2026-Q1至Q2", "dibao 2026-Q3 + top-up 2026-Q1/Q2", []string{"top_up 2026-Q1", "top_up 2026-Q2", "regular 2026-Q3"}},
	} {
		transfer := carried(t, c.parts...)
		require.Equal(t, c.zh, RemittanceZh.text(transfer))
		require.Equal(t, c.ascii, RemittanceASCII.text(transfer))
		transfer.Deducted = 10000
		require.Equal(t, c.zh+"，抵扣100.00", RemittanceZh.text(transfer))
		require.Equal(t, c.ascii+", less 100.00", RemittanceASCII.text(transfer))
	}
}

// However much a transfer carries, the bank's field holds what it says.
func TestALongTextNamesBounds(t *testing.T) {
	var parts []string
	for month := 2023 * 12; month < 2026*12; month += 2 {
		parts = append(parts, "arrears "+relief.MonthPeriod(month).String(), "top_up "+relief.MonthPeriod(month+1).String())
	}
	transfer := carried(t, parts...)
	require.Equal(t, "dibao 补发2023-01至2025-11共18期 及补差2023-02至2025-12共18期", RemittanceZh.text(transfer))
	require.Equal(t, "dibao arrears 2023-01/2025-11 (18) + top-up 2023-02/2025-12 (18)", RemittanceASCII.text(transfer))
	for n := range parts {
		for _, l := range []Remittance{RemittanceZh, RemittanceASCII} {
			require.LessOrEqual(t, utf8.RuneCountInString(l.text(carried(t, parts[:n+1]...))), bankfile.MaxText)
		}
	}
}
