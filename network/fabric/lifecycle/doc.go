// Package lifecycle puts chaincode on the channel: it makes the package, installs it on each peer, approves the definition
// for each organisation and commits it. It does not run the chaincode; each organisation runs its own.
package lifecycle
