package casework

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/seal"
)

// termsBody are the terms of a re-check as they are sent: which values they may have, the contract says.
type termsBody struct {
	Class   string `json:"class"`
	Persons int    `json:"persons"`
	Amount  string `json:"amount"`
}

// reviewBody is a re-check as it is sent; its facts are sealed before it goes to the contract.
type reviewBody struct {
	Finding string     `json:"finding"`
	Terms   *termsBody `json:"terms,omitempty"`
	Members []string   `json:"members,omitempty"` // references
	Reason  string     `json:"reason,omitempty"`
	// From is the first month of the new terms; one of the past has a reason and the number of a paper.
	From       relief.Period `json:"from,omitzero"`
	FromReason string        `json:"from_reason,omitempty"`
	Document   string        `json:"document,omitempty"`
	// Facts are what the household says about itself now: sealed, and its members are those of a change.
	Facts *seal.Facts `json:"facts,omitempty"`
}

// reviewArgument is a re-check as the contract takes it.
type reviewArgument struct {
	api.CaseInput
	reviewBody
	roll.Payee // whom the facts name
}
