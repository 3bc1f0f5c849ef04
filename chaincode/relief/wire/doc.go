// Package wire is how the lines of a chunk travel in a transaction's transient map: two bytes of kind and version, then
// line after line, numbers as unsigned varints. It holds the limits of a chunk and what a contract answers to one.
// Packages roll and payment say what their own lines hold.
package wire
