// Package fund follows the money of a programme (R33): tranches, what was given to regions below, reserved by batches,
// paid, returned and given back. The balances of a tranche always add up to what was issued.
package fund
