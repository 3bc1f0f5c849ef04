// Package reckoning reckons a county's books from the list of what happened: who was on which roll at what amount, what
// the bank was told and answered, what came back. It is a second opinion on the ledger. It links the standard library
// only and shares no code with the product, so that a mistake in the rules of money shows as a difference.
package reckoning
