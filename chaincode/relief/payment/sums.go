package payment

import "relieftrail/chaincode/relief"

// Sums are what one person's payments for one period add up to, by what counts against what is owed.
type Sums struct {
	Listed   relief.Fen // the bank has not answered, in batches that are not cancelled
	Credited relief.Fen // with what was deducted from payments that came back: a deduction stays
	Deducted relief.Fen // of the payments that the bank has answered
}

// Held is what counts against what is owed for the period.
func (s Sums) Held() relief.Fen { return s.Listed + s.Credited }

// Plus adds the sums of another value.
func (s Sums) Plus(o Sums) Sums {
	return Sums{s.Listed + o.Listed, s.Credited + o.Credited, s.Deducted + o.Deducted}
}

// add counts a payment. What is listed counts whatever its batch's state.
func (s *Sums) add(l *lineSlot) {
	switch l.state {
	case slotListed:
		s.Listed += l.amount
	case slotCredited:
		s.Credited += l.amount
		s.Deducted += l.deducted
	case slotReturned, slotReversed:
		s.Credited += l.deducted
		s.Deducted += l.deducted
	}
}

// SumsIn adds up a position's payments.
func (s *LineSegment) SumsIn(position int, other BatchLookup) (Sums, error) {
	var sums Sums
	if position >= len(s.slots) {
		return sums, nil
	}
	for i := range s.old {
		if o := &s.old[i]; int(o.position) == position {
			sums.add(&o.lineSlot)
		}
	}
	slot := &s.slots[position]
	free, err := cancelled(slot, s.batches, other)
	if !free {
		sums.add(slot)
	}
	return sums, err
}

// SumsIn adds up a position's further payments.
func (f *Further) SumsIn(position int, other BatchLookup) (Sums, error) {
	var sums Sums
	all := f.of(position)
	for i := range all {
		free, err := cancelled(&all[i].lineSlot, f.batches, other)
		if err != nil {
			return sums, err
		}
		if !free {
			sums.add(&all[i].lineSlot)
		}
	}
	return sums, nil
}

// cancelled reports whether a payment is listed in a cancelled batch: then it is none.
func cancelled(l *lineSlot, batches []relief.BatchID, other BatchLookup) (bool, error) {
	if l.state != slotListed {
		return false, nil
	}
	state, err := other(batches[l.batch])
	return state == BatchCancelled, err
}

// CreditedIn is what the person of a position was credited, with what was deducted.
func (s *LineSegment) CreditedIn(position int) relief.Fen { return s.answeredIn(position).Credited }

// CreditedIn is what the person of a position was credited by further payments, with what was deducted.
func (f *Further) CreditedIn(position int) relief.Fen { return f.answeredIn(position).Credited }

// DeductedIn is what was deducted from the payments of a position that the bank has answered.
func (s *LineSegment) DeductedIn(position int) relief.Fen { return s.answeredIn(position).Deducted }

// DeductedIn is what was deducted from the further payments of a position that the bank has answered.
func (f *Further) DeductedIn(position int) relief.Fen { return f.answeredIn(position).Deducted }

func (s *LineSegment) answeredIn(position int) Sums {
	sums, _ := s.SumsIn(position, noBatch)
	return sums
}

func (f *Further) answeredIn(position int) Sums {
	sums, _ := f.SumsIn(position, noBatch)
	return sums
}

// noBatch is a look-up for sums that do not depend on batches.
func noBatch(relief.BatchID) (BatchState, error) { return BatchCancelled, nil }

// ListedIn are the batches of a position's payments that the bank has not answered, without the cancelled ones.
func (s *LineSegment) ListedIn(position int, other BatchLookup) ([]relief.BatchID, error) {
	if position >= len(s.slots) || s.slots[position].state != slotListed {
		return nil, nil
	}
	free, err := cancelled(&s.slots[position], s.batches, other)
	if free || err != nil {
		return nil, err
	}
	return []relief.BatchID{s.batches[s.slots[position].batch]}, nil
}

// ListedIn are the batches of a position's further payments that the bank has not answered, without the cancelled ones.
func (f *Further) ListedIn(position int, other BatchLookup) (batches []relief.BatchID, err error) {
	all := f.of(position)
	for i := range all {
		if all[i].state != slotListed {
			continue
		}
		free, err := cancelled(&all[i].lineSlot, f.batches, other)
		if err != nil {
			return nil, err
		}
		if !free {
			batches = append(batches, f.batches[all[i].batch])
		}
	}
	return batches, nil
}

// open reports whether the payment of a position is in an open batch.
func (s *LineSegment) open(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) || s.slots[position].state != slotListed {
		return false, nil
	}
	state, err := other(s.batches[s.slots[position].batch])
	return state == BatchOpen, err
}

// open gives the numbers of a position's top-ups that are in open batches.
func (f *Further) open(position int, other BatchLookup) (numbers []uint8, err error) {
	all := f.of(position)
	for i := range all {
		if all[i].state != slotListed || all[i].kind != relief.PaymentTopUp {
			continue
		}
		state, err := other(f.batches[all[i].batch])
		if err != nil {
			return nil, err
		}
		if state == BatchOpen {
			numbers = append(numbers, all[i].attempt)
		}
	}
	return numbers, nil
}
