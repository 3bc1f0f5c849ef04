// Package receiptprint makes what citizens are handed: a receipt as a QR code and as a page to print, and the list of a village for its
// board. It checks neither; the caller verifies them first.
package receiptprint
