// Package fund follows the money of a programme (R33): tranches, and how much of each was allocated to lower regions,
// reserved by batches, paid, returned and refunded. The balances of a tranche always add up to the issued amount. The
// package moves amounts and knows no payments; it imports relief and programme.
package fund
