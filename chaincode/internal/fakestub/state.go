// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"slices"

	"github.com/tidwall/btree"
)

// entry is one key's committed value. Entries are never changed, only replaced, so readers may keep them.
type entry struct {
	key     string
	value   []byte
	policy  []byte // key-level endorsement policy
	version *Version
}

// table is an ordered map of keys. The zero value is empty; nil is empty and read-only.
type table struct {
	m btree.Map[string, *entry]
}

func (t *table) get(key string) *entry {
	if t == nil {
		return nil
	}
	e, _ := t.m.Get(key)
	return e
}

func (t *table) version(key string) *Version {
	if e := t.get(key); e != nil {
		return e.version
	}
	return nil
}

func (t *table) set(e *entry)      { t.m.Set(e.key, e) }
func (t *table) delete(key string) { t.m.Delete(key) }

// scanner reads a table's keys in order from start (included) to end (excluded, "" for no end).
type scanner struct {
	iter    btree.MapIter[string, *entry]
	start   string
	end     string
	started bool
	done    bool
}

func (t *table) scan(start, end string) *scanner {
	if t == nil {
		return &scanner{done: true}
	}
	return &scanner{iter: t.m.Iter(), start: start, end: end}
}

// next returns nil at the end.
func (s *scanner) next() *entry {
	if s.done {
		return nil
	}
	var ok bool
	if s.started {
		ok = s.iter.Next()
	} else {
		s.started = true
		ok = s.iter.Seek(s.start)
	}
	if !ok || (s.end != "" && s.iter.Key() >= s.end) {
		s.done = true
		return nil
	}
	return s.iter.Value()
}

// txRef is the place of a transaction in the blocks.
type txRef struct {
	block uint64
	tx    int
}

// peerStore holds the private values on the peer of one organisation, those of the collections of which it is a member.
type peerStore struct {
	tables  map[string]*table                    // by collection
	history map[string]map[string][]PrivateWrite // by collection and key
}

// state is the committed state: the public values and hashes, which are the same on every peer, and each peer's private
// values.
type state struct {
	public  table
	hashes  map[string]*table // by collection; keys are hashes, values are hashes
	history map[string][]txRef
	peers   map[string]*peerStore // by MSP id
}

func newState(orgs []string) *state {
	s := &state{hashes: map[string]*table{}, history: map[string][]txRef{}, peers: map[string]*peerStore{}}
	for _, org := range orgs {
		s.peers[org] = &peerStore{tables: map[string]*table{}, history: map[string]map[string][]PrivateWrite{}}
	}
	return s
}

// touched holds the keys that the earlier valid transactions of a block wrote. A read of one of them is a conflict even
// if the version is the same as before: a key may have been made and deleted within the block.
type touched map[string]struct{}

func (t touched) add(collection, key string) {
	if t != nil {
		t[collection+"\x00"+key] = struct{}{}
	}
}

func (t touched) has(collection, key string) bool {
	if len(t) == 0 {
		return false
	}
	_, ok := t[collection+"\x00"+key]
	return ok
}

// apply writes a valid transaction's write sets.
func (s *state) apply(tx *Tx, private []privateSet, members func(collection string) []string, at Version, seen touched) {
	v := &at
	s.applyPublic(tx, v, seen)
	for i := range private {
		p := &private[i]
		s.applyHashes(p, v, seen)
		for _, org := range members(p.collection) {
			if store := s.peers[org]; store != nil {
				store.apply(p, tx.ID, v)
			}
		}
	}
}

func (s *state) applyPublic(tx *Tx, v *Version, seen touched) {
	for _, w := range tx.Writes {
		s.history[w.Key] = append(s.history[w.Key], txRef{v.Block, v.Tx})
		seen.add("", w.Key)
		if w.IsDelete {
			s.public.delete(w.Key)
			continue
		}
		s.public.set(replace(s.public.get(w.Key), w.Key, w.Value, v))
	}
	for _, p := range tx.Policies {
		if setPolicy(&s.public, p.Key, p.Policy, v) {
			seen.add("", p.Key)
		}
	}
}

func (s *state) applyHashes(p *privateSet, v *Version, seen touched) {
	t := s.hashes[p.collection]
	if t == nil {
		t = &table{}
		s.hashes[p.collection] = t
	}
	for _, w := range p.writes {
		seen.add(p.collection, w.keyHash)
		if w.isDelete {
			t.delete(w.keyHash)
			continue
		}
		t.set(replace(t.get(w.keyHash), w.keyHash, w.valueHash, v))
	}
	for _, pol := range p.policies {
		if setPolicy(t, pol.keyHash, pol.policy, v) {
			seen.add(p.collection, pol.keyHash)
		}
	}
}

// replace is a new value of a key, with the policy of the old one.
func replace(old *entry, key string, value []byte, v *Version) *entry {
	e := &entry{key: key, value: value, version: v}
	if old != nil {
		e.policy = old.policy
	}
	return e
}

// setPolicy does nothing for a key that does not exist.
func setPolicy(t *table, key string, policy []byte, v *Version) bool {
	old := t.get(key)
	if old == nil {
		return false
	}
	t.set(&entry{key: key, value: old.value, policy: policy, version: v})
	return true
}

func (p *peerStore) apply(set *privateSet, txID string, v *Version) {
	t := p.tables[set.collection]
	if t == nil {
		t = &table{}
		p.tables[set.collection] = t
		p.history[set.collection] = map[string][]PrivateWrite{}
	}
	history := p.history[set.collection]
	for _, w := range set.writes {
		switch {
		case w.isPurge:
			t.delete(w.key)
			delete(history, w.key)
			continue
		case w.isDelete:
			t.delete(w.key)
		default:
			t.set(&entry{key: w.key, value: w.value, version: v})
		}
		history[w.key] = append(history[w.key], PrivateWrite{TxID: txID, Version: *v, IsDelete: w.isDelete, Value: w.value})
	}
	for _, pol := range set.policies { // a policy raises the version of the hash, so that of the value must follow
		if old := t.get(pol.key); old != nil {
			t.set(&entry{key: pol.key, value: old.value, version: v})
		}
	}
}

// write finds the write of a key in a transaction.
func (tx *Tx) write(key string) *KVWrite {
	i, ok := slices.BinarySearchFunc(tx.Writes, key, func(w KVWrite, k string) int {
		switch {
		case w.Key < k:
			return -1
		case w.Key > k:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &tx.Writes[i]
}
