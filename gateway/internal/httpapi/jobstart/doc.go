// Package jobstart begins jobs that have no file, once for each idempotency key. It never decides whether a caller may begin one: the
// handlers ask the contracts before.
package jobstart
