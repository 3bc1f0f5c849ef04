// Package enrolment has officials certified who come in for the first time: it makes their keys, asks the agency's registration
// authority for certificates with the secret of the operator's invitation, and keeps both, the keys encrypted. It registers nobody
// and decides nothing: without an invitation nobody enrols, and what an official may do the ledger says.
package enrolment
