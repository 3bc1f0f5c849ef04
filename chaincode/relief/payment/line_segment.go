package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// lineSlot is what a slot says of the payment that it holds.
type lineSlot struct {
	state   uint8 // index into lineStates
	attempt uint8
	batch   uint8 // index into the segment's batches
	amount  relief.Fen
	seq     uint32
}

// lineAnswer is what the bank answered to a slot's payment, and the hash of the leaf that its credit made. A return
// after the credit keeps the leaf.
type lineAnswer struct {
	day     uint32
	reason  [4]byte
	bankRef relief.BankRefHash
	leaf    [32]byte
}

// same reports whether the bank said the same. The leaf does not count: its transaction differs each time.
func (a *lineAnswer) same(other *lineAnswer) bool {
	return a.day == other.day && a.reason == other.reason && a.bankRef == other.bankRef
}

// oldLine is an earlier attempt whose slot was taken again.
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
)

var lineStates = [...]LineState{LineFree, LineListed, LineCredited, LineSentBack, LineReversed}

// LineSegment is a lines segment, unpacked.
type LineSegment struct {
	batches []relief.BatchID
	slots   []lineSlot
	answers []lineAnswer // as long as slots, or nil when nothing was answered yet
	old     []oldLine
}

func (s *LineSegment) clone() LineSegment {
	return LineSegment{slices.Clone(s.batches), slices.Clone(s.slots), slices.Clone(s.answers), slices.Clone(s.old)}
}

// batchIndex finds or adds a batch in the segment's table; ok is false when the table is full.
func (s *LineSegment) batchIndex(id relief.BatchID) (uint8, bool) {
	if i := slices.Index(s.batches, id); i >= 0 {
		return uint8(i), true //nolint:gosec // at most 255
	}
	if len(s.batches) >= 255 {
		return 0, false
	}
	s.batches = append(s.batches, id)
	return uint8(len(s.batches) - 1), true //nolint:gosec // at most 255
}

// slotAt is the slot of a position, growing the segment up to it.
func (s *LineSegment) slotAt(position int) *lineSlot {
	if grow := position + 1 - len(s.slots); grow > 0 {
		s.slots = append(s.slots, make([]lineSlot, grow)...)
		if s.answers != nil {
			s.answers = append(s.answers, make([]lineAnswer, grow)...)
		}
	}
	return &s.slots[position]
}

// archive keeps a slot's payment before the slot is taken again.
func (s *LineSegment) archive(position int) {
	o := oldLine{position: uint16(position), lineSlot: s.slots[position]} //nolint:gosec // at most 999
	if s.answers != nil {
		o.lineAnswer = s.answers[position]
		s.answers[position] = lineAnswer{}
	}
	s.old = append(s.old, o)
}
