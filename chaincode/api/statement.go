// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
)

// The functions of bank statements.
var (
	StatementRecord = define[RecordStatementInput, statement.Statement](Row{
		Name: "statement:Record", Act: relief.ActStatementRecord, Zh: "登记银行对账单", En: "record a bank's statement",
		Doc: "Its balances, the sums of payments in it, and every other entry with what it is. Payments and entries lead from the opening " +
			"to the closing balance. Recorded again with the same hash it is classified in another way; CONFLICT with another hash, " +
			"unless it was withdrawn.",
	})
	StatementConfirm = define[DecideStatementInput, statement.Statement](Row{
		Name: "statement:Confirm", Act: relief.ActStatementConfirm, Zh: "确认对账单分类", En: "confirm what a statement's entries are",
		Doc: "`sha256` is the proposal's. From then on the entries count in the account's expected balance. SAME_PERSON for the official " +
			"who recorded it.",
	})
	StatementWithdraw = define[WithdrawStatementInput, statement.Statement](Row{
		Name: "statement:Withdraw", Act: relief.ActStatementWithdraw, Zh: "提请撤销对账单", En: "propose to withdraw a statement",
		Doc: "A statement that is wrong, so that a corrected one can take its place.",
	})
	StatementConfirmWithdrawal = define[DecideStatementInput, statement.Statement](Row{
		Name: "statement:ConfirmWithdrawal", Act: relief.ActStatementConfirmWithdrawal, Zh: "确认撤销对账单", En: "confirm a statement's withdrawal",
		Doc: "`sha256` is the statement's. SAME_PERSON for the official who proposed it.",
	})
	StatementGet = define[StatementInput, statement.Statement](Row{
		Name: "statement:Get", Act: relief.ActRead, Zh: "查询对账单", En: "read a bank's statement", ReadOnly: true,
	})
	StatementList = define[PageInput, Page[statement.Statement]](Row{
		Name: "statement:List", Act: relief.ActRead, Zh: "对账单列表", En: "list bank statements", ReadOnly: true,
	})
	StatementAccount = define[TrancheInput, AccountBalance](Row{
		Name: "statement:Account", Act: relief.ActRead, Zh: "专户余额核对", En: "reconcile a dedicated account", ReadOnly: true,
		Doc: "The balance that a tranche's account should have: what its tranches have available, reserved and in return, with the " +
			"confirmed entries of its statements; and how far the last statement's closing balance is from it.",
	})
)

// RecordStatementInput records a statement of a tranche's account.
type RecordStatementInput struct {
	Tranche relief.TrancheID `json:"tranche"`
	statement.Content
	statement.Classification
}

// DecideStatementInput confirms or refuses what was proposed for a statement.
type DecideStatementInput struct {
	ID relief.StatementID `json:"id"`
	statement.Decision
}

// WithdrawStatementInput proposes to withdraw a statement.
type WithdrawStatementInput struct {
	ID     relief.StatementID `json:"id"`
	Reason string             `json:"reason"`
}

// StatementInput names a statement.
type StatementInput struct {
	ID relief.StatementID `json:"id"`
}

// AccountBalance is how a tranche's account stands.
type AccountBalance struct {
	statement.Account
	Region relief.Region `json:"region"` // of the tranche that was asked for
}
