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
	FundRefund = define[RefundInput, fund.Tranche](Row{
		Name: "fund:Refund", Act: relief.ActFundRefund, Zh: "资金退回", En: "refund",
		Doc: "The money goes back to where it came from.",
	})
	FundClose = define[TrancheInput, fund.Tranche](Row{
		Name: "fund:Close", Act: relief.ActFundClose, Zh: "资金结清", En: "close a tranche",
		Doc: "What is available is refunded. PENDING while anything is reserved or in return.",
	})
	FundGet = define[TrancheInput, fund.Tranche](Row{
		Name: "fund:Get", Act: relief.ActRead, Zh: "查询资金", En: "read a tranche", ReadOnly: true,
	})
	FundList = define[PageInput, Page[fund.Tranche]](Row{
		Name: "fund:List", Act: relief.ActRead, Zh: "资金列表", En: "list tranches", ReadOnly: true,
	})
)

// RefundInput says how much of a tranche goes back, and why.
type RefundInput struct {
	ID     relief.TrancheID `json:"id"`
	Amount relief.Fen       `json:"amount"`
	Reason string           `json:"reason"`
}

// TrancheInput names a tranche.
type TrancheInput struct {
	ID relief.TrancheID `json:"id"`
}
