// Package records answers reads of programmes, tranches, batches, payments, subject references and transactions, their trails
// and who holds which duty, and takes the acts on programmes, tranches and batches. Reads come from the index; an act goes to
// the contracts, which alone decide.
package records
