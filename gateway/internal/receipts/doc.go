// Package receipts makes receipts of payments that reached their accounts: one by one, and those of a list as pages of one document. It
// makes leaves again from the index and the keys of the salts, proves them by the log, and gives nothing that does not verify. Who may
// have a receipt it never decides.
package receipts
