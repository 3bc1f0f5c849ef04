package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Line is the payment of one attempt as its slot holds it.
type Line struct {
	Position int // in the segment
	Attempt  uint8
	State    LineState
	Batch    relief.BatchID // "" for a grant that no batch holds
	Kind     relief.PaymentKind
	Amount   relief.Fen // what counts against what is owed
	Deducted relief.Fen // of the amount
	Again    uint8      // of a further payment: the number of the payment that it pays again
	Seq      uint32     // line of the file it came from
	Day      uint32     // the bank's value date in days since 1970-01-01; this and the next fields are zero before the answer
	Reason   [4]byte
	BankRef  relief.BankRefHash
	Leaf     [32]byte // hash of the leaf in the transparency log, from the credit on; zero when there is no leaf
}

// Answered reports whether the bank has answered.
func (l *Line) Answered() bool {
	return l.State == LineCredited || l.State == LineReturned || l.State == LineReversed
}

// LineChange is the change of one payment between two versions of a segment. A new payment has Before.Attempt 0.
type LineChange struct{ Before, After Line }

// Changes lists the payments that differ from an earlier version of the segment, in the order of slots, an earlier
// attempt before the current one. An earlier attempt that stays as it was when a slot takes a new one is not listed; one whose
// answer was reversed since is.
func (s *LineSegment) Changes(before *LineSegment) []LineChange {
	known := len(before.batches) <= len(s.batches) && slices.Equal(before.batches, s.batches[:len(before.batches)])
	same := func(i int) bool {
		return s.slots[i].state == slotFree || known && i < len(before.slots) && s.slots[i] == before.slots[i] && s.answerAt(i) == before.answerAt(i)
	}
	sameOld := func(i int) bool { return known && i < len(before.old) && s.old[i] == before.old[i] }
	changes := make([]LineChange, 0, others(len(s.slots), same)+others(len(s.old), sameOld)) // a thousand need a quarter of a megabyte: allocate once
	compare := func(position int, slot *lineSlot, answer *lineAnswer) {
		after := s.line(position, slot, answer)
		var earlier Line
		if was, answered := before.find(position, slot.attempt); was != nil && was.state != slotFree {
			earlier = before.line(position, was, answered)
		}
		if after != earlier {
			changes = append(changes, LineChange{earlier, after})
		}
	}
	for i := range s.old {
		if o := &s.old[i]; !sameOld(i) {
			compare(int(o.position), &o.lineSlot, &o.lineAnswer)
		}
	}
	earlier := len(changes)
	for i := range s.slots {
		if !same(i) {
			answer := s.answerAt(i)
			compare(i, &s.slots[i], &answer)
		}
	}
	if earlier > 0 { // the others are in order
		slices.SortStableFunc(changes, func(a, b LineChange) int { return a.After.Position - b.After.Position })
	}
	return changes
}

// others counts the numbers below n that are not what is said.
func others(n int, is func(int) bool) (count int) {
	for i := range n {
		if !is(i) {
			count++
		}
	}
	return count
}

func (s *LineSegment) answerAt(position int) lineAnswer {
	if s.answers == nil {
		return lineAnswer{}
	}
	return s.answers[position]
}

func (s *LineSegment) line(position int, slot *lineSlot, answer *lineAnswer) Line {
	return lineOf(position, slot, answer, s.batches[slot.batch])
}

func lineOf(position int, slot *lineSlot, answer *lineAnswer, batch relief.BatchID) Line {
	return Line{
		Position: position, Attempt: slot.attempt, State: lineStates[slot.state], Batch: batch, Kind: slot.kind,
		Amount: slot.amount, Deducted: slot.deducted, Seq: slot.seq,
		Day: answer.day, Reason: answer.reason, BankRef: answer.bankRef, Leaf: answer.leaf,
	}
}

// StateOf is the state of a payment: its batch's state until the bank answers, then the answer.
func StateOf(line LineState, batch BatchState) State {
	if line == LineListed && batch != BatchOpen {
		return State(batch)
	}
	return State(line)
}

// Removed lists the payments of an earlier version that the segment holds no more: lines that were taken out of an open
// batch.
func (s *LineSegment) Removed(before *LineSegment) (lines []Line) {
	for i := range before.slots {
		if was := &before.slots[i]; was.state != slotFree && s.Attempt(i) < was.attempt {
			answer := before.answerAt(i)
			lines = append(lines, before.line(i, was, &answer))
		}
	}
	return lines
}

// Changes lists the further payments that differ from an earlier version, in the order of positions and numbers.
func (f *Further) Changes(before *Further) (changes []LineChange) {
	for i := range f.entries {
		e := &f.entries[i]
		after := f.line(e)
		var earlier Line
		if k, ok := before.at(int(e.position), e.attempt); ok {
			earlier = before.line(&before.entries[k])
		}
		if after != earlier {
			changes = append(changes, LineChange{earlier, after})
		}
	}
	return changes
}

// Removed lists the payments of an earlier version that no batch has any more: top-ups that are gone, and grants that are
// granted again.
func (f *Further) Removed(before *Further) (lines []Line) {
	for i := range before.entries {
		was := &before.entries[i]
		k, ok := f.at(int(was.position), was.attempt)
		if was.state != slotGranted && (!ok || f.entries[k].state == slotGranted) {
			lines = append(lines, before.line(was))
		}
	}
	return lines
}

func (f *Further) line(e *furtherEntry) Line {
	l := lineOf(int(e.position), &e.lineSlot, &e.lineAnswer, f.holder(&e.lineSlot))
	l.Again = e.again
	return l
}

// LinesAt are a batch's payments at a position of a value.
func LinesAt(p Payments, id relief.BatchID, position int) (lines []Line) {
	p.eachAt(id, position, func(slot *lineSlot, answer *lineAnswer) {
		lines = append(lines, lineOf(position, slot, answer, id))
	})
	return lines
}
