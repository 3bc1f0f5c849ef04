// SPDX-License-Identifier: Apache-2.0

// Package randomacts does random acts on a ledger in memory: sensible ones, and ones with a field, a number or a byte that is not
// what it should be. It is for tests that hold every reader of the ledger against what the contracts accept.
package randomacts
