package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// batchIndex is the index of the adder's batch in the segment's table of batches. When the table is full, batches that hold
// nothing any more give their places up: nobody fills a segment for good with batches that are cancelled or emptied again. ok is
// false when 255 other batches hold payments of the segment.
func (a *adder) batchIndex() (index uint8, ok bool, err error) {
	if index, ok = a.seg.batchIndex(a.batch.ID); ok {
		return index, true, nil
	}
	if err := a.freeCancelled(); err != nil {
		return 0, false, err
	}
	a.seg.dropUnused()
	index, ok = a.seg.batchIndex(a.batch.ID)
	return index, ok, nil
}

// freeCancelled frees the slots that are listed in cancelled batches. They are free for everybody already; only their place in
// the table of batches is taken.
func (a *adder) freeCancelled() error {
	for position := range a.seg.slots {
		slot := a.seg.slots[position]
		if slot.state != slotListed || a.seg.batches[slot.batch] == a.batch.ID {
			continue
		}
		state, err := a.stateOf(a.seg.batches[slot.batch])
		if err != nil {
			return err
		}
		if state == BatchCancelled {
			a.seg.free(position)
		}
	}
	return nil
}

// dropUnused takes those batches out of the table that no payment names.
func (s *LineSegment) dropUnused() {
	table := newBatchTable(s.batches)
	for i := range s.slots {
		if s.slots[i].state != slotFree {
			table.use(s.slots[i].batch)
		}
	}
	for i := range s.old {
		table.use(s.old[i].batch)
	}
	s.batches = table.kept()
	for i := range s.slots {
		if s.slots[i].state != slotFree {
			s.slots[i].batch = table.place[s.slots[i].batch]
		}
	}
	s.old = slices.Clone(s.old)
	for i := range s.old {
		s.old[i].batch = table.place[s.old[i].batch]
	}
}

// batchTable is a table of batches from which those that are not used are taken out.
type batchTable struct {
	batches []relief.BatchID
	used    []bool
	place   []uint8 // of each batch that is used, among those
}

func newBatchTable(batches []relief.BatchID) batchTable {
	return batchTable{batches, make([]bool, len(batches)), make([]uint8, len(batches))}
}

func (t *batchTable) use(batch uint8) { t.used[batch] = true }

// kept are the batches that are used.
func (t *batchTable) kept() (kept []relief.BatchID) {
	for i, id := range t.batches {
		if t.used[i] {
			t.place[i] = uint8(len(kept)) //nolint:gosec // at most 255
			kept = append(kept, id)
		}
	}
	return kept
}

// Len is the number of slots up to the highest one that was ever taken.
func (s *LineSegment) Len() int { return len(s.slots) }
