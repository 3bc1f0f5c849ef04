// Package index keeps the ledger's history in SQL: every version of every record with its transaction, author, endorsers,
// time and validity. It takes them from the blocks of the agency's own peer and never writes to the ledger. An index can
// be deleted and built again from the ledger, and has the same content afterwards. docs/search-index.md describes its
// tables.
package index
