// SPDX-License-Identifier: Apache-2.0

// Package contract puts the domain (chaincode/relief) on a ledger. There is a contract for each subject; each of its methods
// is one row of the table in chaincode/api. A method reads its argument, asks whether the caller has the duty, reads records,
// lets the domain decide, and has stored what the domain decided; nothing is decided here. Package uow is the only way to
// the ledger.
//
// It is the only package that imports contractapi.
package contract
