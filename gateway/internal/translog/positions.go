package translog

import (
	"encoding/binary"
	"math"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// positions finds leaves by their hashes. It is a hash table with 8 bytes a leaf that does not keep the hashes, so the caller
// must confirm what it finds. It has 256 parts, by the first byte of the hash, and so grows without a noticeable pause.
type positions struct{ parts [256]part }

// part is a table with open addressing. The upper 32 bits of a slot are the mark of a hash, and its lower bits choose the
// place; the lower 32 bits are the leaf's index plus one, so that 0 is a free slot.
type part struct {
	mu    sync.RWMutex
	slots []uint64
	used  int
}

// mark is the part of a hash that a slot keeps. Marks are evenly distributed: hashes are SHA-256, whatever is hashed.
func mark(h tlog.Hash) uint32 { return binary.BigEndian.Uint32(h[1:5]) }

func (p *positions) add(h tlog.Hash, index int64) {
	if index >= math.MaxUint32 { // more than 4.29 billion payments
		return
	}
	s := &p.parts[h[0]]
	s.mu.Lock()
	defer s.mu.Unlock()
	if 3*(s.used+1) > 2*len(s.slots) {
		s.double()
	}
	s.put(uint64(mark(h))<<32 | uint64(index+1)) //nolint:gosec // not negative
	s.used++
}

func (s *part) put(slot uint64) {
	mask := uint64(len(s.slots)) - 1
	i := slot >> 32 & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = slot
}

func (s *part) double() {
	old := s.slots
	s.slots = make([]uint64, max(16, 2*len(old)))
	for _, slot := range old {
		if slot != 0 {
			s.put(slot)
		}
	}
}

// find calls confirm for each leaf that may have the hash, in the order in which they were added. It holds no lock meanwhile:
// confirm locks the tree, and add is called with the tree locked.
func (p *positions) find(h tlog.Hash, confirm func(index int64) bool) (int64, bool) {
	var few [4]int64 // two leaves hardly ever have the same mark
	for _, index := range p.candidates(h, few[:0]) {
		if confirm(index) {
			return index, true
		}
	}
	return 0, false
}

func (p *positions) candidates(h tlog.Hash, found []int64) []int64 {
	s := &p.parts[h[0]]
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.slots) == 0 {
		return found
	}
	mask := uint64(len(s.slots)) - 1
	want := uint64(mark(h))
	for i := want & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if s.slots[i]>>32 == want {
			found = append(found, int64(s.slots[i]&math.MaxUint32)-1)
		}
	}
	return found
}
