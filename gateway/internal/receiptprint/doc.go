// Package receiptprint makes what a citizen is handed: a receipt as a QR code and as a page to print. It does not check the receipt;
// the caller verifies it first.
package receiptprint
