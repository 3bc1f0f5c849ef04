// Package bankfile writes the payment files for the paying bank and reads the bank's messages: ISO 20022 (pain.001 out;
// pain.002, camt.053 and camt.054 in), MT940 and configurable CSV lists. It turns bytes into values and values into bytes; it asks
// nobody and keeps nothing.
//
// The bank's files come from outside. Limits bound their size, depth, texts and number of entries; files with a document
// type or entities are refused; and no error repeats anything of a file's content.
package bankfile
