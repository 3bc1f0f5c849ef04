package payment

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

// OfEntry lists the further payments of one position in the order of their numbers, without those that no batch has.
func (f *Further) OfEntry(position int) (lines []Line) {
	all := f.of(position)
	for i := range all {
		e := &all[i]
		if e.state == slotGranted {
			continue
		}
		line := lineOf(position, &e.lineSlot, &e.lineAnswer, f.batches[e.batch])
		line.Again = e.again
		lines = append(lines, line)
	}
	return lines
}

// OfEntry lists the payments of one position: those of the lines, then the further ones.
func (p *OfPeriod) OfEntry(position int) []Line {
	lines := p.Lines.OfEntry(position)
	if p.Further == nil {
		return lines
	}
	return append(lines, p.Further.OfEntry(position)...)
}
