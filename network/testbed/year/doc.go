// Package year has an invented county live a budget year on a running network: twelve months of payments, and the things
// that happen to households, programmes and money meanwhile, each with its figures. It speaks REST only. After each month the
// ledger's books are compared with network/testbed/reckoning, which reckons them from what happened. scripts/demo --year
// tells the year, network/testbed/e2e tests it.
package year
