// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// The functions of shared accounts.
var (
	RollDeclareAccount = define[roll.AccountTerms, roll.SharedAccount](Row{
		Name: "roll:DeclareAccount", Act: relief.ActRollDeclareAccount, Zh: "声明共用账户", En: "declare a shared account",
		Doc: "Proposes that several people may be paid to one account, an institution's or a guardian's. The account is its tag.",
	})
	RollConfirmAccount = define[roll.AccountDecision, roll.SharedAccount](Row{
		Name: "roll:ConfirmAccount", Act: relief.ActRollConfirmAccount, Zh: "确认共用账户", En: "confirm a shared account",
		Doc: "Puts the declaration with this `sha256` in force, or refuses it. SAME_PERSON for the official who proposed it.",
	})
	RollEndAccount = define[EndAccountInput, roll.SharedAccount](Row{
		Name: "roll:EndAccount", Act: relief.ActRollEndAccount, Zh: "终止共用账户", En: "end a shared account",
		Doc: "Batches that are sealed already are paid.",
	})
	RollSharedAccounts = define[TagsInput, DeclaredAccounts](Row{
		Name: "roll:SharedAccounts", Act: relief.ActRead, Zh: "查询共用账户声明", En: "read which accounts are declared as shared", ReadOnly: true,
		Doc: "Of at most 500 tags of accounts, those that a declaration in force names, in the order of the tags.",
	})
)

// EndAccountInput ends a declaration.
type EndAccountInput struct {
	ID     relief.AccountID `json:"id"`
	Reason string           `json:"reason"`
}

// MaxTags bounds the tags of one question.
const MaxTags = 500

// TagsInput names accounts by their tags.
type TagsInput struct {
	Tags []relief.Tag `json:"tags"`
}

// DeclaredAccounts are declarations in force.
type DeclaredAccounts struct {
	Accounts []roll.DeclaredAccount `json:"accounts"`
}
