// Package founding founds the registry of a new network and puts the organisations' cosigning keys on the ledger: the first
// agency proposes and every other agency agrees, each by its own registrar's signature; then each agency's registrar registers its officials. It changes nothing that is on the
// ledger already.
package founding
