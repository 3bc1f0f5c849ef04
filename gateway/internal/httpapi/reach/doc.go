// Package reach holds what handlers read from the index to the caller's region. It is the one place of the gateway that
// decides it: handlers get the index through this package only, and a read without a caller is refused. The contracts
// hold the same rule for what is asked of the peer.
package reach
