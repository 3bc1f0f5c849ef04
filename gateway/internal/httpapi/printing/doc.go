// Package printing takes the order for the receipts of a list, one a page, as a job, and gives the pages to who ordered them. That they are
// given is recorded as a reading.
package printing
