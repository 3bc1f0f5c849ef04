// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// TxResult is the result of a proposal in its block.
type TxResult struct {
	TxID   string
	Code   peer.TxValidationCode
	Block  uint64
	Number int // position in the block
}

// Err is nil for a valid transaction, else *CommitError.
func (r TxResult) Err() error {
	if r.Code == peer.TxValidationCode_VALID {
		return nil
	}
	return &CommitError{TxID: r.TxID, Code: r.Code, Block: r.Block}
}

// Commit puts the proposals into one block, in their order, and returns the result of each. Without proposals it makes
// no block.
func (l *Ledger) Commit(proposals ...*Proposal) []TxResult {
	if len(proposals) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	block := &Block{Number: uint64(len(l.blocks)), Txs: make([]Tx, len(proposals))}
	results := make([]TxResult, len(proposals))
	var seen touched
	if len(proposals) > 1 {
		seen = touched{}
	}
	for i, p := range proposals {
		tx := &block.Txs[i]
		*tx = p.tx
		tx.Number = i
		tx.Code = l.validate(p, seen)
		if tx.Code == peer.TxValidationCode_VALID {
			l.state.apply(tx, p.private, l.members, Version{Block: block.Number, Tx: i}, seen)
		}
		if _, ok := l.txs[tx.ID]; !ok {
			l.txs[tx.ID] = txRef{block.Number, i}
		}
		results[i] = TxResult{TxID: tx.ID, Code: tx.Code, Block: block.Number, Number: i}
	}
	l.blocks = append(l.blocks, block)
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
	return results
}

// validate checks a transaction against the state that the transactions before it have left.
func (l *Ledger) validate(p *Proposal, seen touched) peer.TxValidationCode {
	if p.ledger != l {
		return peer.TxValidationCode_TARGET_CHAIN_NOT_FOUND
	}
	if _, ok := l.txs[p.tx.ID]; ok {
		return peer.TxValidationCode_DUPLICATE_TXID
	}
	for _, r := range p.tx.Reads {
		if seen.has("", r.Key) || !sameVersion(l.state.public.version(r.Key), r.Version) {
			return peer.TxValidationCode_MVCC_READ_CONFLICT
		}
	}
	for i := range p.tx.Ranges {
		if !l.unchanged(&p.tx.Ranges[i]) {
			return peer.TxValidationCode_PHANTOM_READ_CONFLICT
		}
	}
	for _, c := range p.tx.Private {
		for _, r := range c.Reads {
			key := string(r.KeyHash)
			if seen.has(c.Collection, key) || !sameVersion(l.state.hashes[c.Collection].version(key), r.Version) {
				return peer.TxValidationCode_MVCC_READ_CONFLICT
			}
		}
	}
	return peer.TxValidationCode_VALID
}

// unchanged runs a range query again and reports whether it gives the same. A query that was not read to its end is run
// up to the last key that was read.
func (l *Ledger) unchanged(r *RangeRead) bool {
	end := r.End
	if !r.Exhausted {
		end += "\x00" // the first key after it, so that the last key is included
	}
	s := l.state.public.scan(r.Start, end)
	for _, read := range r.Reads {
		e := s.next()
		if e == nil || e.key != read.Key || !sameVersion(e.version, read.Version) {
			return false
		}
	}
	return s.next() == nil
}
