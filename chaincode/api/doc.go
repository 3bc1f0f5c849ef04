// SPDX-License-Identifier: Apache-2.0

// Package api is the surface of the chaincode as data: one row for each function, with its argument, its answer, the act
// that it is, its words in Chinese and English and the keys of the transient map. The contracts dispatch by it, clients
// call by it, and docs/contracts.md and the chaincode's metadata are printed from it.
//
// It imports the domain and the standard library only. It decides nothing and reads no ledger.
package api
