// Package csvfile reads CSV files as spreadsheets, banks and departments write them: several encodings, line ends and
// delimiters, quotes where none may be, empty cells and rows at the ends. It turns a file into records of cells and knows
// nothing of what they mean. A fault of a line stays in that line: no quote swallows the lines after it.
package csvfile
