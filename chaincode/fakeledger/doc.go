// SPDX-License-Identifier: Apache-2.0

// Package fakeledger runs the contracts on a ledger in memory, in one process and in microseconds: three organisations,
// each with an endorsing peer. It is for tests of code that calls the ledger, such as the gateway; the product never
// links it. The package is the door to chaincode/internal/fakestub, which says what the fake keeps of Fabric and what
// it leaves out.
package fakeledger
