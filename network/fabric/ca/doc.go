// Package ca configures an organisation's certificate authorities and enrols identities with them. One fabric-ca-server
// process serves three authorities with roots of their own: one for identities, one for the TLS of nodes and gateways, one
// for the TLS of who operates the nodes. Keys never leave the organisation's folder.
package ca
