package thirdparty

import (
	"encoding/xml"
	"fmt"
	"math"
	"testing"

	"github.com/moov-io/iso20022/pkg/pain_v10"
	"github.com/stretchr/testify/require"
)

// Another library of ISO 20022 reads a payment file: its number and sum are those of its payments, and nothing is lost. Its Validate is
// asked of the head alone: of a payment it wants all members of an XSD choice at once.
func TestMoovReadsPaymentFiles(t *testing.T) {
	document := read(t, "../../gateway/bankfile/testdata/pain.001.001.10.golden.xml")
	var file struct {
		XMLName xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:pain.001.001.10 Document"`
		Message pain_v10.CustomerCreditTransferInitiationV10
	}
	require.NoError(t, xml.Unmarshal(document, &file))
	head := file.Message.GrpHdr
	require.NoError(t, head.Validate())
	require.EqualValues(t, "RT-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0001", head.MsgId)
	require.Len(t, file.Message.PmtInf, 1)
	block := file.Message.PmtInf[0]
	require.EqualValues(t, head.NbOfTxs, fmt.Sprint(len(block.CdtTrfTxInf)))
	require.Equal(t, head.CtrlSum, block.CtrlSum)
	fen := 0
	for i, tx := range block.CdtTrfTxInf {
		require.EqualValues(t, fmt.Sprintf("dibao-530181-%07d-202611-1", i+1), tx.PmtId.EndToEndId)
		require.EqualValues(t, "CNY", tx.Amt.InstdAmt.Ccy)
		name := map[bool]string{true: `欧阳<"&'>𠮷`, false: "张某某"}[i == 4]
		require.EqualValues(t, name, *tx.Cdtr.Nm)
		fen += int(math.Round(tx.Amt.InstdAmt.Value * 100)) // the library has floats
	}
	require.Equal(t, int(math.Round(head.CtrlSum*100)), fen)
}
