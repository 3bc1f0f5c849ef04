// Package admin speaks to the peers and orderers of a running network as one of the organisations' identities: it joins
// peers to the channel, reads blocks, and has functions of the chaincode evaluated, endorsed or committed. Every organisation's
// own peer is asked, never one for all. It starts no node and decides nothing about what a function may do.
package admin
