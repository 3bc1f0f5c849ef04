// Package retention proposes the erasures that are due: from time to time it asks the ledger of everybody who has left whether the
// retention that the programme states is over, and proposes the erasure in the name of one of the gateway's principals. Another
// official confirms each; the package erases nothing.
package retention
