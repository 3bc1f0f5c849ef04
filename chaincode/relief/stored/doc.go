// Package stored reads every kind of value on the ledger. There is one reader a kind, and all use it: the contracts before they
// store a value, the index and the cross-check before they rely on one, and the repair of a corrupt value. It decides nothing
// about a value that can be read.
package stored
