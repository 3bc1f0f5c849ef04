package payment

import "relieftrail/chaincode/relief"

// ParseOfPeriod reads both values of a segment's payments for one period; nil bytes are none.
func ParseOfPeriod(period relief.Period, lines, further []byte) (OfPeriod, error) {
	p := OfPeriod{Period: period}
	var err error
	if p.Lines, err = ParseLineSegment(lines); err != nil {
		return p, err
	}
	f, err := ParseFurther(further)
	p.Further = &f
	return p, err
}

// Sums adds up a position's payments.
func (p *OfPeriod) Sums(position int, other BatchLookup) (Sums, error) {
	lines, err := p.Lines.SumsIn(position, other)
	if err != nil || p.Further == nil {
		return lines, err
	}
	further, err := p.Further.SumsIn(position, other)
	return lines.Plus(further), err
}

// Taken reports whether a position has money for the period: credited, or listed in a batch that is not cancelled.
func (p *OfPeriod) Taken(position int, other BatchLookup) (bool, error) {
	return p.any(position, func(l *lineSlot, batch relief.BatchID) (bool, error) {
		if l.state == slotCredited {
			return true, nil
		}
		return listedIn(l, batch, other)
	})
}

// Listed reports whether a position has a payment, whatever came of it, unless its batch is cancelled: one that the bank returned is
// paid again under the same roll number.
func (p *OfPeriod) Listed(position int, other BatchLookup) (bool, error) {
	return p.any(position, func(l *lineSlot, batch relief.BatchID) (bool, error) {
		if l.state == slotListed {
			return listedIn(l, batch, other)
		}
		return true, nil
	})
}

// Pending reports whether a position has money that is not settled: granted, listed in a batch that is not cancelled, or
// returned in a batch that is not closed.
func (p *OfPeriod) Pending(position int, other BatchLookup) (bool, error) {
	return p.any(position, func(l *lineSlot, batch relief.BatchID) (bool, error) {
		switch l.state {
		case slotGranted:
			return true, nil
		case slotReturned, slotReversed:
			state, err := other(batch)
			return state != BatchCancelled && state != BatchClosed, err
		}
		return listedIn(l, batch, other)
	})
}

// Unanswered reports whether a position has a payment that the bank has not answered, in a batch that is not cancelled.
func (p *OfPeriod) Unanswered(position int, other BatchLookup) (bool, error) {
	return p.any(position, func(l *lineSlot, batch relief.BatchID) (bool, error) { return listedIn(l, batch, other) })
}

func listedIn(l *lineSlot, batch relief.BatchID, other BatchLookup) (bool, error) {
	if l.state != slotListed {
		return false, nil
	}
	state, err := other(batch)
	return state != BatchCancelled, err
}

// any reports whether something is true of a payment of a position: of the one in its slot, or of a further one.
func (p *OfPeriod) any(position int, is func(l *lineSlot, batch relief.BatchID) (bool, error)) (bool, error) {
	if position < len(p.Lines.slots) {
		if slot := &p.Lines.slots[position]; slot.state != slotFree {
			if yes, err := is(slot, p.Lines.batches[slot.batch]); yes || err != nil {
				return yes, err
			}
		}
	}
	if p.Further == nil {
		return false, nil
	}
	all := p.Further.of(position)
	for i := range all {
		if yes, err := is(&all[i].lineSlot, p.Further.holder(&all[i].lineSlot)); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// Withdraw takes payments of a position out of open batches when more is listed and credited for it than is owed now. What is in
// a batch that is sealed stays: it is refused when the bank is to be instructed, or an excess. The further payments must have been
// read. The first change of a value copies it, so that the payments of a whole segment can be withdrawn one after another.
func (p *OfPeriod) Withdraw(position int, owed relief.Fen, other BatchLookup) error {
	sums, err := p.Sums(position, other)
	if err != nil || sums.Held() <= owed {
		return err
	}
	numbers, err := p.Further.open(position, other)
	if err != nil {
		return err
	}
	line, err := p.Lines.open(position, other)
	if err != nil {
		return err
	}
	if len(numbers) > 0 && !p.FurtherChanged {
		own := p.Further.clone()
		p.Further, p.FurtherChanged = &own, true
	}
	for _, number := range numbers {
		i, _ := p.Further.at(position, number)
		p.Further.free(i)
	}
	if line && !p.LinesChanged {
		p.Lines, p.LinesChanged = p.Lines.clone(), true
	}
	if line {
		p.Lines.free(position)
	}
	return nil
}

// Grants reports whether a position has grants: they are owed as the decisions granted them, whatever the roll says.
func (p *OfPeriod) Grants(position int) bool {
	if p.Further == nil {
		return false
	}
	all := p.Further.of(position)
	return len(all) > 0 && all[0].kind == relief.PaymentGrant
}
