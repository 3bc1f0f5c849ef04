package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// offer is a payment that a batch can list, or has listed.
type offer struct {
	kind    relief.PaymentKind
	amount  relief.Fen
	attempt uint8
	again   uint8 // the number of the further payment that it pays again
	listed  bool  // the batch has it already
}

// offers are the payments of a person for a period that the batch can list or has; when there is none, the refusal says why.
// They are valid until the next call.
func (a *adder) offers(p *periodList, position int) ([]offer, wire.Refusal, error) {
	a.offered = a.offered[:0]
	if a.batch.Purpose == PurposePayAgain {
		return a.offersAgain(p, position)
	}
	slot := lineSlot{}
	if position < len(p.Lines.slots) {
		slot = p.Lines.slots[position]
	}
	kind := a.ordinaryKind(p.Period)
	switch slot.state {
	case slotFree:
		a.offered = append(a.offered, offer{kind: kind, amount: a.dueFor(position, p.Period).Amount, attempt: 1})
		return a.offered, wire.Refusal{}, nil
	case slotListed:
		state, refusal, err := a.holderOf(p, &slot)
		switch {
		case err != nil || refusal.Code != "":
			return nil, refusal, err
		case state != BatchCancelled:
			a.offered = append(a.offered, offer{kind: kind, amount: slot.amount, attempt: slot.attempt, listed: true})
		case slot.attempt > 1:
			return nil, a.cameBack(p, position), nil
		default:
			a.offered = append(a.offered, offer{kind: kind, amount: a.dueFor(position, p.Period).Amount, attempt: 1})
		}
		return a.offered, wire.Refusal{}, nil
	case slotCredited:
		return a.topUps(p, position, slot.attempt)
	}
	return nil, a.cameBack(p, position), nil
}

// ordinaryKind is the kind of a payment in the lines of a period.
func (a *adder) ordinaryKind(period relief.Period) relief.PaymentKind {
	if period == a.batch.Period {
		return relief.PaymentRegular
	}
	return relief.PaymentArrears
}

// holderOf gives the state of the batch in which a payment is listed: this one, or a cancelled one. It refuses what is listed in
// any other.
func (a *adder) holderOf(p *periodList, slot *lineSlot) (BatchState, wire.Refusal, error) {
	holder := p.Lines.batches[slot.batch]
	state, err := a.stateOf(holder)
	if err == nil && holder != a.batch.ID && state != BatchCancelled {
		return state, wire.Refusal{Code: relief.LineAlreadyListed, Note: string(holder)}, nil
	}
	return state, wire.Refusal{}, err
}

// cameBack refuses a payment that came back: it is paid again in a batch for that.
func (a *adder) cameBack(p *periodList, position int) wire.Refusal {
	slot, _ := p.Lines.returned(position)
	return wire.Refusal{Code: relief.LineReturned, Note: a.paymentID(p, position, slot.attempt).String()}
}

// returned gives the last payment of a position that came back, in its slot or before the one that is listed there.
func (s *LineSegment) returned(position int) (lineSlot, bool) {
	slot := s.slots[position]
	if slot.state == slotReturned || slot.state == slotReversed {
		return slot, true
	}
	for i := len(s.old) - 1; i >= 0; i-- {
		if o := &s.old[i]; int(o.position) == position {
			return o.lineSlot, true
		}
	}
	return lineSlot{}, false
}

// topUps offers what has come to be owed for a period whose regular payment is credited: exactly what is neither listed nor
// credited, without what came back and waits to be paid again.
func (a *adder) topUps(p *periodList, position int, regular uint8) ([]offer, wire.Refusal, error) {
	f, err := a.further(p)
	if err != nil {
		return nil, wire.Refusal{}, err
	}
	sums, err := a.sums(p, f, position)
	if err != nil {
		return nil, wire.Refusal{}, err
	}
	var holder relief.BatchID
	all := f.of(position)
	for i := range all {
		e := &all[i]
		switch {
		case e.state == slotListed && f.batches[e.batch] == a.batch.ID:
			a.offered = append(a.offered, offer{kind: e.kind, amount: e.amount, attempt: e.attempt, listed: true})
		case e.state == slotListed:
			holder = f.batches[e.batch]
		}
	}
	gap := a.dueFor(position, p.Period).Amount - sums.Held() - waiting(all)
	if number := a.nextNumber(p, f, position); gap > 0 && number > 0 {
		a.offered = append(a.offered, offer{kind: relief.PaymentTopUp, amount: gap, attempt: number})
	}
	switch {
	case len(a.offered) > 0:
		return a.offered, wire.Refusal{}, nil
	case gap > 0:
		return nil, wire.Refusal{Code: relief.LineSegmentFull}, nil
	case holder != "":
		return nil, wire.Refusal{Code: relief.LineAlreadyListed, Note: string(holder)}, nil
	}
	return nil, wire.Refusal{Code: relief.LineAlreadyPaid, Note: a.paymentID(p, position, regular).String()}, nil
}

// sums are what counts against what is owed to a person for a period.
func (a *adder) sums(p *periodList, f *Further, position int) (Sums, error) {
	lines, err := p.Lines.SumsIn(position, a.stateOf)
	if err != nil {
		return lines, err
	}
	further, err := f.SumsIn(position, a.stateOf)
	return lines.Plus(further), err
}

// nextNumber is the next free number of a person's payments for a period; 0 when there is none.
func (a *adder) nextNumber(p *periodList, f *Further, position int) uint8 {
	highest := f.highest(position)
	if position < len(p.Lines.slots) {
		highest = max(highest, p.Lines.slots[position].attempt)
	}
	return highest + 1 // 0 after 255
}

// waiting is what came back of a person's further payments and is not paid again.
func waiting(all []furtherEntry) (sum relief.Fen) {
	for i := range all {
		if again(all, &all[i]) {
			sum += all[i].transferred()
		}
	}
	return sum
}

// again reports whether a further payment came back and no other one pays it again.
func again(all []furtherEntry, e *furtherEntry) bool {
	if e.state != slotReturned && e.state != slotReversed {
		return false
	}
	for i := range all {
		if all[i].again == e.attempt {
			return false
		}
	}
	return true
}

// offersAgain offers what came back: at most what is owed now besides what is listed and credited.
func (a *adder) offersAgain(p *periodList, position int) ([]offer, wire.Refusal, error) {
	f, err := a.further(p)
	if err != nil {
		return nil, wire.Refusal{}, err
	}
	sums, err := a.sums(p, f, position)
	if err != nil {
		return nil, wire.Refusal{}, err
	}
	room := a.dueFor(position, p.Period).Amount - sums.Held()
	refusal, err := a.lineAgain(p, f, position, room)
	if err != nil || refusal.Code != "" {
		return nil, refusal, err
	}
	all := f.of(position)
	for i := range all {
		e := &all[i]
		switch {
		case e.kind != relief.PaymentTopUp: // see addGrants
		case e.state == slotListed && e.again > 0 && f.batches[e.batch] == a.batch.ID:
			a.offered = append(a.offered, offer{kind: e.kind, amount: e.amount, attempt: e.attempt, again: e.again, listed: true})
		case again(all, e):
			a.offerAgain(offer{kind: e.kind, amount: min(e.transferred(), room), attempt: a.nextNumber(p, f, position), again: e.attempt})
		}
	}
	if len(a.offered) > 0 {
		return a.offered, wire.Refusal{}, nil
	}
	return nil, a.notAgain(p, position), nil
}

func (a *adder) offerAgain(o offer) {
	if o.amount > 0 && o.attempt > 0 {
		a.offered = append(a.offered, o)
	}
}

// lineAgain offers the ordinary payment of a period again, if it came back.
func (a *adder) lineAgain(p *periodList, f *Further, position int, room relief.Fen) (wire.Refusal, error) {
	if position >= len(p.Lines.slots) {
		return wire.Refusal{}, nil
	}
	slot := p.Lines.slots[position]
	number := a.nextNumber(p, f, position)
	switch slot.state {
	case slotFree, slotCredited:
		return wire.Refusal{}, nil
	case slotListed:
		state, refusal, err := a.holderOf(p, &slot)
		if err != nil || refusal.Code != "" {
			return refusal, err
		}
		if state != BatchCancelled {
			a.offered = append(a.offered, offer{kind: slot.kind, amount: slot.amount, attempt: slot.attempt, listed: true})
			return wire.Refusal{}, nil
		}
		number = slot.attempt
	}
	back, ok := p.Lines.returned(position)
	if !ok {
		return wire.Refusal{}, nil
	}
	if number == 0 {
		return wire.Refusal{Code: relief.LineSegmentFull}, nil
	}
	a.offerAgain(offer{kind: a.ordinaryKind(p.Period), amount: min(back.transferred(), room), attempt: number})
	return wire.Refusal{}, nil
}

// notAgain refuses a person of whose payments none came back, or of whom nothing is owed any more.
func (a *adder) notAgain(p *periodList, position int) wire.Refusal {
	if position < len(p.Lines.slots) && p.Lines.slots[position].state == slotCredited {
		return wire.Refusal{Code: relief.LineAlreadyPaid, Note: a.paymentID(p, position, p.Lines.slots[position].attempt).String()}
	}
	return wire.Refusal{Code: relief.LineNotReturned}
}
