// Package thirdparty has tests alone: libraries that nobody of this project wrote read its payment files, receipts and checkpoints.
// They share no code with it; what the compact leaf of a receipt says is read here as docs/guides/receipts.md describes it.
package thirdparty
