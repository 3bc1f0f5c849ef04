package roll

import "relieftrail/chaincode/relief"

// AccountState is the state of a shared account's declaration.
type AccountState string

// The states of a declaration.
const (
	AccountProposed AccountState = "proposed"
	AccountDeclared AccountState = "declared"
	AccountRefused  AccountState = "refused"
	AccountEnded    AccountState = "ended"
)

// A confirmation has a row for each outcome.
const (
	actConfirmAccount relief.Act = "roll.confirm_account (agreed)"
	actRefuseAccount  relief.Act = "roll.confirm_account (refused)"
)

// AccountTransitions is the life cycle of a shared account's declaration.
var AccountTransitions = []relief.Transition[AccountState]{
	{From: AccountProposed, Act: actConfirmAccount, To: AccountDeclared, Why: "by another official: several people of a batch may be paid to it"},
	{From: AccountProposed, Act: actRefuseAccount, To: AccountRefused, Why: "not agreed with"},
	{From: AccountDeclared, Act: relief.ActRollEndAccount, To: AccountEnded, Why: "the next batch that pays several people to it is not sealed"},
}
