// Package erasures has a gateway's places erase what the ledger has erased: it follows the index and tells each place of every
// transaction that erased private details, whichever agency's official confirmed it, once the block is there. A gateway that was
// away goes on where it was. It decides nothing: what is erased stands on the ledger.
package erasures
