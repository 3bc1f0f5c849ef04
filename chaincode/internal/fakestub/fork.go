// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"maps"
	"slices"
)

// Fork gives a second ledger with the same blocks, state, faults and clock. What is committed to one of the two is not seen
// in the other, so a test may try several acts on one situation.
func (l *Ledger) Fork() *Ledger {
	l.mu.Lock() // copying a table changes it
	defer l.mu.Unlock()
	l.clock.mu.Lock()
	defer l.clock.mu.Unlock()
	return &Ledger{
		cc: l.cc, orgs: l.orgs, endorsers: l.endorsers, collections: l.collections,
		clock:  clock{now: l.clock.now, step: l.clock.step, writes: l.clock.writes, queries: l.clock.queries},
		state:  l.state.fork(),
		blocks: slices.Clip(l.blocks), // the next block goes into another array
		txs:    maps.Clone(l.txs),
		faults: maps.Clone(l.faults),
	}
}

func (s *state) fork() *state {
	f := &state{
		hashes: forkTables(s.hashes), history: make(map[string][]txRef, len(s.history)), peers: make(map[string]*peerStore, len(s.peers)),
	}
	f.public.m = *s.public.m.Copy()
	for key, refs := range s.history {
		f.history[key] = slices.Clip(refs)
	}
	for org, store := range s.peers {
		p := &peerStore{tables: forkTables(store.tables), history: make(map[string]map[string][]PrivateWrite, len(store.history))}
		for collection, keys := range store.history {
			p.history[collection] = make(map[string][]PrivateWrite, len(keys))
			for key, versions := range keys {
				p.history[collection][key] = slices.Clip(versions)
			}
		}
		f.peers[org] = p
	}
	return f
}

func forkTables(tables map[string]*table) map[string]*table {
	f := make(map[string]*table, len(tables))
	for collection, t := range tables {
		f[collection] = &table{m: *t.m.Copy()}
	}
	return f
}
