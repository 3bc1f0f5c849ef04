// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
)

// The functions of overpayments.
var (
	OverpaymentRecover = define[RecoverInput, Overpayment](Row{
		Name: "overpayment:Recover", Act: relief.ActOverpaymentRecover, Zh: "登记多发款追回", En: "propose a recovery",
		Doc: "Money that came back for what was paid too much, any part of it, by an `entry` of a bank's statement. The same entry is " +
			"not recovered twice: CONFLICT.",
	})
	OverpaymentConfirmRecovery = define[DecideMeasureInput, Overpayment](Row{
		Name: "overpayment:ConfirmRecovery", Act: relief.ActOverpaymentConfirmRecovery, Zh: "确认多发款追回", En: "confirm a recovery",
		Doc: "The tranches that paid have the money again: the oldest period first, within a payment by its shares of sources. Of a closed " +
			"tranche the one above it has it. SAME_PERSON for the official who proposed it.",
	})
	OverpaymentDeduct = define[DeductInput, Overpayment](Row{
		Name: "overpayment:Deduct", Act: relief.ActOverpaymentDeduct, Zh: "提请抵扣多发款", En: "propose deductions",
		Doc: "At most `amount` of each month's payment is not transferred, from the period `from` on, until nothing is outstanding; 0.00 " +
			"ends the deductions in force.",
	})
	OverpaymentConfirmDeduction = define[DecideMeasureInput, Overpayment](Row{
		Name: "overpayment:ConfirmDeduction", Act: relief.ActOverpaymentConfirmDeduction, Zh: "确认抵扣多发款", En: "confirm deductions",
		Doc: "The lists from then on deduct. SAME_PERSON for the official who proposed them.",
	})
	OverpaymentWriteOff = define[WriteOffInput, Overpayment](Row{
		Name: "overpayment:WriteOff", Act: relief.ActOverpaymentWriteOff, Zh: "提请核销多发款", En: "propose to write an overpayment off",
		Doc: "Gives up a part of what is outstanding, or all of it, by the number of a document.",
	})
	OverpaymentConfirmWriteOff = define[DecideMeasureInput, Overpayment](Row{
		Name: "overpayment:ConfirmWriteOff", Act: relief.ActOverpaymentConfirmWriteOff, Zh: "确认核销多发款", En: "confirm a write-off",
		Doc: "FORBIDDEN for an official of the agency that proposed it.",
	})
	OverpaymentWithdraw = define[MeasureInput, Overpayment](Row{
		Name: "overpayment:Withdraw", Act: relief.ActOverpaymentWithdraw, Zh: "撤回多发款处理提请", En: "withdraw a measure of an overpayment",
		Doc: "Of the caller's agency, while it is not decided.",
	})
	OverpaymentGet = define[OverpaymentInput, Overpayment](Row{
		Name: "overpayment:Get", Act: relief.ActRead, Zh: "查询多发款", En: "read an overpayment", ReadOnly: true,
	})
	OverpaymentList = define[OverpaymentFilter, Page[Overpayment]](Row{
		Name: "overpayment:List", Act: relief.ActRead, Zh: "多发款列表", En: "list overpayments", ReadOnly: true,
		Doc: "May answer a short or empty page that has a `next`. A page has at most 100.",
	})
)

// MaxOverpayments bounds a page of overpayments: each is worked out from its payments.
const MaxOverpayments = 100

// OverpaymentState says whether anything of an overpayment is outstanding.
type OverpaymentState string

// The states of an overpayment.
const (
	OverpaymentOpen    OverpaymentState = "open"
	OverpaymentSettled OverpaymentState = "settled"
)

// Overpayment is an overpayment with how it stands.
type Overpayment struct {
	overpayment.Overpayment
	State OverpaymentState `json:"state"`
	overpayment.Standing
	OpenedOn relief.Day `json:"opened_on"` // the day of the first act that left too much paid
	Days     int        `json:"days"`      // since then
}

// OverpaymentInput names an overpayment.
type OverpaymentInput struct {
	ID relief.OverpaymentID `json:"id"`
}

// RecoverInput proposes a recovery.
type RecoverInput struct {
	ID     relief.OverpaymentID `json:"id"`
	Amount relief.Fen           `json:"amount"`
	Entry  overpayment.Entry    `json:"entry"`
}

// DeductInput proposes deductions.
type DeductInput struct {
	ID     relief.OverpaymentID `json:"id"`
	Amount relief.Fen           `json:"amount"` // a month
	From   relief.Period        `json:"from"`
}

// WriteOffInput proposes a write-off.
type WriteOffInput struct {
	ID       relief.OverpaymentID `json:"id"`
	Amount   relief.Fen           `json:"amount"`
	Document string               `json:"document"`
}

// DecideMeasureInput confirms or refuses a measure.
type DecideMeasureInput struct {
	ID relief.OverpaymentID `json:"id"`
	overpayment.Decision
}

// MeasureInput names a measure of an overpayment.
type MeasureInput struct {
	ID      relief.OverpaymentID `json:"id"`
	Measure int                  `json:"measure"`
}

// OverpaymentFilter asks for a page of overpayments.
type OverpaymentFilter struct {
	PageInput
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	Region    relief.Region      `json:"region,omitempty"` // in a region or inside it
	State     OverpaymentState   `json:"state,omitempty"`
}
