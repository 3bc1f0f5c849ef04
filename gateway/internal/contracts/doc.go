// Package contracts is the gateway's typed client of the chaincode: a function of the table in chaincode/api is called with
// the argument and answers with the answer that its row says, so that no name and no field is written as text. Package
// ledger carries the calls.
package contracts
