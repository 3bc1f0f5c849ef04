package translog

import (
	"encoding/binary"
	"math"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// positions finds a leaf by its hash: a hash table that keeps 8 bytes a leaf and no hash, so the caller confirms what it
// finds. It is in 256 parts by the hash's first byte, and so grows without a pause that a caller would notice.
type positions struct{ parts [256]part }

// part is open addressing over the lower half of a slot's upper 32 bits; the lower 32 hold the position plus one.
type part struct {
	mu    sync.RWMutex
	slots []uint64
	used  int
}

// mark is what a slot keeps of a hash. Hashes are even, whoever chose them: they are SHA-256.
func mark(h tlog.Hash) uint32 { return binary.BigEndian.Uint32(h[1:5]) }

func (p *positions) add(h tlog.Hash, index int64) {
	if index >= math.MaxUint32 { // 4.29 billion payments
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

// find asks is for each leaf that may have the hash, in the order in which they were added. It holds no lock then: is reads
// the tree, which has one of its own, and whoever adds takes that one first.
func (p *positions) find(h tlog.Hash, is func(index int64) bool) (int64, bool) {
	var few [4]int64 // marks of 32 bits hardly ever meet
	for _, index := range p.candidates(h, few[:0]) {
		if is(index) {
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
