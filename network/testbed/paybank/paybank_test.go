package paybank

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/bankfile/banktest"
)

// TestStatements: what the demonstration's bank writes is what the official schema allows.
func TestStatements(t *testing.T) {
	s := New("NX-1", 7, "5301810100000088", "2026-11-09", 100)
	s.Pay("dibao-530181-0000001-202611-1", 62000)
	s.Pay("not a payment's id", 1)
	s.Return("dibao-530181-0000001-202611-1", 62000, "AC04")
	require.EqualValues(t, 99, s.Closing)
	s.Pay("dibao-530181-0000002-202611-1", 62000)
	require.Negative(t, s.Closing)
	banktest.Validate(t, s.Document())
	banktest.Validate(t, New("NX-2", 8, "5301810100000088", "2026-11-10", s.Closing).Document())
}

func TestWrongPaymentFilesAreRefused(t *testing.T) {
	for name, document := range map[string]string{
		"no XML": "x",
		"an amount that is none": `<Document><CstmrCdtTrfInitn><GrpHdr><NbOfTxs>1</NbOfTxs></GrpHdr><PmtInf><CdtTrfTxInf>` +
			`<Amt><InstdAmt>1,00</InstdAmt></Amt></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>`,
		"another number": `<Document><CstmrCdtTrfInitn><GrpHdr><NbOfTxs>1</NbOfTxs><CtrlSum>0.00</CtrlSum></GrpHdr></CstmrCdtTrfInitn></Document>`,
	} {
		_, err := Read([]byte(document))
		require.Error(t, err, name)
	}
}
