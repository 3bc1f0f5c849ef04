// Package draw draws units from closed months so that nobody chooses whom is looked at (R29 to R32): what is drawn follows from a frame that
// the ledger fixes and from numbers that the agencies committed to before. It computes and decides nothing about a person or money.
package draw
