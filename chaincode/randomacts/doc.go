// SPDX-License-Identifier: Apache-2.0

// Package randomacts has random officials do random acts on a ledger: sensible ones, and ones by somebody else or with a field, a
// number or a byte that is not what it should be. It is for tests that hold the rules of the ledger, and every reader of it, against
// what the contracts accept. It does not know which ledger it is: one in memory, or a network.
package randomacts
