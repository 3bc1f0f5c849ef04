// Package faults breaks a running network in the ways that it claims to survive, while clients submit payments all the
// time. Then it counts on the ledger itself, on the peer of each agency: every acknowledged payment is there, none is
// there twice, and every sum is right. docs/reliability.md says what is run and what came out.
//
// The package is part of a test binary and never of a program.
package faults
