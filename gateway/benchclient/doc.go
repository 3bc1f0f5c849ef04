// Package benchclient calls the ledger in the name of a gateway's principals without going through the gateway: it uses the
// gateway's Fabric client and settings, but not its outbox. network/testbed/bench measures with it what the gateway adds.
package benchclient
