// Package bankapi answers finance's paths for the bank: payment files, the bank's messages, entries that match no payment, and
// the reports that say whether all of it ties out. At any other agency's gateway its paths are closed.
package bankapi
