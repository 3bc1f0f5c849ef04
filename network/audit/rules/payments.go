package rules

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// place is where a value of payments lies.
type place struct {
	at roll.SegmentAddr
	payment.ValueAddr
}

func (e *txChanges) placeOf(r Record) (p place, ok bool) {
	at, err := stored.SegmentOf(r.Key)
	if err != nil || len(r.Key.Attrs) != 4 {
		e.report(BadRecord, "%s is not a key of payments", KeyName(r.Name))
		return p, false
	}
	period, err := relief.ParsePeriod(r.Key.Attrs[2])
	if err != nil {
		e.report(BadRecord, "%s is not a key of payments", KeyName(r.Name))
		return p, false
	}
	at.Size = e.Sizes[at.Programme]
	return place{at, payment.ValueAddr{Period: period, Further: r.Key.Kind == relief.KindFurther, Segment: at.Segment}}, true
}

// touched is a payment that a transaction changed.
type touched struct {
	place
	position int
	batch    relief.BatchID
	answered bool
}

// payments checks that each payment of a value went from its state to one that the life cycle allows next.
func (e *txChanges) payments(r Record) {
	p, ok := e.placeOf(r)
	if !ok {
		return
	}
	after, err := p.Parse(r.Value)
	if err != nil {
		e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
		return
	}
	before, err := p.Parse(e.Segments[r.Name])
	if err != nil {
		return // reported when it was written
	}
	changes, gone, highest := compared(before, after)
	for i := range gone {
		e.lost(r, &gone[i])
	}
	for _, c := range changes {
		e.line(r, p, c, highest[c.After.Position])
	}
	e.Segments[r.Name] = r.Value
	e.grantsIn(p, before, after)
	e.leaves(p, before, after)
}

// compared gives what differs between two versions of a value, what is gone, and the last payment of each position before.
func compared(before, after payment.Payments) (changes []payment.LineChange, gone []payment.Line, highest map[int]payment.Line) {
	highest = map[int]payment.Line{}
	switch now := after.(type) {
	case *payment.Further:
		was := before.(*payment.Further) //nolint:forcetypeassert // of the same key
		return now.Changes(was), now.Removed(was), highest
	case *payment.LineSegment:
		was := before.(*payment.LineSegment) //nolint:forcetypeassert // likewise
		for _, c := range was.Changes(now) {
			if c.Before.Attempt == 0 {
				gone = append(gone, c.After)
			}
		}
		for _, c := range was.Changes(&payment.LineSegment{}) {
			highest[c.After.Position] = c.After // old attempts come first
		}
		changes = now.Changes(was)
	}
	return changes, gone, highest
}

// lost checks that a payment which a segment holds no more was taken out of an open batch, or was listed in a cancelled one.
func (e *txChanges) lost(r Record, l *payment.Line) {
	b := e.Batches[l.Batch]
	if b == nil || b.State != payment.BatchOpen && b.State != payment.BatchCancelled || l.State != payment.LineListed {
		e.report(BadRecord, "%s has lost the payment in slot %d, attempt %d", KeyName(r.Name), l.Position, l.Attempt)
	}
	e.count(l, -1)
}

func (e *txChanges) line(r Record, p place, c payment.LineChange, earlier payment.Line) {
	from, to := c.Before, c.After
	if to.State == payment.LineGranted {
		if from.Attempt != 0 && from.State != payment.LineListed { // what was listed is in gone
			e.report(PaidTwice, "%s slot %d attempt %d: a payment that was %s is granted again", KeyName(r.Name), to.Position, to.Attempt, from.State)
		}
		return
	}
	if from.State != payment.LineGranted {
		e.count(&from, -1)
	}
	e.count(&to, +1)
	if to.Answered() {
		e.Answered++
	}
	batch := e.Batches[to.Batch]
	if batch == nil {
		e.report(BadRecord, "%s slot %d belongs to batch %s, which does not exist", KeyName(r.Name), to.Position, to.Batch)
		return
	}
	if why := e.wrong(&from, &to, &earlier, batch); why != "" {
		e.report(PaidTwice, "%s slot %d attempt %d: %s", KeyName(r.Name), to.Position, to.Attempt, why)
	}
	if from.Answered() {
		e.reversed = append(e.reversed, reversedLine{p, to})
	}
	if to.Kind == relief.PaymentRegular && p.Period != batch.Period || to.Kind == relief.PaymentArrears && !p.Period.Before(batch.Period) {
		e.report(BadRecord, "%s slot %d attempt %d is no %s payment of batch %s", KeyName(r.Name), to.Position, to.Attempt, to.Kind, to.Batch)
	}
	e.touched = append(e.touched, touched{p, to.Position, to.Batch, to.Answered()})
	if to.Deducted > 0 && !to.Answered() {
		e.deducts = append(e.deducts, touched{p, to.Position, to.Batch, false})
	}
}

// wrong says why a payment may not have changed as it did; empty when it may. earlier is what the slot held before.
func (e *txChanges) wrong(from, to, earlier *payment.Line, batch *payment.Batch) string {
	switch {
	case from.Attempt == 0:
		return listed(to, earlier)
	case from.State == payment.LineGranted && to.State == payment.LineListed:
		if from.Amount != to.Amount {
			return "another amount than granted"
		}
		return ""
	case from.State == payment.LineListed && to.State == payment.LineListed:
		if holder := e.Batches[from.Batch]; from.Batch == to.Batch || holder == nil || holder.State != payment.BatchCancelled {
			return "taken by another batch while batch " + string(from.Batch) + " is not cancelled"
		}
		return ""
	case from.State == payment.LineListed && (to.State == payment.LineCredited || to.State == payment.LineReturned),
		from.State == payment.LineCredited && to.State == payment.LineReversed, // by a reversal: see reversedLines
		(from.State == payment.LineReturned || from.State == payment.LineReversed) && to.State == payment.LineCredited:
		return answered(from, to, batch)
	}
	return fmt.Sprintf("it went from %s to %s", from.State, to.State)
}

// answered says why an answer is wrong. Payments of which nothing is transferred are credited when finance authorises the batch.
func answered(from, to *payment.Line, batch *payment.Batch) string {
	netted := batch.State == payment.BatchApproved && to.State == payment.LineCredited && to.Deducted == to.Amount
	switch {
	case from.Batch != to.Batch || from.Amount != to.Amount || from.Deducted != to.Deducted:
		return "answered for another batch or amount than listed"
	case batch.State != payment.BatchInstructed && batch.State != payment.BatchClosed && !netted:
		return "answered although the bank was not instructed to pay"
	}
	return ""
}

// listed says why a new payment is wrong; a new payment of the lines is the first in its slot or a later attempt after a return.
func listed(to, earlier *payment.Line) string {
	switch {
	case to.State != payment.LineListed:
		return fmt.Sprintf("it begins as %s", to.State)
	case to.Kind == relief.PaymentTopUp || to.Kind == relief.PaymentGrant && to.Again > 0:
		return ""
	case to.Kind == relief.PaymentGrant:
		return "nobody granted it"
	case earlier.Attempt == 0 && to.Attempt != 1:
		return "its first attempt does not have the number 1"
	case earlier.Attempt != 0 && (to.Attempt <= earlier.Attempt || earlier.State != payment.LineReturned && earlier.State != payment.LineReversed):
		return fmt.Sprintf("paid again although attempt %d is %s", earlier.Attempt, earlier.State)
	}
	return ""
}

// count adds a payment to the sums of its batch (sign 1) or takes it away (sign -1).
func (e *txChanges) count(l *payment.Line, sign int) {
	if l.Attempt == 0 {
		return
	}
	t := e.Counted[l.Batch]
	if t == nil {
		t = &payment.Totals{}
		e.Counted[l.Batch] = t
	}
	amount := (l.Amount - l.Deducted) * relief.Fen(sign)
	t.Listed += sign
	t.ListedSum += amount
	t.DeductedSum += l.Deducted * relief.Fen(sign)
	switch l.State {
	case payment.LineCredited:
		t.Credited += sign
		t.CreditedSum += amount
	case payment.LineReturned, payment.LineReversed:
		t.Returned += sign
		t.ReturnedSum += amount
	default:
		t.Pending += sign
		t.PendingSum += amount
	}
}

// leaves appends the leaves that a transaction adds to the log.
func (e *txChanges) leaves(p place, before, after payment.Payments) {
	rollSegment, err := roll.ParseSegment(e.Segments[relief.RollKey(p.at.Programme, p.at.County, p.Segment).String()])
	if err != nil {
		e.report(BadRecord, "the roll beside payments of segment %d cannot be read", p.Segment)
		return
	}
	for _, c := range payment.NewCredits(after, before, p.at, p.Period, rollSegment) {
		e.Leaves = append(e.Leaves, c.Hash)
	}
}

// batchState finds a batch for sums; one that does not exist was reported when it was named.
func (b *State) batchState(id relief.BatchID) (payment.BatchState, error) {
	if batch := b.Batches[id]; batch != nil {
		return batch.State, nil
	}
	return payment.BatchCancelled, nil
}

// owed checks that nothing was listed above what is owed to a person for a period, by what is listed and credited of it.
func (e *txChanges) owed() {
	done := map[place]map[int]bool{}
	for i := range e.touched {
		t := &e.touched[i]
		of := t.place
		of.Further = false
		if t.answered || done[of][t.position] {
			continue
		}
		if done[of] == nil {
			done[of] = map[int]bool{}
		}
		done[of][t.position] = true
		packed := e.Segments[relief.RollKey(of.at.Programme, of.at.County, of.Segment).String()]
		entries, err1 := roll.ParseSegment(packed)
		p, err2 := e.ofPeriod(of)
		if packed == nil || err1 != nil || err2 != nil || t.position >= entries.Len() {
			continue // reported when it was written
		}
		sums, err := p.Sums(t.position, e.batchState)
		if owed := owedOf(entries, t.position, of.Period); err == nil && !p.Grants(t.position) && sums.Held() > owed {
			e.report(Money, "%s is listed and credited to number %d for %s of %s, %s is owed",
				sums.Held(), of.at.First()+uint32(t.position), of.Period, of.at.Programme, owed) //nolint:gosec // < 1000
		}
	}
}

// ofPeriod reads both values of a segment's payments for a period.
func (e *txChanges) ofPeriod(p place) (payment.OfPeriod, error) {
	lines := relief.LinesKey(p.at.Programme, p.at.County, p.Period, p.Segment).String()
	further := relief.FurtherKey(p.at.Programme, p.at.County, p.Period, p.Segment).String()
	return payment.ParseOfPeriod(p.Period, e.Segments[lines], e.Segments[further])
}

// transfers checks that all payments of a person in one batch have the same answer of the bank.
func (e *txChanges) transfers() {
	for i := range e.touched {
		t := &e.touched[i]
		b := e.Batches[t.batch]
		if !t.answered || b == nil || !b.HoldsMore() {
			continue
		}
		var first payment.Line
		for _, v := range b.ValuesIn(t.Segment) {
			payments, err := v.Parse(e.Segments[v.Key(b.Programme, b.Region.County()).String()])
			if err != nil {
				continue // reported when it was written
			}
			for _, l := range payment.LinesAt(payments, b.ID, t.position) {
				if first.Attempt == 0 {
					first = l
				}
				if l.State != first.State || l.Day != first.Day || l.BankRef != first.BankRef || l.Reason != first.Reason {
					e.report(PaidTwice, "batch %s: the payments of number %d have different answers of the bank, and one transfer",
						b.ID, t.at.First()+uint32(t.position)) //nolint:gosec // < 1000
					return
				}
			}
		}
	}
}

// heldBy reads the values of a sealed batch; false when one cannot be read, which was reported when it was written.
func (e *txChanges) heldBy(b *payment.Batch) ([]payment.Value, bool) {
	var values []payment.Value
	for _, v := range b.Values() {
		p, err := v.Parse(e.Segments[v.Key(b.Programme, b.Region.County()).String()])
		if err != nil {
			return nil, false
		}
		values = append(values, payment.Value{ValueAddr: v, Payments: p})
	}
	return values, true
}
