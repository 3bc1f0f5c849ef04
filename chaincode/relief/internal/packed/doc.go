// Package packed writes records in few bytes and reads them again. A record names its fields once, in one order, for both ways:
// so what is written is what is read.
package packed
