// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/wire"
)

// The functions of reversals.
var (
	ReversalPropose = define[ProposeReversalInput, reversal.Reversal](Row{
		Name: "reversal:Propose", Act: relief.ActReversalPropose, Zh: "提请冲正银行结果", En: "propose a reversal",
		Doc: "Credits of a batch that the bank took back, and marks as returned that were wrong. Each item names an entry of a statement on " +
			"the ledger, whose amount is the transfer's: money in for what is returned, money out for what is credited. CONFLICT for an " +
			"entry that was used before, and for a payment that was paid again.",
	})
	ReversalConfirm = define[DecideReversalInput, reversal.Reversal](Row{
		Name: "reversal:Confirm", Act: relief.ActReversalConfirm, Zh: "确认冲正银行结果", En: "confirm a reversal",
		Transient: []string{wire.TransientSettlements},
		Doc: "`settlements` has the salts of the receipts of what becomes credited: an answer for each of those items, in their order. The " +
			"payments, the batch and its tranches change at once, all or nothing. More credited than is owed now opens an overpayment. " +
			"SAME_PERSON for the official who proposed it.",
	})
	ReversalWithdraw = define[ReversalInput, reversal.Reversal](Row{
		Name: "reversal:Withdraw", Act: relief.ActReversalWithdraw, Zh: "撤回冲正提请", En: "withdraw a reversal",
		Doc: "Of the caller's agency, while it is not decided.",
	})
	ReversalGet = define[ReversalInput, reversal.Reversal](Row{
		Name: "reversal:Get", Act: relief.ActRead, Zh: "查询冲正", En: "read a reversal", ReadOnly: true,
	})
	ReversalList = define[PageInput, Page[reversal.Reversal]](Row{
		Name: "reversal:List", Act: relief.ActRead, Zh: "冲正列表", En: "list reversals", ReadOnly: true,
		Doc: "May answer a short or empty page that has a `next`. A page has at most 20.",
	})
)

// MaxReversals bounds a page of reversals: each names up to 500 payments.
const MaxReversals = 20

// ProposeReversalInput proposes to change answers of the bank for payments of a batch.
type ProposeReversalInput struct {
	Batch relief.BatchID   `json:"batch"`
	Items []reversal.Named `json:"items"`
}

// DecideReversalInput confirms or refuses a reversal.
type DecideReversalInput struct {
	ID relief.ReversalID `json:"id"`
	reversal.Decision
}

// ReversalInput names a reversal.
type ReversalInput struct {
	ID relief.ReversalID `json:"id"`
}
