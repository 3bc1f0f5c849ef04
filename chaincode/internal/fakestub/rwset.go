// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
)

// rwset collects the reads and writes of a simulation.
type rwset struct {
	reads       map[string]*Version
	writes      map[string][]byte // an empty value is a delete
	policies    map[string][]byte
	ranges      []*RangeRead
	collections map[string]*privateRW

	wrote, queriedPrivate, paginated bool
}

type privateRW struct {
	reads    map[string]*Version
	writes   map[string]privateValue
	policies map[string][]byte
}

type privateValue struct {
	value []byte // empty: a delete
	purge bool
}

// privateSet is the private part of a transaction, which members receive beside the block.
type privateSet struct {
	collection string
	writes     []privateWrite
	policies   []privatePolicy
}

type privateWrite struct {
	key, keyHash      string
	value, valueHash  []byte
	isDelete, isPurge bool
}

type privatePolicy struct {
	key, keyHash string
	policy       []byte
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = make(map[string]V, 4)
	}
	(*m)[key] = v
}

func (rw *rwset) private(collection string) *privateRW {
	p := rw.collections[collection]
	if p == nil {
		p = &privateRW{}
		put(&rw.collections, collection, p)
	}
	return p
}

// sorted turns a map into a slice in the order of its keys.
func sorted[V, T any](m map[string]V, item func(key string, v V) T) []T {
	switch len(m) {
	case 0:
		return nil
	case 1:
		for k, v := range m {
			return []T{item(k, v)}
		}
	}
	out := make([]T, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, item(k, m[k]))
	}
	return out
}

// fill writes the sets in their canonical order.
func (rw *rwset) fill(out *outcome) {
	tx := &out.tx
	tx.Reads = sorted(rw.reads, func(k string, v *Version) KVRead { return KVRead{k, v} })
	tx.Writes = sorted(rw.writes, func(k string, v []byte) KVWrite { return KVWrite{k, len(v) == 0, v} })
	tx.Policies = sorted(rw.policies, func(k string, v []byte) PolicyWrite { return PolicyWrite{k, v} })
	tx.Ranges = rw.distinctRanges()
	if len(rw.collections) == 0 {
		return
	}
	out.private = sorted(rw.collections, func(name string, p *privateRW) privateSet { return p.set(name) })
	i := 0
	tx.Private = sorted(rw.collections, func(name string, p *privateRW) CollectionHashes {
		i++
		return p.hashes(name, out.private[i-1])
	})
}

// distinctRanges keeps the first of queries over the same range, as a peer does.
func (rw *rwset) distinctRanges() []RangeRead {
	var out []RangeRead
	for _, r := range rw.ranges {
		same := func(o RangeRead) bool { return o.Start == r.Start && o.End == r.End && o.Exhausted == r.Exhausted }
		if !slices.ContainsFunc(out, same) {
			out = append(out, *r)
		}
	}
	return out
}

func (p *privateRW) set(name string) privateSet {
	s := privateSet{
		collection: name,
		writes: sorted(p.writes, func(k string, v privateValue) privateWrite {
			w := privateWrite{key: k, keyHash: hashKey(k), value: v.value, isDelete: len(v.value) == 0, isPurge: v.purge}
			if !w.isDelete {
				h := sha256.Sum256(v.value)
				w.valueHash = h[:]
			}
			return w
		}),
		policies: sorted(p.policies, func(k string, v []byte) privatePolicy { return privatePolicy{k, hashKey(k), v} }),
	}
	slices.SortFunc(s.writes, func(a, b privateWrite) int { return cmp.Compare(a.keyHash, b.keyHash) })
	slices.SortFunc(s.policies, func(a, b privatePolicy) int { return cmp.Compare(a.keyHash, b.keyHash) })
	return s
}

func (p *privateRW) hashes(name string, set privateSet) CollectionHashes {
	h := CollectionHashes{
		Collection: name,
		Reads:      sorted(p.reads, func(k string, v *Version) HashRead { return HashRead{[]byte(hashKey(k)), v} }),
	}
	slices.SortFunc(h.Reads, func(a, b HashRead) int { return bytes.Compare(a.KeyHash, b.KeyHash) })
	for _, w := range set.writes {
		h.Writes = append(h.Writes, HashWrite{[]byte(w.keyHash), w.valueHash, w.isDelete, w.isPurge})
	}
	for _, pol := range set.policies {
		h.Policies = append(h.Policies, HashPolicy{[]byte(pol.keyHash), pol.policy})
	}
	return h
}

// item is an element of a read or write set.
type item[T any] interface {
	name() string      // the key that it is about; sets are in the order of names, where names differ
	describe() string  // its content
	same(other T) bool // reports whether name and content are the same
}

// diff describes the first difference between two sets, "" if there is none.
func diff[T item[T]](a, b []T) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i < len(a) && i < len(b) && a[i].same(b[i]):
		case i >= len(b) || i < len(a) && a[i].name() < b[i].name():
			return fmt.Sprintf("%s: %s against nothing", a[i].name(), a[i].describe())
		case i >= len(a) || b[i].name() < a[i].name():
			return fmt.Sprintf("%s: nothing against %s", b[i].name(), b[i].describe())
		default:
			return fmt.Sprintf("%s: %s against %s", a[i].name(), a[i].describe(), b[i].describe())
		}
	}
	return ""
}

func (r KVRead) name() string       { return fmt.Sprintf("key %q", r.Key) }
func (r KVRead) describe() string   { return "version " + r.Version.String() }
func (r KVRead) same(o KVRead) bool { return sameVersion(r.Version, o.Version) && r.Key == o.Key }

func (w KVWrite) name() string        { return fmt.Sprintf("key %q", w.Key) }
func (w KVWrite) describe() string    { return describeWrite(w.IsDelete, w.Value) }
func (w KVWrite) same(o KVWrite) bool { return w.Key == o.Key && bytes.Equal(w.Value, o.Value) }

func (p PolicyWrite) name() string     { return fmt.Sprintf("key %q", p.Key) }
func (p PolicyWrite) describe() string { return fmt.Sprintf("policy %x", p.Policy) }
func (p PolicyWrite) same(o PolicyWrite) bool {
	return p.Key == o.Key && bytes.Equal(p.Policy, o.Policy)
}

func (r RangeRead) name() string { return "query" }
func (r RangeRead) describe() string {
	keys := make([]string, 0, len(r.Reads))
	for _, read := range r.Reads {
		keys = append(keys, fmt.Sprintf("%q %s", read.Key, read.Version))
	}
	return fmt.Sprintf("from %q to %q (to the end: %t) %d keys %s", r.Start, r.End, r.Exhausted, len(r.Reads), shown(fmt.Sprint(keys)))
}
func (r RangeRead) same(o RangeRead) bool {
	return r.Start == o.Start && r.End == o.End && r.Exhausted == o.Exhausted && slices.EqualFunc(r.Reads, o.Reads, KVRead.same)
}

func (r HashRead) name() string     { return fmt.Sprintf("key hash %x", r.KeyHash) }
func (r HashRead) describe() string { return "version " + r.Version.String() }
func (r HashRead) same(o HashRead) bool {
	return sameVersion(r.Version, o.Version) && bytes.Equal(r.KeyHash, o.KeyHash)
}

func (w HashWrite) name() string { return fmt.Sprintf("key hash %x", w.KeyHash) }
func (w HashWrite) describe() string {
	if w.IsPurge {
		return "purge"
	}
	if w.IsDelete {
		return "delete"
	}
	return fmt.Sprintf("value hash %x", w.ValueHash)
}
func (w HashWrite) same(o HashWrite) bool {
	return bytes.Equal(w.KeyHash, o.KeyHash) && bytes.Equal(w.ValueHash, o.ValueHash) && w.IsDelete == o.IsDelete && w.IsPurge == o.IsPurge
}

func (p HashPolicy) name() string     { return fmt.Sprintf("key hash %x", p.KeyHash) }
func (p HashPolicy) describe() string { return fmt.Sprintf("policy %x", p.Policy) }
func (p HashPolicy) same(o HashPolicy) bool {
	return bytes.Equal(p.KeyHash, o.KeyHash) && bytes.Equal(p.Policy, o.Policy)
}

func describeWrite(isDelete bool, value []byte) string {
	if isDelete {
		return "delete"
	}
	return "value " + shown(value)
}

func sameEvent(a, b *Event) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && bytes.Equal(a.Payload, b.Payload)
}

func describeEvent(e *Event) string {
	if e == nil {
		return "none"
	}
	return fmt.Sprintf("%q with %s", e.Name, shown(e.Payload))
}

// shown quotes a text, and only the beginning of a long one.
func shown[T string | []byte](v T) string {
	const most = 120
	if len(v) <= most {
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprintf("%q… (%d bytes)", v[:most], len(v))
}
