// Package resealing knows all that is sealed of a county: it visits the sealed documents, says under the key of which epoch each is,
// and seals them again with the key in use. It neither proposes nor confirms anything, and keeps nothing.
package resealing
