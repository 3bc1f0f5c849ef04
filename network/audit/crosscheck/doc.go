// Package crosscheck verifies a channel's blocks without trusting the peer that serves them. It works out the hash
// chain, the signatures, the validation flags and the money from the blocks alone and compares the copies of all
// organisations.
//
// It knows Fabric's messages and file formats and calls nothing of a peer's code. It reads the ledger's values with
// chaincode/relief: a mistake in how that package unpacks a value would be a mistake here, too.
package crosscheck
