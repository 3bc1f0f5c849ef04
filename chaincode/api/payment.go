// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
)

// The functions of batches and payments.
var (
	PaymentOpen = define[payment.BatchTerms, payment.Batch](Row{
		Name: "payment:Open", Act: relief.ActPaymentOpen, Zh: "建立批次", En: "open a batch",
		Doc: "Draws on one `tranche`, or on several `sources` of one dedicated account, by weights or in an order with caps " +
			"([adr/0056](adr/0056-several-sources-a-batch.md)). Nothing is reserved yet. With `earlier_from` it may hold payments of up to 36 " +
			"periods before its accounting period.",
	})
	PaymentAddLines = define[ChunkInput, wire.ChunkResult](Row{
		Name: "payment:AddLines", Act: relief.ActPaymentAdd, Zh: "录入名单", En: "list payments", Transient: []string{wire.TransientLines},
	})
	PaymentAddDue = define[DueInput, payment.DueResult](Row{
		Name: "payment:AddDue", Act: relief.ActPaymentAdd, Zh: "列入应发", En: "list what is owed",
		Doc: "The contract lists what is owed to the people of 1 to 4 segments and is in no batch: regular payments, arrears, top-ups and grants; " +
			"in a batch that pays again, what came back ([adr/0069](adr/0069-payments-of-earlier-periods-and-transfers.md)). " +
			"`refused` is what is owed and cannot be listed, with the reason.",
	})
	PaymentSeal = define[BatchInput, payment.Batch](Row{
		Name: "payment:Seal", Act: relief.ActPaymentSeal, Zh: "封存名单", En: "seal the list",
		Doc: "The control sum is reserved in the tranche, or in each source its share, once. TOTALS when count or sum differ from the " +
			"control totals, FUNDS when a tranche has less available.",
	})
	PaymentApprove = define[BatchInput, payment.Batch](Row{
		Name: "payment:Approve", Act: relief.ActPaymentApprove, Zh: "民政审批", En: "approve (civil affairs)",
		Doc: "SAME_PERSON for the official who prepared the batch.",
	})
	PaymentMakeFile = define[payment.FileTerms, payment.Batch](Row{
		Name: "payment:MakeFile", Act: relief.ActPaymentMakeFile, Zh: "制作支付文件", En: "make the payment file",
		Doc: "After the approval of civil affairs, before that of finance. TOTALS unless the file's count and sum are those of the batch's transfers. " +
			"Another file takes its place until the bank is instructed, and needs an authorisation of its own.",
	})
	PaymentAuthorise = define[AuthoriseInput, payment.Batch](Row{
		Name: "payment:Authorise", Act: relief.ActPaymentAuthorise, Zh: "财政审批", En: "approve (finance)",
		Transient: []string{wire.TransientSettlements},
		Doc: "Names the payment file by its SHA-256: PENDING when there is none, CONFLICT when it is another. " +
			"SAME_PERSON for everybody who had a hand in the batch or made a file for it. Where all of a person's payments is deducted, they " +
			"are credited: `settlements`, which only such a batch has, brings the salts of their receipts. CONFLICT when less is owed now.",
	})
	PaymentInstruct = define[BatchInput, payment.Batch](Row{
		Name: "payment:Instruct", Act: relief.ActPaymentInstruct, Zh: "发出支付指令", En: "instruct the bank",
		Doc: "By the payment file that finance authorised. LATE when its execution day is past.",
	})
	PaymentTakeBack = define[TakeBackInput, payment.Batch](Row{
		Name: "payment:TakeBack", Act: relief.ActPaymentTakeBack, Zh: "申请收回支付文件", En: "ask to take the payment file back",
		Doc: "The bank rejected the file as a whole, or it is recalled. WRONG_STATE when a payment has an answer of the bank.",
	})
	PaymentConfirmTakeBack = define[BatchInput, payment.Batch](Row{
		Name: "payment:ConfirmTakeBack", Act: relief.ActPaymentConfirmTakeBack, Zh: "确认收回支付文件", En: "confirm that the payment file is taken back",
		Doc: "SAME_PERSON for the official who asked. The batch is approved again, without a file; no payment counts as returned.",
	})
	PaymentSettle = define[ChunkInput, wire.ChunkResult](Row{
		Name: "payment:Settle", Act: relief.ActPaymentSettle, Zh: "登记银行结果", En: "record the bank's answers",
		Transient: []string{wire.TransientSettlements},
		Doc: "Each answer comes with the salt of its receipt. A credit makes the leaf of its receipt " +
			"([adr/0021](adr/0021-leaves-on-the-ledger.md)). Of people with several payments in the batch, an answer is for the whole transfer: " +
			"its number and its sum, with the salts of all receipts.",
	})
	PaymentTally = define[BatchInput, payment.Batch](Row{
		Name: "payment:Tally", Act: relief.ActPaymentTally, Zh: "结果入账", En: "tally",
		Doc: "What is settled is folded into the totals of the batch and into its tranche.",
	})
	PaymentCancel = define[CancelInput, payment.Batch](Row{
		Name: "payment:Cancel", Act: relief.ActPaymentCancel, Zh: "取消批次", En: "cancel a batch",
		Doc: "The reservation is free. Not after the bank was instructed.",
	})
	PaymentClose = define[BatchInput, payment.Batch](Row{
		Name: "payment:Close", Act: relief.ActPaymentClose, Zh: "批次结清", En: "close a batch",
		Doc: "What was returned is available again. PENDING while a line has no answer.",
	})
	PaymentGet = define[BatchInput, payment.Batch](Row{
		Name: "payment:Get", Act: relief.ActRead, Zh: "查询批次", En: "read a batch", ReadOnly: true,
	})
	PaymentList = define[BatchFilter, Page[payment.Batch]](Row{
		Name: "payment:List", Act: relief.ActRead, Zh: "批次列表", En: "list batches", ReadOnly: true,
		Doc: "May answer a short or empty page that has a `next`.",
	})
	PaymentLines = define[LinesInput, Lines](Row{
		Name: "payment:Lines", Act: relief.ActRead, Zh: "查询分段名单", En: "read a batch's payments in a segment", ReadOnly: true,
	})
	PaymentSlots = define[SlotsInput, Slots](Row{
		Name: "payment:Slots", Act: relief.ActRead, Zh: "查询分段当期支付", En: "read a segment's payments of a period", ReadOnly: true,
		Doc: "Of every batch.",
	})
	PaymentPayment = define[PaymentInput, payment.Payment](Row{
		Name: "payment:Payment", Act: relief.ActRead, Zh: "查询支付", En: "read a payment", ReadOnly: true,
	})
)

// ChunkInput names the batch that a chunk of the transient map is for.
type ChunkInput struct {
	Batch relief.BatchID `json:"batch"`
	Each  bool           `json:"each,omitempty"` // the result says what became of each line
}

// Told is a chunk's result as the caller asked for it.
func (in ChunkInput) Told(result wire.ChunkResult) wire.ChunkResult {
	if !in.Each {
		result.Outcomes = nil
	}
	return result
}

// DueInput names segments of the roll, ascending, of which what is owed is listed in a batch.
type DueInput struct {
	Batch    relief.BatchID `json:"batch"`
	Segments []uint32       `json:"segments"`
}

// BatchInput names a batch.
type BatchInput struct {
	ID relief.BatchID `json:"id"`
}

// AuthoriseInput says which payment file of a batch finance approves.
type AuthoriseInput struct {
	ID         relief.BatchID `json:"id"`
	FileSHA256 string         `json:"file_sha256"`
}

// TakeBackInput says why a batch's payment file is taken back.
type TakeBackInput struct {
	ID     relief.BatchID `json:"id"`
	Reason string         `json:"reason"`
}

// CancelInput says why a batch is given up.
type CancelInput struct {
	ID     relief.BatchID `json:"id"`
	Reason string         `json:"reason"`
}

// BatchFilter asks for a page of batches.
type BatchFilter struct {
	PageInput
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	Period    relief.Period      `json:"period,omitzero"`
	State     payment.BatchState `json:"state,omitempty"`
}

// LinesInput names a batch and a segment of the roll.
type LinesInput struct {
	Batch   relief.BatchID `json:"batch"`
	Segment uint32         `json:"segment"`
}

// Lines are a batch's payments in one segment.
type Lines struct {
	Lines []payment.Payment `json:"lines"`
}

// SlotsInput names a segment of a roll and a period.
type SlotsInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	Segment   uint32             `json:"segment"`
}

// Slots are a segment's payments of one period, of every batch: what a bank's statement is held against.
type Slots struct {
	Slots []payment.Slot `json:"slots"`
}

// PaymentInput names a payment.
type PaymentInput struct {
	ID relief.PaymentID `json:"id"`
}
