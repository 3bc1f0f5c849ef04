// Package payment holds payments (R21–R25): batches that two agencies approve, each person's payment for a period,
// packed in segments like those of the roll, the bank's answers, and the credits that receipts prove. It knows no files
// of a bank and no private details. The package imports relief, programme, wire, fund and roll, and not casework.
package payment
