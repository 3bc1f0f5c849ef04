// Package fabrictest gives the tests of the packages beside it an enrolled organisation without a certificate authority:
// roots, certificates and keys made in memory and put where the topology says. No program links it.
package fabrictest
