// Package oversight holds what the ledger itself works out about payments for those who watch over them (R26, R34): the close of a
// month. It computes and decides nothing: no act of this package changes a roll, a payment or money.
package oversight
