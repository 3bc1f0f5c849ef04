// Package boltstore is the gateway's embedded store: one bbolt file, used by one process at a time, with typed
// buckets that keep values under text keys in the order of the keys' bytes.
//
// Every change is on disk (fsync) before the call that makes it returns. The package never interprets what it stores:
// its users declare their buckets and the form of the values, JSON or bytes.
package boltstore
