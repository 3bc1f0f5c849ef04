// Package printer prints what happens on a network, step by step, in words that a civil servant reads.
package printer
