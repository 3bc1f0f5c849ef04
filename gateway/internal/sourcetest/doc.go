// Package sourcetest reads the Go source of the gateway for tests that hold each text in it against a rule. It is for
// tests only.
package sourcetest
