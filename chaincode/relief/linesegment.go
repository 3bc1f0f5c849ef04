package relief

import (
	"encoding/binary"
	"slices"
)

// A lines segment is one value: the payments of one period of the people of one roll segment, in fixed width.
// docs/ledger-layout.md gives it byte by byte.
const (
	linesKind       = 'l'
	linesVersion    = 2
	linesHeader     = 8
	lineSlotWidth   = 13
	lineAnswerWidth = 72
	linesAnswered   = 1 // flag: the answers follow the slots

	// Version 1, still read, had answers without a leaf.
	linesVersion1    = 1
	lineAnswerWidth1 = 40
)

// lineSlot is what a slot says of the payment that it holds.
type lineSlot struct {
	state   uint8 // index into lineStates
	attempt uint8
	batch   uint8 // index into the segment's batches
	amount  Fen
	seq     uint32
}

// lineAnswer is what the bank answered to a slot's payment, and the hash of the leaf that its credit made. A return
// after the credit keeps the leaf.
type lineAnswer struct {
	day     uint32
	reason  [4]byte
	bankRef [32]byte
	leaf    [32]byte
}

// same tells whether the bank said the same. The leaf does not count: its transaction differs each time.
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
	batches []BatchID
	slots   []lineSlot
	answers []lineAnswer // as long as slots, or nil when nothing was answered yet
	old     []oldLine
}

// ParseLineSegment unpacks a value; nil bytes are an empty segment.
func ParseLineSegment(b []byte) (LineSegment, error) {
	var s LineSegment
	if len(b) == 0 {
		return s, nil
	}
	if len(b) < linesHeader || b[0] != linesKind || b[1] != linesVersion && b[1] != linesVersion1 || b[2] > linesAnswered {
		return s, Errorf(CodeCorrupt, "a lines segment of an unknown kind or version")
	}
	batches, slots, old := int(b[3]), int(binary.BigEndian.Uint16(b[4:])), int(binary.BigEndian.Uint16(b[6:]))
	answered := b[2] == linesAnswered
	width := lineAnswerWidth
	if b[1] == linesVersion1 {
		width = lineAnswerWidth1
	}
	b = b[linesHeader:]
	bad := Errorf(CodeCorrupt, "a lines segment that cannot be")
	for range batches {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return s, bad
		}
		id, err := ParseBatchID(string(b[1 : 1+b[0]]))
		if err != nil {
			return s, bad
		}
		s.batches, b = append(s.batches, id), b[1+b[0]:]
	}
	size := slots*lineSlotWidth + old*(2+lineSlotWidth+width)
	if answered {
		size += slots * width
	}
	if slots > DefaultSegmentSize || len(b) != size {
		return s, bad
	}
	return s, s.unpack(b, slots, old, answered, width)
}

func (s *LineSegment) unpack(b []byte, slots, old int, answered bool, width int) error {
	s.slots = make([]lineSlot, slots)
	for i := range s.slots {
		s.slots[i].unpack(b)
		b = b[lineSlotWidth:]
		if err := s.checkSlot(&s.slots[i]); err != nil {
			return err
		}
	}
	if answered {
		s.answers = make([]lineAnswer, slots)
		for i := range s.answers {
			s.answers[i].unpack(b[:width])
			b = b[width:]
		}
	}
	s.old = make([]oldLine, old)
	for i := range s.old {
		o := &s.old[i]
		o.position = binary.BigEndian.Uint16(b)
		o.lineSlot.unpack(b[2:])
		o.lineAnswer.unpack(b[2+lineSlotWidth:][:width])
		b = b[2+lineSlotWidth+width:]
		if err := s.checkSlot(&o.lineSlot); err != nil {
			return err
		}
	}
	return nil
}

func (s *LineSegment) checkSlot(l *lineSlot) error {
	free := l.state == slotFree && *l == lineSlot{}
	taken := l.state != slotFree && int(l.state) < len(lineStates) && int(l.batch) < len(s.batches) && l.amount <= MaxFen && l.attempt > 0
	if !free && !taken {
		return Errorf(CodeCorrupt, "a lines segment with a payment that cannot be")
	}
	return nil
}

func (l *lineSlot) unpack(b []byte) {
	l.state, l.attempt, l.batch = b[0], b[1], b[2]
	l.amount = Fen(uint48(b[3:])) //nolint:gosec // 48 bits
	l.seq = binary.BigEndian.Uint32(b[9:])
}

func (l *lineSlot) appendTo(b []byte) []byte {
	b = append(b, l.state, l.attempt, l.batch, byte(l.amount>>40), byte(l.amount>>32)) //nolint:gosec // cut on purpose
	b = binary.BigEndian.AppendUint32(b, uint32(l.amount))                             //nolint:gosec // cut on purpose
	return binary.BigEndian.AppendUint32(b, l.seq)
}

func (a *lineAnswer) unpack(b []byte) {
	a.day = binary.BigEndian.Uint32(b)
	copy(a.reason[:], b[4:])
	copy(a.bankRef[:], b[8:])
	copy(a.leaf[:], b[lineAnswerWidth1:])
}

func (a *lineAnswer) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, a.day)
	b = append(b, a.reason[:]...)
	b = append(b, a.bankRef[:]...)
	return append(b, a.leaf[:]...)
}

// Bytes packs the segment.
func (s *LineSegment) Bytes() []byte {
	size := linesHeader + len(s.slots)*(lineSlotWidth+lineAnswerWidth) + len(s.old)*(2+lineSlotWidth+lineAnswerWidth) + len(s.batches)*41
	b := make([]byte, 0, size)
	b = append(b, linesKind, linesVersion, 0, byte(len(s.batches))) //nolint:gosec // at most 255: batchIndex
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.slots)))      //nolint:gosec // at most 1000
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.old)))        //nolint:gosec // bounded by archive
	for _, id := range s.batches {
		b = append(b, byte(len(id))) //nolint:gosec // at most 40
		b = append(b, id...)
	}
	for i := range s.slots {
		b = s.slots[i].appendTo(b)
	}
	if s.answers != nil {
		b[2] = linesAnswered
		for i := range s.answers {
			b = s.answers[i].appendTo(b)
		}
	}
	for i := range s.old {
		o := &s.old[i]
		b = binary.BigEndian.AppendUint16(b, o.position)
		b = o.lineSlot.appendTo(b)
		b = o.lineAnswer.appendTo(b)
	}
	return b
}

func (s *LineSegment) clone() LineSegment {
	return LineSegment{slices.Clone(s.batches), slices.Clone(s.slots), slices.Clone(s.answers), slices.Clone(s.old)}
}

// batchIndex finds or adds a batch in the segment's table; ok is false when the table is full.
func (s *LineSegment) batchIndex(id BatchID) (uint8, bool) {
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
