// Package feed answers the paths of the feed: what the ledger's transactions have written, in the ledger's order, in pages and as server-sent
// events. It tells that a record was written and never what is in it: who may read the record reads it at its own path.
package feed
