// Package recorded reads ledgers that were recorded from real networks of earlier states of this program
// (network/testbed/recorded), and what gateways had written beside them. Only tests use it: what was written once can be read by every
// later version.
package recorded
