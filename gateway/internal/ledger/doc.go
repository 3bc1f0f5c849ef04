// Package ledger is the port to the ledger: what the gateway needs of one, without any Fabric type. Package ledger/fabric is
// the only Fabric client; ledger/ledgertest implements the port over the contracts in memory.
package ledger
