// Package reseal keeps which sealed documents two officials have sealed again (重新封存), with the key of a later epoch: of each
// document the hash before and after. The contracts cannot read what is sealed: the gateway of the official who confirms seals
// the documents itself and compares. The package knows no document.
package reseal
