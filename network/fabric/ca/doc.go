// Package ca configures an organisation's certificate authorities and enrols identities with them. One fabric-ca-server
// process serves two authorities with roots of their own, one for identities and one for TLS. Keys never leave the
// organisation's folder.
package ca
