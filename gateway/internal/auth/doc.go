// Package auth finds out who is calling: a bearer token names a principal, and a principal is an enrolled identity of the
// ledger. It keeps hashes of tokens only, and reads a token's file again when it changes. What a principal may do is decided
// by the contracts, from the principal's certificate and entry; auth asks package standing whether they may act at all.
package auth
