// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// The functions that correct a batch.
var (
	PaymentRemoveLines = define[RemoveInput, Removal](Row{
		Name: "payment:RemoveLines", Act: relief.ActPaymentRemove, Zh: "移出明细", En: "take lines out",
		Doc: "By the preparer, of an open batch, 500 people at most. The slots are free again; a line is replaced by listing it " +
			"again. " +
			"`unknown` are the people of whom the batch has no line.",
	})
	PaymentSetControl = define[ControlInput, payment.Batch](Row{
		Name: "payment:SetControl", Act: relief.ActPaymentSetControl, Zh: "更正控制总数", En: "correct the control totals",
		Doc: "By the preparer, of an open batch.",
	})
	PaymentSendBack = define[SendBackInput, payment.Batch](Row{
		Name: "payment:SendBack", Act: relief.ActPaymentSendBack, Zh: "退回修改", En: "send back to be corrected",
		Doc: "A sealed batch by an official who may approve it, an approved or authorised one by an official who may authorise it. " +
			"The batch is open again with its lines; the reservation is free, approvals and payment file no longer count. Nobody who " +
			"ever prepared the batch approves it later.",
	})
	PaymentHandOver = define[HandOverInput, payment.Batch](Row{
		Name: "payment:HandOver", Act: relief.ActPaymentHandOver, Zh: "移交批次", En: "hand a batch over",
		Doc: "An open batch, by its preparer or by an official of the same agency who may approve it. `to` is the name of an official " +
			"of that agency, who prepares it from then on. SAME_PERSON for somebody who approved it before.",
	})
)

// MaxRemoved is the largest number of people whose lines are taken out at a time.
const MaxRemoved = 500

// RemoveInput names people whose lines are taken out of a batch.
type RemoveInput struct {
	Batch    relief.BatchID      `json:"batch"`
	Subjects []relief.SubjectRef `json:"subjects"`
}

// Removal says how many lines were taken out, and of whom the batch had none.
type Removal struct {
	Removed int                 `json:"removed"`
	Unknown []relief.SubjectRef `json:"unknown"`
}

// ControlInput has new control totals of a batch.
type ControlInput struct {
	ID relief.BatchID `json:"id"`
	payment.Control
}

// SendBackInput says why a batch is sent back.
type SendBackInput struct {
	ID     relief.BatchID `json:"id"`
	Reason string         `json:"reason"`
}

// HandOverInput says who prepares a batch from now on.
type HandOverInput struct {
	ID relief.BatchID `json:"id"`
	To string         `json:"to"`
}
