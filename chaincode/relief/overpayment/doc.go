// Package overpayment keeps what people were paid too much (多发款): the record of a roll entry of which more was credited than is
// owed, and how that is settled, by money that comes back, by deductions from later payments, or by writing it off. What is
// outstanding is worked out each time from what was credited and what is owed: a payment that comes back lowers it by itself.
//
// The package pays nobody and moves no money: it says which payments and tranches a recovery falls to. It reads no roll and no
// lines; its callers bring what these say.
package overpayment
