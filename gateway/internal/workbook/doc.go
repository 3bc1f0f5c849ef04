// Package workbook reads lists out of Excel workbooks (ECMA-376): it finds the sheet that has the list and writes it as CSV, each row on the
// line of its number. Workbooks come from outside: bounds hold their bytes, what they unpack to, and their columns. What a cell means, its
// callers say.
package workbook
