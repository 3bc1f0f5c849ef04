// Package translog keeps the transparency log of one agency: the RFC 6962 tree over the leaf hashes of all credited payments
// in ledger order, as the agency's gateway derives it from its own peer; the checkpoints that this agency signs and those
// that all agencies have cosigned (C2SP tlog-checkpoint, tlog-cosignature); and the tiles (C2SP tlog-tiles). It never signs a
// state that contradicts one it has signed before.
package translog
