// Package payeecheck reads whom a batch pays, and whom a published list names. It opens the private details of each payee and compares
// them with the tags on the ledger, which the approvals are bound to: civil affairs does it before it approves and when it prints a
// list, finance before it makes the payment file. It writes nothing and keeps nothing.
package payeecheck
