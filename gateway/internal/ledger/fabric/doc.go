// Package fabric implements the ledger port over Hyperledger Fabric. It is the gateway's only Fabric client. It talks to the
// agency's own peer, whose gateway service collects the endorsements and sends transactions to the orderers.
package fabric
