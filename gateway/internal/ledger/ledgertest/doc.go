// Package ledgertest implements the ledger port over the contracts in memory, with faults that real networks have: a lost
// response although the act was done, or a submission that is acknowledged and lost. Only tests use it.
package ledgertest
