// Package form checks the form of texts and lists: digits, letters, digests, repetitions. It serves the packages of the domain
// alone, knows none of them, and says nothing of meaning.
package form
