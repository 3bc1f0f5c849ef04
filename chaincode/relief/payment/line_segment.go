package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// lineSlot is one slot with its payment.
type lineSlot struct {
	state    uint8 // index into lineStates
	attempt  uint8 // the payment's number within the person's period
	batch    uint8 // index into the segment's batches
	kind     relief.PaymentKind
	seq      uint32     // line of the file that it came from; 0 when it came from none
	amount   relief.Fen // what counts against what is owed
	deducted relief.Fen // of the amount; the rest is transferred
}

// transferred is what the bank is told to pay.
func (l *lineSlot) transferred() relief.Fen { return l.amount - l.deducted }

// lineAnswer is the bank's answer for a slot's payment, and the hash of the leaf of its credit. A payment that is
// reversed after the credit keeps the leaf.
type lineAnswer struct {
	day     uint32
	reason  [4]byte
	bankRef relief.BankRefHash
	leaf    [32]byte
}

// same reports whether two answers agree. The leaf is not compared, because it depends on the transaction.
func (a *lineAnswer) same(other *lineAnswer) bool {
	return a.day == other.day && a.reason == other.reason && a.bankRef == other.bankRef
}

// oldLine is an earlier attempt, whose slot now holds a later one.
type oldLine struct {
	position uint16
	lineSlot
	lineAnswer
}

const (
	slotFree = iota
	slotListed
	slotCredited
	slotReturned
	slotReversed
	slotGranted // of further payments alone
)

var lineStates = [...]LineState{LineFree, LineListed, LineCredited, LineReturned, LineReversed, LineGranted}

// LineSegment is the unpacked form of one segment of a period's lines.
type LineSegment struct {
	batches []relief.BatchID
	slots   []lineSlot
	answers []lineAnswer // as long as slots, or nil before the first answer
	old     []oldLine
}

func (s *LineSegment) clone() LineSegment { return s.cloneFor(0) }

// cloneFor is clone with room in memory for so many slots.
func (s *LineSegment) cloneFor(slots int) LineSegment {
	room := make([]lineSlot, len(s.slots), max(slots, len(s.slots)))
	copy(room, s.slots)
	return LineSegment{slices.Clone(s.batches), room, slices.Clone(s.answers), slices.Clone(s.old)}
}

// batchIndex is the index of a batch in the segment's table, to which it adds the batch; ok is false when the table is
// full.
func (s *LineSegment) batchIndex(id relief.BatchID) (uint8, bool) {
	if i := slices.Index(s.batches, id); i >= 0 {
		return uint8(i), true //nolint:gosec // at most 255
	}
	if len(s.batches) >= maxBatches {
		return 0, false
	}
	s.batches = append(s.batches, id)
	return uint8(len(s.batches) - 1), true //nolint:gosec // at most 255
}

// slotAt is the slot of a position, growing the segment up to it.
func (s *LineSegment) slotAt(position int) *lineSlot {
	for len(s.slots) <= position {
		s.slots = append(s.slots, lineSlot{})
	}
	if s.answers != nil {
		for len(s.answers) < len(s.slots) {
			s.answers = append(s.answers, lineAnswer{})
		}
	}
	return &s.slots[position]
}

// archive copies a slot's payment to the earlier attempts before the slot takes the next one.
func (s *LineSegment) archive(position int) {
	o := oldLine{position: uint16(position), lineSlot: s.slots[position]} //nolint:gosec // at most 999
	if s.answers != nil {
		o.lineAnswer = s.answers[position]
		s.answers[position] = lineAnswer{}
	}
	s.old = append(s.old, o)
}
