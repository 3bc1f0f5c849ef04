// Package reversal keeps what two officials of finance change of the bank's recorded answers (冲正): a credit that the bank took
// back, and a return mark that was wrong. Each change names the entry of a bank's statement that says so. The package moves no
// money and reads no statement and no lines; its callers bring what these say.
package reversal
