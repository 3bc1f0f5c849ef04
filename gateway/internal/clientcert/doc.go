// Package clientcert knows systems by their TLS certificates: those of one authority, which its revocation list does not name. TLS
// has verified that the system holds the key. The package follows the list's file; what a system may do it does not know.
package clientcert
