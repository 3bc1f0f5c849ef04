package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Credit is a credited payment as its slot tells it, for whoever follows the ledger.
type Credit struct {
	// Leaf without transaction and salt, which are not in the slot. After a return its day and bank reference are the
	// return's: the leaf is made of the version of the slot that first had it.
	Leaf relief.Leaf
	Hash [32]byte // the leaf's, as the endorsers computed it
	// Reversed tells that the money came back after the credit.
	Reversed bool
}

// Credits lists the payments of a segment that have a leaf, in roll order, an old attempt before today's. roll is the
// segment's roll as it was when this version of the segment was written.
func (s *LineSegment) Credits(at roll.SegmentAddr, period relief.Period, entries roll.Segment) []Credit {
	var credits []Credit
	s.visit(func(position int, slot *lineSlot, answer *lineAnswer) {
		if answer.leaf == [32]byte{} || position >= entries.Len() {
			return
		}
		number := at.First() + uint32(position) //nolint:gosec // < 1000
		credits = append(credits, Credit{
			Leaf: relief.Leaf{
				Payment: relief.PaymentID{Programme: at.Programme, County: at.County, Number: number, Period: period, Attempt: slot.attempt},
				Region:  entries.Region(position), Subject: entries.Ref(position), Amount: slot.amount, Day: answer.day,
				Batch: s.batches[slot.batch], BankRef: answer.bankRef,
			},
			Hash: answer.leaf, Reversed: slot.state == slotReversed,
		})
	})
	return credits
}

// NewCredits lists the payments that have a leaf in s and had none in the version before it: the leaves that the
// transaction which wrote s adds to the log, in the order in which it adds them.
func (s *LineSegment) NewCredits(before *LineSegment, at roll.SegmentAddr, period relief.Period, entries roll.Segment) []Credit {
	known := map[[32]byte]bool{} // only looked up, never ranged over
	before.visit(func(_ int, _ *lineSlot, answer *lineAnswer) { known[answer.leaf] = true })
	credits := s.Credits(at, period, entries)
	kept := credits[:0]
	for i := range credits {
		if !known[credits[i].Hash] {
			kept = append(kept, credits[i])
		}
	}
	return kept
}
