// Package wire is the form in which the lines of a chunk travel in a transaction's transient map: two bytes of kind and
// version, then line after line, with numbers as unsigned varints. It holds the limits of a chunk and the result that a
// contract returns. It does not know what a line says: packages roll and payment encode their own lines.
package wire
