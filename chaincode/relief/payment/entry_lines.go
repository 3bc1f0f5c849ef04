package payment

import "relieftrail/chaincode/relief"

// OfEntry lists the payments of one position, earlier attempts first.
func (s *LineSegment) OfEntry(position int) (lines []Line) {
	if position >= len(s.slots) || s.slots[position].state == slotFree {
		return nil
	}
	for i := range s.old {
		if o := &s.old[i]; int(o.position) == position {
			lines = append(lines, s.line(position, &o.lineSlot, &o.lineAnswer))
		}
	}
	answer := s.answerAt(position)
	return append(lines, s.line(position, &s.slots[position], &answer))
}

// Held is what a position's payments add up to that are credited, or listed in a batch that is not cancelled.
func (s *LineSegment) Held(position int, other BatchLookup) (sum relief.Fen, err error) {
	for _, l := range s.OfEntry(position) {
		switch l.State {
		case LineCredited:
			sum += l.Amount
		case LineListed:
			state, err := other(l.Batch)
			if err != nil {
				return 0, err
			}
			if state != BatchCancelled {
				sum += l.Amount
			}
		}
	}
	return sum, nil
}
