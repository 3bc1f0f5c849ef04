package roll

import (
	"bytes"
	"encoding/binary"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// A roll segment is one value on the ledger: neighbouring entries of the roll of a programme and county, in fixed
// width. docs/ledger-layout.md gives it byte by byte.
const (
	rollKind      = 'r'
	rollVersion   = 3
	rollHeader    = 4
	rollSlotWidth = 47
)

// Entry is one person on a programme's roll.
type Entry struct {
	Programme  relief.ProgrammeID `json:"programme"`
	County     relief.Region      `json:"county"`
	Number     uint32             `json:"number"`
	Subject    relief.SubjectRef  `json:"subject"`
	Region     relief.Region      `json:"region"`
	Persons    uint8              `json:"persons"`
	Class      string             `json:"class"`
	Amount     relief.Fen         `json:"amount"` // granted a month
	From       relief.Period      `json:"from"`
	Until      relief.Period      `json:"until,omitzero"`
	PaidTill   relief.Period      `json:"paid_through,omitzero"`
	State      State              `json:"state"`
	ExitReason ExitReason         `json:"exit_reason,omitempty"`
	Told                          // was paid before this record began
}

// Segment is a roll segment in its packed form. Entries are read from the packed bytes.
type Segment struct{ b []byte }

var emptyRoll = []byte{rollKind, rollVersion, 0, 0}

// ParseSegment checks a packed value; nil bytes are an empty segment.
func ParseSegment(b []byte) (Segment, error) {
	if len(b) == 0 {
		return Segment{slices.Clone(emptyRoll)}, nil
	}
	if len(b) < rollHeader || b[0] != rollKind || b[1] < rollVersion || b[1] > rollVersionTold {
		return Segment{}, relief.Errorf(relief.CodeCorrupt, "a roll segment of an unknown kind or version")
	}
	seg := Segment{b}
	want := rollHeader + seg.Len()*rollSlotWidth
	if seg.hasSpans() && len(b) >= want+2 {
		want += 2 + int(binary.BigEndian.Uint16(b[want:]))*rollSpanWidth
	} else if seg.hasSpans() {
		want = -1
	}
	if seg.Len() > programme.DefaultSegmentSize || len(b) != want {
		return Segment{}, relief.Errorf(relief.CodeCorrupt, "a roll segment of the wrong length")
	}
	for i := range seg.Len() {
		if err := seg.checkSlot(i); err != nil {
			return Segment{}, err
		}
	}
	return seg, seg.checkTail()
}

// Bytes is the packed value.
func (s Segment) Bytes() []byte { return s.b }

// Len is the number of entries; the zero value has none.
func (s Segment) Len() int {
	if len(s.b) < rollHeader {
		return 0
	}
	return int(binary.BigEndian.Uint16(s.b[2:]))
}

func (s Segment) slot(i int) []byte {
	at := rollHeader + i*rollSlotWidth
	return s.b[at : at+rollSlotWidth]
}

// Ref is the reference of entry i.
func (s Segment) Ref(i int) (ref relief.SubjectRef) {
	copy(ref[:], s.slot(i))
	return ref
}

// From is the first period of entry i.
func (s Segment) From(i int) relief.Period { return s.periodAt(i, rollFrom) }

// Offsets within a packed slot.
const (
	rollRegion  = 17
	rollPersons = 23
	rollClass   = 24
	rollAmount  = 25
	rollFrom    = 31
	rollUntil   = 33
	rollPaid    = 35
	rollState   = 37
	rollReason  = 38
	rollCheck   = 39 // of the payee
)

var errRollSlot = relief.Errorf(relief.CodeCorrupt, "a roll segment has an entry that no act can write")

func (s Segment) checkSlot(i int) error {
	b := s.slot(i)
	if b[0] == 0 || !relief.IsRegionCode(uint48(b[rollRegion:])) { // no key makes a reference of epoch 0
		return errRollSlot
	}
	for _, at := range []int{rollFrom, rollUntil, rollPaid} {
		if _, err := relief.PeriodFromCode(binary.BigEndian.Uint16(b[at:])); err != nil {
			return errRollSlot
		}
	}
	if b[rollState] > 1 || int(b[rollReason]) >= len(exitReasons) || b[rollClass] < 'A' || b[rollClass] > 'Z' ||
		uint48(b[rollAmount:]) > uint64(relief.MaxFen) {
		return errRollSlot
	}
	return nil
}

func (s Segment) periodAt(i, at int) relief.Period {
	p, _ := relief.PeriodFromCode(binary.BigEndian.Uint16(s.slot(i)[at:])) // checked by ParseSegment
	return p
}

// Region is the region in which the person of entry i lives.
func (s Segment) Region(i int) relief.Region {
	r, _ := relief.RegionFromCode(uint48(s.slot(i)[rollRegion:])) // checked by ParseSegment
	return r
}

// InRegion reports whether the person of entry i lives in exactly this region. It makes no text of the packed region, as
// Region does.
func (s Segment) InRegion(i int, r relief.Region) bool {
	return uint48(s.slot(i)[rollRegion:]) == r.Code()
}

// PayeeCheck is the check of the payee of entry i.
func (s Segment) PayeeCheck(i int) (c PayeeCheck) {
	copy(c[:], s.slot(i)[rollCheck:])
	return c
}

func (s Segment) exited(i int) bool { return s.slot(i)[rollState] == 1 }

// Entry reads entry i of the segment with the address at.
func (s Segment) Entry(i int, at SegmentAddr) Entry {
	b := s.slot(i)
	e := Entry{
		Programme: at.Programme, County: at.County, Number: at.First() + uint32(i), //nolint:gosec // i < 1000
		Subject: s.Ref(i), Region: s.Region(i), Persons: b[rollPersons], Class: string(b[rollClass : rollClass+1]),
		Amount: relief.Fen(uint48(b[rollAmount:])), From: s.From(i), Until: s.periodAt(i, rollUntil), //nolint:gosec // 48 bits
		PaidTill: s.periodAt(i, rollPaid), State: InForce, ExitReason: exitReasons[b[rollReason]],
	}
	if s.exited(i) {
		e.State = Exited
	}
	e.Told = s.Told(i)
	return e
}

// SegmentAddr is the address of a segment: which one of which roll.
type SegmentAddr struct {
	Programme relief.ProgrammeID
	County    relief.Region
	Segment   uint32
	Size      uint32 // the programme's segment size
}

// First is the segment's first roll number.
func (a SegmentAddr) First() uint32 { return a.Segment * a.Size }

// Slot is the position of a roll number in the segment; false when the number belongs to another segment.
func (a SegmentAddr) Slot(number uint32) (int, bool) {
	if number < a.First() || number-a.First() >= a.Size {
		return 0, false
	}
	return int(number - a.First()), true
}

// Part is a segment of a roll with its address and its payees.
type Part struct {
	At      SegmentAddr
	Segment Segment
	Payees  Payees
}

// ParsePart reads a segment of a roll and its payees; nil bytes are an empty segment. CORRUPT unless both have the same
// number of entries.
func ParsePart(at SegmentAddr, segment, payees []byte) (Part, error) {
	p := Part{At: at}
	var err error
	if p.Segment, err = ParseSegment(segment); err != nil {
		return p, err
	}
	if p.Payees, err = ParsePayees(payees); err != nil {
		return p, err
	}
	return p, p.Check()
}

// Check returns CORRUPT unless the segment and its payees belong together: as many entries, and the same payee in each.
func (p *Part) Check() error {
	if p.Segment.Len() != p.Payees.Len() {
		return relief.Errorf(relief.CodeCorrupt, "roll segment %d has %d entries and %d payees", p.At.Segment, p.Segment.Len(), p.Payees.Len())
	}
	for i := range p.Segment.Len() {
		payee := p.Payees.Payee(i)
		if p.Segment.PayeeCheck(i) != payee.Check() {
			return relief.Errorf(relief.CodeCorrupt, "roll segment %d has another payee beside entry %d", p.At.Segment, i)
		}
	}
	return nil
}

// WithoutPayee is the part after the private details of entry i were erased: nobody is paid under its number. p does not
// change.
func (p *Part) WithoutPayee(i int) Part {
	out := p.withRoom(0)
	if i < out.Payees.Len() {
		out.Payees = out.Payees.Erased(i)
		clear(out.Segment.slot(i)[rollCheck:])
	}
	return out
}

// setPayee puts the payee of new private details beside entry i, and its check into the entry; p must be a clone. It
// reports whether it could: versions of the details end with 65,535.
func (p *Part) setPayee(i int, payee Payee) bool {
	if !p.Payees.set(i, payee) {
		return false
	}
	check := payee.Check()
	copy(p.Segment.slot(i)[rollCheck:], check[:])
	return true
}

// withRoom is a copy with room in memory for that many more entries.
func (p *Part) withRoom(entries int) Part {
	return Part{At: p.At, Segment: p.Segment.withRoom(entries), Payees: p.Payees.withRoom(entries)}
}

func packRoll(e *Input, from, paidTill relief.Period) []byte {
	b := make([]byte, rollSlotWidth)
	copy(b, e.Ref[:])
	putUint48(b[rollRegion:], e.Region.Code())
	b[rollPersons], b[rollClass] = e.Persons, e.Class
	putUint48(b[rollAmount:], uint64(e.Amount)) //nolint:gosec // never negative: checkRollInput
	binary.BigEndian.PutUint16(b[rollFrom:], from.Code())
	binary.BigEndian.PutUint16(b[rollPaid:], paidTill.Code())
	check := e.Payee.Check()
	copy(b[rollCheck:], check[:])
	return b
}

// SameEntry reports whether entry i is the same in both segments. It is also the same when neither segment has it.
func (s Segment) SameEntry(other Segment, i int) bool {
	if i >= s.Len() || i >= other.Len() {
		return i >= s.Len() && i >= other.Len()
	}
	return bytes.Equal(s.slot(i), other.slot(i)) && slices.Equal(s.spansOf(i), other.spansOf(i))
}

// Ended reports whether the entitlement of entry i ended before a period, by an exit or because the relief was one-off.
func (s Segment) Ended(i int, p relief.Period) bool {
	until := s.periodAt(i, rollUntil)
	return !until.IsZero() && until.Before(p)
}

// Packed is entry i as the segment holds it, with what was told of it. UnpackEntry reads it back.
func (s Segment) Packed(i int) []byte {
	for _, span := range s.spansOf(i) {
		if span.class == toldClass {
			span.position = 0
			return span.appendTo(slices.Clone(s.slot(i)))
		}
	}
	return s.slot(i)
}

// UnpackEntry reads one packed entry of a roll.
func UnpackEntry(b []byte, id relief.ProgrammeID, county relief.Region, number uint32) (Entry, error) {
	packed := append([]byte{rollKind, rollVersion, 0, 1}, b...)
	if len(b) == rollSlotWidth+rollSpanWidth {
		packed = slices.Insert(packed, rollHeader+rollSlotWidth, 0, 1)
		packed[1] = rollVersionTold
	}
	seg, err := ParseSegment(packed)
	if err != nil {
		return Entry{}, err
	}
	return seg.Entry(0, SegmentAddr{Programme: id, County: county, Segment: number, Size: 1}), nil
}
