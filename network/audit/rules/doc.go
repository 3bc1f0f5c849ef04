// Package rules holds what must be true of the ledger after every transaction: of money, payments, rolls, people and officials. It
// is for an auditor, and for tests that hold the contracts against it. It works the rules out from the values alone, in the order
// of the ledger, and never asks the contracts; it knows no Fabric.
package rules
