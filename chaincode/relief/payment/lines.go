package payment

import (
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// BatchLookup finds the state of another batch that has a payment of the same person.
type BatchLookup func(relief.BatchID) (BatchState, error)

// Lookup reads what a listing needs beside a segment's roll and lines.
type Lookup struct {
	Batch BatchLookup
	// Further reads the segment's further payments of a period. A regular list of the batch's own period needs none.
	Further func(relief.Period) (Further, error)
	// Deductions says how much is deducted at most from the regular payment of a position for the batch's own period; only looked
	// up, never ranged over.
	Deductions map[int]relief.Fen
}

// OfPeriod are the payments of a segment's people for one period.
type OfPeriod struct {
	Period  relief.Period
	Lines   LineSegment
	Further *Further // nil while it was not read

	LinesChanged, FurtherChanged bool // by the act
}

// AddLines lists the lines of a chunk that belong to a segment of the roll. periods has the lines of every period that the
// chunk names and the batch may hold. A refused line changes nothing. A payment that the batch has already is unchanged,
// whatever its line number in the file is now, so a corrected file may be sent again. Periods in which no line was accepted are
// returned as they were.
func AddLines(
	b *Batch, entries roll.Segment, segment uint32, periods []OfPeriod, lines []LineInput, look Lookup,
) ([]OfPeriod, wire.ChunkResult, error) {
	a := newAdder(b, entries, segment, periods, look)
	result := wire.ChunkResult{Refused: []wire.Refusal{}, Outcomes: make(wire.Outcomes, 0, len(lines))}
	for i := range lines {
		l := &lines[i]
		done, refusal, err := a.add(l)
		if err != nil {
			return periods, result, err
		}
		result.Count(l.Seq, done, refusal)
	}
	return a.result(), result, nil
}

func (a *adder) add(l *LineInput) (done bool, r wire.Refusal, err error) {
	position, ok := a.at.Slot(l.Number)
	if !ok {
		return false, wire.Refusal{Code: relief.LineWrongSegment}, nil
	}
	p := a.period(l.Period)
	if p == nil {
		return false, wire.Refusal{Code: relief.LinePeriod}, nil
	}
	region, code := a.checkEntitled(l, p.Period, position)
	if code != "" {
		return false, wire.Refusal{Code: code, Note: a.predecessor(p.Period, position)}, nil
	}
	if refusal := a.compare(l, region, p.Period, position); refusal.Code != "" {
		return false, refusal, nil
	}
	offers, refusal, err := a.offers(p, position)
	if err != nil || refusal.Code != "" {
		return false, refusal, err
	}
	i := slices.IndexFunc(offers, func(o offer) bool { return o.amount == l.Amount })
	if i < 0 || l.Amount < a.batch.MinAmount && a.ordinary(&offers[i]) {
		return false, a.otherAmount(p, l, position, &offers[0]), nil
	}
	if first, twice := p.see(position, l.Seq, a.at.Size); twice {
		return false, wire.Refusal{Code: relief.LineDuplicateOf(int(first))}, nil
	}
	if o := offers[i]; !o.listed {
		if owed, over := a.overBound(p, position, &o); over {
			return false, wire.Refusal{Code: relief.LineAmountOverBound, Note: owed.String()}, nil
		}
		refusal, err = a.list(p, position, &o, a.deduction(position, &o), l.Seq)
		return refusal.Code == "" && err == nil, refusal, err
	}
	return false, wire.Refusal{}, nil
}

// otherAmount refuses a line with another amount than what can be listed.
func (a *adder) otherAmount(p *periodList, l *LineInput, position int, o *offer) wire.Refusal {
	if a.ordinary(o) {
		due := a.dueFor(position, p.Period).Amount
		switch {
		case l.Amount < a.batch.MinAmount:
			return wire.Refusal{Code: relief.LineAmountUnderBound}
		case o.listed && l.Amount == due:
			return wire.Refusal{Code: relief.LineAmountDiffers, Note: o.amount.String()}
		}
		return wire.Refusal{Code: relief.LineAmountNotGranted, Note: due.String()}
	}
	if o.listed {
		return wire.Refusal{Code: relief.LineAmountDiffers, Note: o.amount.String()}
	}
	return wire.Refusal{Code: relief.LineAmountNotGranted, Note: o.amount.String()}
}

// ordinary reports whether a payment is the whole of what is owed for a period: the programme's bounds are for such payments.
func (a *adder) ordinary(o *offer) bool {
	return o.kind <= relief.PaymentArrears && a.batch.Purpose != PurposePayAgain
}

// overBound reports whether a top-up would bring what is paid for its period above the programme's bound for one period, which a payment of
// all that is owed keeps, too. owed is that. What came back is paid again all the same; a grant is held against the bound when it is decided.
func (a *adder) overBound(p *periodList, position int, o *offer) (owed relief.Fen, over bool) {
	if o.kind != relief.PaymentTopUp || a.batch.Purpose == PurposePayAgain {
		return 0, false
	}
	owed = a.roll.Owed(position, p.Period)
	return owed, owed > a.batch.MaxAmount
}

// checkEntitled compares a line with the batch's bounds and the roll; "" when something is due to the person. It gives the
// person's region, which is the roll's, whatever the list says: a township's money goes to its own households.
func (a *adder) checkEntitled(l *LineInput, period relief.Period, position int) (relief.Region, relief.LineCode) {
	switch {
	case l.Amount > a.batch.MaxAmount:
		return "", relief.LineAmountOverBound
	case position >= a.roll.Len() || a.roll.Ref(position) != l.Ref:
		return "", relief.LineNotOnRoll
	}
	region := a.regionOf(l, position)
	if !a.covers {
		return region, relief.LineRegionOutside
	}
	return region, a.entitled(period, position)
}

// entitled says why nothing is owed to the person of a position for a period; "" when something is. What the number before was
// entitled to is paid under that number.
func (a *adder) entitled(period relief.Period, position int) relief.LineCode {
	if _, before := a.roll.PredecessorIn(position, period); before {
		return relief.LineAlreadyPaid
	}
	return a.dueFor(position, period).Nothing
}

// predecessor names the payment for a period under the number that a position's person had before; "" when there was none.
func (a *adder) predecessor(period relief.Period, position int) string {
	before, ok := a.roll.PredecessorIn(position, period)
	if !ok || position >= a.roll.Len() {
		return ""
	}
	id := relief.PaymentID{Programme: a.batch.Programme, County: before.County, Number: before.Number, Period: period, Attempt: 1}
	return id.String()
}

// compare names the first column in which a line differs from the roll: name, account, persons, region. The amount is compared
// with what can be listed. What is approved is then what was granted, and to whom.
func (a *adder) compare(l *LineInput, region relief.Region, period relief.Period, position int) wire.Refusal {
	if code := l.differs(a.roll.PayeeCheck(position)); code != "" {
		return wire.Refusal{Code: code}
	}
	if l.Persons != 0 {
		if persons := a.dueFor(position, period).Persons; l.Persons != persons {
			return wire.Refusal{Code: relief.LinePersonsDiffers, Note: strconv.Itoa(int(persons))}
		}
	}
	if l.Region != region {
		return wire.Refusal{Code: relief.LineRegionDiffers, Note: string(region)}
	}
	return wire.Refusal{}
}

// regionOf is the region in which the roll has a line's person. a.covers then says whether the batch covers it.
func (a *adder) regionOf(l *LineInput, position int) relief.Region {
	if a.compareRegion(l.Region); a.roll.RegionCode(position) == a.code {
		return l.Region
	}
	a.compareRegion(a.roll.Region(position))
	return a.region
}
