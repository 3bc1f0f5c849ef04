package rest

import (
	"encoding/csv"
	"io"
	"strings"
)

// byteOrderMark tells a spreadsheet that a CSV file is in UTF-8.
const byteOrderMark = "\ufeff"

// NewCSV begins a CSV file that a spreadsheet opens as it is: with a byte order mark, a header, and lines that end in CRLF.
// The caller flushes it; Error has what went wrong.
func NewCSV(out io.Writer, header ...string) *csv.Writer {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	header = append([]string{byteOrderMark + header[0]}, header[1:]...)
	_ = w.Write(header)
	return w
}

// SpreadsheetSafe keeps a text of a caller's file from being taken for a formula.
func SpreadsheetSafe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
