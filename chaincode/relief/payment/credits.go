package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Credit is a credited payment as its slot holds it. The gateways and the auditor's tool read credits from the ledger.
type Credit struct {
	// Leaf has no transaction and no salt, because the slot holds neither. After a return its day and bank reference
	// are those of the return; the leaf in the log comes from the first version of the slot that has the leaf's hash.
	Leaf relief.Leaf
	Hash [32]byte // the leaf's, as the endorsers computed it
	// Reversed is true when the money came back after the credit.
	Reversed bool
}

// Payments are the payments of one value of the ledger: the lines of a segment, or its further payments.
type Payments interface {
	visit(func(position int, slot *lineSlot, answer *lineAnswer))
	each(id relief.BatchID, visit func(position int, slot *lineSlot, answer *lineAnswer))
	eachAt(id relief.BatchID, position int, visit func(slot *lineSlot, answer *lineAnswer))
	find(position int, attempt uint8) (*lineSlot, *lineAnswer)
	holder(slot *lineSlot) relief.BatchID
	// paidAgainBy are the payments that pay again what came back of a payment.
	paidAgainBy(position int, attempt uint8) []*lineSlot
	copied() Payments
	// setAnswer changes the state and the answer of a payment that is there.
	setAnswer(position int, attempt, state uint8, answer *lineAnswer)
	// Bytes packs the value.
	Bytes() []byte
}

func (s *LineSegment) copied() Payments { out := s.clone(); return &out }

func (f *Further) copied() Payments { out := f.clone(); return &out }

func (s *LineSegment) setAnswer(position int, attempt, state uint8, answer *lineAnswer) {
	slot, _ := s.find(position, attempt)
	slot.state = state
	if s.answers == nil {
		s.answers = make([]lineAnswer, len(s.slots))
	}
	_, kept := s.find(position, attempt)
	*kept = *answer
}

func (f *Further) setAnswer(position int, attempt, state uint8, answer *lineAnswer) {
	slot, kept := f.find(position, attempt)
	slot.state, *kept = state, *answer
}

func (s *LineSegment) holder(slot *lineSlot) relief.BatchID { return s.batches[slot.batch] }

func (f *Further) holder(slot *lineSlot) relief.BatchID {
	if slot.state == slotGranted {
		return ""
	}
	return f.batches[slot.batch]
}

// Credits lists the payments of a value that have a leaf, in the order of the roll, an earlier attempt before the
// current one. entries is the roll segment as it was when this version of the value was written.
func Credits(s Payments, at roll.SegmentAddr, period relief.Period, entries roll.Segment) []Credit {
	var credits []Credit
	s.visit(func(position int, slot *lineSlot, answer *lineAnswer) {
		if answer.leaf == [32]byte{} || position >= entries.Len() {
			return
		}
		number := at.First() + uint32(position) //nolint:gosec // < 1000
		credits = append(credits, Credit{
			Leaf: relief.Leaf{
				Payment: relief.PaymentID{Programme: at.Programme, County: at.County, Number: number, Period: period, Attempt: slot.attempt},
				Region:  entries.Region(position), Subject: entries.Ref(position), Kind: slot.kind, Amount: slot.amount,
				Deducted: slot.deducted, Day: answer.day, Batch: s.holder(slot), BankRef: answer.bankRef,
			},
			Hash: answer.leaf, Reversed: slot.state == slotReversed,
		})
	})
	return credits
}

// NewCredits lists the payments that have a leaf in s and had none in the version before: the leaves that the
// transaction that wrote s adds to the log, in the order of the log.
func NewCredits(s, before Payments, at roll.SegmentAddr, period relief.Period, entries roll.Segment) []Credit {
	known := map[[32]byte]bool{} // only looked up, never ranged over
	before.visit(func(_ int, _ *lineSlot, answer *lineAnswer) { known[answer.leaf] = true })
	credits := Credits(s, at, period, entries)
	kept := credits[:0]
	for i := range credits {
		if !known[credits[i].Hash] {
			kept = append(kept, credits[i])
		}
	}
	return kept
}
