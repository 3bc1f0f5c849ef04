// Command bench measures the whole system on a network of its own. Each figure is measured in the same run as the
// simpler program that it is compared with. The command prints a table and writes a JSON file; docs/performance.md says
// how to read them. Contracts and gateways run as programs; of the gateway's code only gateway/benchclient is called,
// for figures of the ledger port without HTTP.
package main
