// Package app puts a gateway together from its settings and runs it. It is the only package that knows all parts of the
// gateway; it decides nothing about payments, cases or callers.
package app
