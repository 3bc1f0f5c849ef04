// Package paybank plays the paying bank in the demonstration and in the whole-system tests. It reads a payment file as
// a bank does and answers it with account statements (camt.053.001.08). It shares no code with the gateway, so that a
// mistake in the gateway's reading or writing of bank files shows.
package paybank
