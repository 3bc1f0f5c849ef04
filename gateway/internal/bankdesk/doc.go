// Package bankdesk is finance's desk for the paying bank: it makes the payment files of batches and keeps them
// encrypted, takes the bank's messages in, has the answers in them recorded through settlement jobs, keeps a list of
// what did not match until finance has worked through it, and reports whether instructions, answers and statements
// tie out.
//
// The desk never writes to the ledger itself and keeps nothing personal in the clear.
package bankdesk
