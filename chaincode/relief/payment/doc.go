// Package payment is what is paid: batches that two agencies approve, a person's payment of a period packed in segments
// like those of the roll, the bank's answers, and the credits that receipts are made of (R21–R25).
package payment
