// Package table writes lists as files: each list is described once, by its columns, and is then written as CSV (RFC 4180), as
// newline-delimited JSON, or as a workbook of Excel. It never reads a list, and it never lets a text of a list become a formula.
// docs/lists.md is the page about the formats.
package table
