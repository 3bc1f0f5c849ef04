// Package statement keeps what the bank's statements say of the dedicated accounts (对账单): their balances, the sums of payments
// in them, and every other entry with what finance says that it is. It works out the balance that an account should have by its
// tranches and those entries, and how far the bank's is from it. The package moves no money.
package statement
