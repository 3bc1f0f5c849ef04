// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// The functions of funds.
var (
	FundIssue = define[fund.TrancheTerms, fund.Tranche](Row{
		Name: "fund:Issue", Act: relief.ActFundIssue, Zh: "下达资金", En: "issue funds",
	})
	FundAllocate = define[fund.Allocation, fund.Tranche](Row{
		Name: "fund:Allocate", Act: relief.ActFundAllocate, Zh: "资金下拨", En: "allocate funds",
		Doc: "Gives part of a tranche to a region below it; answers the child tranche.",
	})
	FundTopUp = define[TopUpInput, fund.Tranche](Row{
		Name: "fund:TopUp", Act: relief.ActFundTopUp, Zh: "提请追加资金", En: "propose to top a tranche up",
		Doc: "By the number of a document. Of an allocated tranche the money comes from the one above, of an issued one from outside.",
	})
	FundTakeBack = define[TakeBackFundsInput, fund.Tranche](Row{
		Name: "fund:TakeBack", Act: relief.ActFundTakeBack, Zh: "提请收回资金", En: "propose to take money of a tranche back",
		Doc: "What is available and came from the tranche above, which then has it available again and has allocated so much less.",
	})
	FundCarryOver = define[CarryOverInput, fund.Tranche](Row{
		Name: "fund:CarryOver", Act: relief.ActFundCarryOver, Zh: "提请结转资金", En: "propose to carry money over",
		Doc: "To a tranche of the next fiscal year that pays for the same programmes and covers the region. A tranche is carried over to " +
			"one only. What comes back after it is closed goes there, too.",
	})
	FundRefund = define[RefundInput, fund.Tranche](Row{
		Name: "fund:Refund", Act: relief.ActFundRefund, Zh: "提请退回资金", En: "propose a refund",
		Doc: "The money of an issued tranche goes back to where it came from. The reason is kept.",
	})
	FundConfirm = define[DecideAdjustmentInput, fund.Tranche](Row{
		Name: "fund:Confirm", Act: relief.ActFundConfirm, Zh: "确认资金调整", En: "confirm an adjustment of a tranche",
		Doc: "Or refuses it, with a reason. The official's region covers both tranches. SAME_PERSON for the official who proposed it.",
	})
	FundWithdraw = define[AdjustmentInput, fund.Tranche](Row{
		Name: "fund:Withdraw", Act: relief.ActFundWithdraw, Zh: "撤回资金调整提请", En: "withdraw an adjustment of a tranche",
		Doc: "Of the caller's agency, while it is not decided.",
	})
	FundClose = define[TrancheInput, fund.Tranche](Row{
		Name: "fund:Close", Act: relief.ActFundClose, Zh: "资金结清", En: "close a tranche",
		Doc: "PENDING while anything is available, reserved or in return: closing moves nothing.",
	})
	FundSignYearEnd = define[SignYearEndInput, fund.YearEnd](Row{
		Name: "fund:SignYearEnd", Act: relief.ActFundSignYearEnd, Zh: "签署决算", En: "sign the year's end",
		Doc: "Once an agency, each by its own official; with the third signature the year's end is signed. CONFLICT when the list no longer " +
			"has the digest. Signatures of another list do not count.",
	})
	FundYearEnd = define[YearEndInput, YearEnd](Row{
		Name: "fund:YearEnd", Act: relief.ActRead, Zh: "查询决算", En: "read the year's end", ReadOnly: true,
		Doc: "The list as it is now, its digest, and what was signed.",
	})
	FundGet = define[TrancheInput, fund.Tranche](Row{
		Name: "fund:Get", Act: relief.ActRead, Zh: "查询资金", En: "read a tranche", ReadOnly: true,
	})
	FundList = define[PageInput, Page[fund.Tranche]](Row{
		Name: "fund:List", Act: relief.ActRead, Zh: "资金列表", En: "list tranches", ReadOnly: true,
	})
)

// TopUpInput says how much a tranche gets in addition, by which document and why.
type TopUpInput struct {
	ID       relief.TrancheID `json:"id"`
	Amount   relief.Fen       `json:"amount"`
	Document string           `json:"document"`
	Reason   string           `json:"reason"`
}

// TakeBackFundsInput says how much the tranche above takes back, and why.
type TakeBackFundsInput struct {
	ID       relief.TrancheID `json:"id"`
	Amount   relief.Fen       `json:"amount"`
	Document string           `json:"document,omitempty"`
	Reason   string           `json:"reason"`
}

// CarryOverInput says how much of a tranche goes to which tranche of the next year, and why.
type CarryOverInput struct {
	ID       relief.TrancheID `json:"id"`
	To       relief.TrancheID `json:"to"`
	Amount   relief.Fen       `json:"amount"`
	Document string           `json:"document,omitempty"`
	Reason   string           `json:"reason"`
}

// RefundInput says how much of a tranche goes back, and why.
type RefundInput struct {
	ID       relief.TrancheID `json:"id"`
	Amount   relief.Fen       `json:"amount"`
	Document string           `json:"document,omitempty"`
	Reason   string           `json:"reason"`
}

// DecideAdjustmentInput confirms or refuses an adjustment.
type DecideAdjustmentInput struct {
	ID relief.TrancheID `json:"id"`
	fund.Decision
}

// AdjustmentInput names an adjustment of a tranche.
type AdjustmentInput struct {
	ID         relief.TrancheID `json:"id"`
	Adjustment int              `json:"adjustment"`
}

// TrancheInput names a tranche.
type TrancheInput struct {
	ID relief.TrancheID `json:"id"`
}

// YearEndInput names a year's end.
type YearEndInput struct {
	ID relief.YearEndID `json:"id"`
}

// SignYearEndInput signs the list with a digest.
type SignYearEndInput struct {
	ID     relief.YearEndID `json:"id"`
	SHA256 string           `json:"sha256"`
}

// YearEnd is the list of a year's end as it is now, and as it was signed.
type YearEnd struct {
	fund.YearEndList
	SHA256  string        `json:"sha256"`
	Signed  *fund.YearEnd `json:"signed,omitempty"`  // the list that was signed last, with its signatures; nil for none
	Missing []string      `json:"missing,omitempty"` // the agencies that have not signed the list as it is now
}
