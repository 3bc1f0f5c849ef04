// Package reference makes the references that stand for people on the ledger. Agencies share the keys, one an epoch: a person whom
// the ledger knows keeps the reference under which it does, and somebody new gets one of the epoch that the registry names. The
// package keeps no identity number.
package reference
