package payment

// Pending reports whether a position's slot holds money that is not settled: listed in a batch that is not cancelled,
// or returned in a batch that is not closed.
func (s *LineSegment) Pending(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) {
		return false, nil
	}
	slot := s.slots[position]
	if slot.state == slotFree || slot.state == slotCredited {
		return false, nil
	}
	state, err := other(s.batches[slot.batch])
	return state != BatchCancelled && (slot.state == slotListed || state != BatchClosed), err
}

// Listed reports whether a position's slot holds a payment of a batch that is not cancelled, whatever came of it: one that the
// bank returned is paid again under the same roll number.
func (s *LineSegment) Listed(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) || s.slots[position].state == slotFree {
		return false, nil
	}
	if s.slots[position].state == slotReturned {
		return true, nil
	}
	return s.Taken(position, other)
}

// Unanswered reports whether a position's slot holds a payment that the bank has not answered, in a batch that is not
// cancelled.
func (s *LineSegment) Unanswered(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) || s.slots[position].state != slotListed {
		return false, nil
	}
	state, err := other(s.batches[s.slots[position].batch])
	return state != BatchCancelled, err
}
