// Package screen carries out the rules of screening (风险筛查, R39, R40) on what the ledger says as of a block. An alert is a question to
// a named step and to whoever answers for it, never a decision: it names records, codes and numbers, and nobody by name. The same
// block gives the same bytes at every agency: integers and rationals only, no clock, no order of maps.
package screen
