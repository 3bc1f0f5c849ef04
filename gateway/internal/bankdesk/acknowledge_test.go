package bankdesk

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/payment"
)

// report is a status report on the payment file with a message id. The bank states what is in stated.
func report(id, original, stated string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-11-29T10:00:00+08:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>%s</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.10</OrgnlMsgNmId>%s</OrgnlGrpInfAndSts>
</CstmrPmtStsRpt></Document>`, id, original, stated)
}

func (w *world) reasons(message Message) (reasons []Reason) {
	for _, x := range w.exceptions(Filter{File: message.ID}) {
		require.EqualValues(w.t, "b-11", x.Batch)
		reasons = append(reasons, x.Reason)
	}
	return reasons
}

// What the bank acknowledges is held against the file that was sent.
func TestAcknowledgements(t *testing.T) {
	w := newWorld(t)
	w.makeFile()
	replaced := w.batch().File.MessageID
	w.instruct()
	sent := w.batch().File.MessageID
	require.NotEqual(t, replaced, sent)
	const totals = "<OrgnlNbOfTxs>300</OrgnlNbOfTxs><OrgnlCtrlSum>347310.00</OrgnlCtrlSum>"
	for i, c := range []struct {
		original, stated string
		want             []Reason
	}{
		{sent, totals + "<GrpSts>ACTC</GrpSts>", nil},
		{sent, "<GrpSts>ACTC</GrpSts>", nil},
		{sent, "<OrgnlNbOfTxs>299</OrgnlNbOfTxs><GrpSts>PART</GrpSts>", []Reason{FileDiffers, "not-listed"}},
		{sent, "<OrgnlNbOfTxs>300</OrgnlNbOfTxs><OrgnlCtrlSum>347310.01</OrgnlCtrlSum>", []Reason{FileDiffers}},
		{replaced, totals, []Reason{UnknownFile}},
		{sent, totals + "<GrpSts>RJCT</GrpSts>", []Reason{"group-rejected"}},
	} {
		m := w.work(report(fmt.Sprint("STS-", i), c.original, c.stated))
		require.Equal(t, c.want, w.reasons(m), "%d", i)
		require.Equal(t, len(c.want), m.Counts.Exceptions)
	}
	m := w.work(report("STS-other", "SOMEBODY-ELSE", totals))
	require.Len(t, w.exceptions(Filter{File: m.ID, Reason: UnknownFile}), 1)
	require.Equal(t, 300, m.Received.Count)
	require.Equal(t, payment.State("instructed"), w.state(w.payments[0].ID), "a file that is rejected returns no payment")
}

// A file that was rejected as a whole is taken back, and the batch goes out again with another file.
func TestARejectedFileGoesOutAgain(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	first := w.batch().File.MessageID
	reject := "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DT01</Cd></Rsn></StsRsnInf>"
	require.Equal(t, []Reason{"group-rejected"}, w.reasons(w.work(report("STS-1", first, reject))))
	w.act("finance-preparer", "payment:TakeBack", object{"id": "b-11", "reason": "银行整批退回 DT01"})
	w.act("finance-approver", "payment:ConfirmTakeBack", object{"id": "b-11"})
	require.Equal(t, []Reason{UnknownFile}, w.reasons(w.work(report("STS-2", first, "<GrpSts>ACTC</GrpSts>"))), "it is with the bank no more")
	w.instruct()
	second := w.batch().File.MessageID
	require.NotEqual(t, first, second)
	require.Empty(t, w.reasons(w.work(report("STS-3", second, "<OrgnlNbOfTxs>300</OrgnlNbOfTxs><GrpSts>ACTC</GrpSts>"))))
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	require.Equal(t, 1, w.work(s.Document()).Counts.Settled)
}

// Each part of a payment file is acknowledged by itself.
func TestAcknowledgementsOfParts(t *testing.T) {
	w := newWorld(t)
	w.settings.MaxTransactions = 130
	w.restart()
	w.instruct()
	last := partID(w.batch().File.MessageID, 2)
	require.Empty(t, w.reasons(w.work(report("STS-1", last, "<OrgnlNbOfTxs>40</OrgnlNbOfTxs>"))))
	require.Equal(t, []Reason{FileDiffers}, w.reasons(w.work(report("STS-2", last, "<OrgnlNbOfTxs>130</OrgnlNbOfTxs>"))))
}

// A file that finance makes with other software is acknowledged too.
func TestAcknowledgementOfAFileFromElsewhere(t *testing.T) {
	w := newWorld(t)
	f := w.desk.NewFile(w.batch(), "2026-11-30")
	f.MessageID = "ELSEWHERE-1"
	require.NoError(t, w.desk.RememberFile("b-11", &f))
	hash := hexSum([]byte("a file"))
	w.act("finance-preparer", "payment:MakeFile", payment.FileTerms{ID: "b-11", FileSHA256: hash, File: f})
	w.act("finance-approver", "payment:Authorise", object{"id": "b-11", "file_sha256": hash})
	w.act("finance-preparer", "payment:Instruct", object{"id": "b-11"})
	require.Empty(t, w.reasons(w.work(report("STS-1", "ELSEWHERE-1", "<OrgnlNbOfTxs>300</OrgnlNbOfTxs>"))))
}
