// Package standing knows whether a principal may act at all: whether the certificate with which the gateway signs for them
// has ended, and whether the agency has revoked it or retired them. It answers from memory. It follows the certificates'
// files and the ledger's entries of the agency's officials, and warns before a certificate ends. It decides nothing about
// duties.
package standing
