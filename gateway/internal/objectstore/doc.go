// Package objectstore keeps files under the SHA-256 of their content, encrypted at rest (age, X25519). Reading an object
// checks its hash again, so a caller gets what was put or an error. It knows nothing of what the files are.
package objectstore
