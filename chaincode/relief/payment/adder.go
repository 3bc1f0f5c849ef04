package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// adder lists payments of one segment's people in a batch.
type adder struct {
	batch    *Batch
	roll     roll.Segment
	at       roll.SegmentAddr
	periods  []periodList
	look     Lookup
	states   map[relief.BatchID]BatchState // looked up so far
	smallest relief.Fen                    // that the batch's sources can divide
	offered  []offer                       // room for offers

	due    roll.Due // see dueFor
	dueOf  relief.Period
	dueAt  int
	region relief.Region // that was compared last, and what came of it: neighbours mostly live in the same one
	code   uint64
	covers bool
}

// periodList are the payments of one period while payments are listed.
type periodList struct {
	OfPeriod
	before      OfPeriod
	linesCloned bool
	index       uint8 // of the batch among those of the lines, once it is known
	indexed     bool
	seen        []uint64 // by position: the line of the chunk that has listed it, plus one
}

func newAdder(b *Batch, entries roll.Segment, segment uint32, periods []OfPeriod, look Lookup) *adder {
	a := &adder{
		batch: b, roll: entries, at: b.SegmentAddr(segment), look: look,
		states: map[relief.BatchID]BatchState{}, smallest: smallestShared(b.Sources), periods: make([]periodList, len(periods)),
		dueAt: -1,
	}
	a.compareRegion(b.Region)
	for i := range periods {
		a.periods[i] = periodList{OfPeriod: periods[i], before: periods[i]}
	}
	return a
}

// see notes that a line of the chunk is about a position. It gives the line before that was, too.
func (p *periodList) see(position int, seq, size uint32) (before uint32, twice bool) {
	if p.seen == nil {
		p.seen = make([]uint64, size)
	}
	if before := p.seen[position]; before != 0 {
		return uint32(before - 1), true //nolint:gosec // a line's number plus one
	}
	p.seen[position] = uint64(seq) + 1
	return 0, false
}

// period gives the payments of a line's period; nil when the batch does not hold it.
func (a *adder) period(of relief.Period) *periodList {
	if of.IsZero() {
		of = a.batch.Period
	}
	for i := range a.periods {
		if a.periods[i].Period == of {
			return &a.periods[i]
		}
	}
	return nil
}

// dueFor is what the roll says is owed to a person for a period. The questions about one line are about the same person and period:
// it is worked out once for them.
func (a *adder) dueFor(position int, period relief.Period) *roll.Due {
	if a.dueAt != position || a.dueOf != period {
		a.due, a.dueAt, a.dueOf = a.roll.DueFor(position, period), position, period
	}
	return &a.due
}

// compareRegion looks at a region that lines name, unless it is that of the line before.
func (a *adder) compareRegion(r relief.Region) {
	if r != a.region {
		a.region, a.code, a.covers = r, r.Code(), a.batch.Covers(r)
	}
}

// result gives the payments with those that were listed. A value that got no payment is as it was.
func (a *adder) result() []OfPeriod {
	after := make([]OfPeriod, len(a.periods))
	for i := range a.periods {
		p := &a.periods[i]
		after[i] = p.OfPeriod
		if !p.LinesChanged {
			after[i].Lines = p.before.Lines
		}
		if !p.FurtherChanged {
			after[i].Further = p.before.Further
		}
	}
	return after
}

// deduction is what is deducted from a payment: of a regular one, for what the person was paid too much.
func (a *adder) deduction(position int, o *offer) relief.Fen {
	if o.kind != relief.PaymentRegular || a.batch.Purpose == PurposePayAgain {
		return 0
	}
	return min(a.look.Deductions[position], o.amount)
}

// list adds a payment to the batch.
func (a *adder) list(p *periodList, position int, o *offer, deducted relief.Fen, seq uint32) (wire.Refusal, error) {
	slot := lineSlot{state: slotListed, attempt: o.attempt, kind: o.kind, seq: seq, amount: o.amount, deducted: deducted}
	if t := slot.transferred(); t > 0 && t < a.smallest {
		return wire.Refusal{Code: relief.LineUndivided, Note: a.smallest.String()}, nil
	}
	if o.kind >= relief.PaymentTopUp {
		return a.listFurther(p, &furtherEntry{position: uint16(position), again: o.again, lineSlot: slot}), nil //nolint:gosec // below 1000
	}
	if !p.linesCloned {
		p.Lines, p.linesCloned = p.Lines.cloneFor(a.roll.Len()), true
	}
	if !p.indexed {
		var err error
		if p.index, p.indexed, err = a.batchIndex(&p.Lines); err != nil {
			return wire.Refusal{}, err
		}
	}
	if !p.indexed {
		return wire.Refusal{Code: relief.LineSegmentFull}, nil
	}
	slot.batch = p.index
	at := p.Lines.slotAt(position)
	if at.state == slotReturned || at.state == slotReversed {
		p.Lines.archive(position)
	}
	*at = slot
	p.LinesChanged = true
	return wire.Refusal{}, nil
}

func (a *adder) listFurther(p *periodList, e *furtherEntry) wire.Refusal {
	f := p.Further // a copy: see further
	index, ok := f.batchIndex(a.batch.ID)
	i, granted := f.at(int(e.position), e.attempt)
	if !ok || !granted && len(f.entries) >= maxFurther {
		return wire.Refusal{Code: relief.LineSegmentFull}
	}
	e.batch = index
	if granted {
		f.entries[i] = *e
	} else {
		f.entries = slices.Insert(f.entries, i, *e)
	}
	p.FurtherChanged = true
	return wire.Refusal{}
}

// further gives a copy of a period's further payments without those that are listed in cancelled batches.
func (a *adder) further(p *periodList) (*Further, error) {
	if p.seenFurther() {
		return p.Further, nil
	}
	read := p.Further
	if read == nil {
		f, err := a.look.Further(p.Period)
		if err != nil {
			return nil, err
		}
		read = &f
		p.before.Further = read
	}
	f := read.clone()
	err := f.freeWhere(func(id relief.BatchID) (bool, error) {
		state, err := a.stateOf(id)
		return state == BatchCancelled, err
	})
	p.Further = &f
	return &f, err
}

// seenFurther reports whether further has given the payments before.
func (p *periodList) seenFurther() bool { return p.Further != nil && p.Further != p.before.Further }

// stateOf is the state of a batch. It is looked up once.
func (a *adder) stateOf(id relief.BatchID) (BatchState, error) {
	if id == a.batch.ID {
		return a.batch.State, nil
	}
	state, ok := a.states[id]
	if ok {
		return state, nil
	}
	state, err := a.look.Batch(id)
	if err == nil {
		a.states[id] = state
	}
	return state, err
}

func (a *adder) paymentID(p *periodList, position int, attempt uint8) relief.PaymentID {
	return relief.PaymentID{
		Programme: a.batch.Programme, County: a.at.County, Number: a.at.First() + uint32(position), Period: p.Period, Attempt: attempt, //nolint:gosec // < 1000
	}
}

// smallestShared is the smallest payment that sources with weights can divide without a negative share; 0 for others. See
// fitSources.
func smallestShared(sources []BatchSource) (smallest relief.Fen) {
	var all relief.Fen
	for i := range sources {
		all += relief.Fen(sources[i].Weight)
	}
	for i := 1; i < len(sources)-1; i++ {
		if w := relief.Fen(sources[i].Weight); w > 0 {
			smallest = max(smallest, (all+w-1)/w)
		}
	}
	return smallest
}
