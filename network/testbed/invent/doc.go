// Package invent makes up households, and the files of any length that a county sends about them, for tests and
// measurements. Household n is the same in every run; no two have the same identity number. The package does no input
// or output of its own beyond the writer that it is given.
package invent
