package roll

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sort"

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
	From       relief.Period      `json:"from"`   // a month, like Until and PaidTill, also where payment is by the quarter
	Until      relief.Period      `json:"until,omitzero"`
	PaidTill   relief.Period      `json:"paid_through,omitzero"`
	State      State              `json:"state"`
	ExitReason ExitReason         `json:"exit_reason,omitempty"`
	DiedOn     relief.Day         `json:"died_on,omitempty"`
	Told                          // was paid before this record began
	// Runs is what was ever in force, where terms have changed, payment was suspended, or the person has come back. Predecessor
	// is the number that the household had before.
	Runs        []Run        `json:"runs,omitempty"`
	Predecessor *Predecessor `json:"predecessor,omitempty"`
	// Residence is where the household lives from now on, as far as the roll itself says it, and Residences is what it says of all months.
	// Without it the residence is the region's.
	Residence  relief.Residence `json:"residence,omitempty"`
	Residences []ResidenceRun   `json:"residences,omitempty"`
}

// Segment is a roll segment in its packed form. Entries are read from the packed bytes.
type Segment struct{ b []byte }

var emptyRoll = []byte{rollKind, rollVersion, 0, 0}

// ParseSegment checks a packed value; nil bytes are an empty segment.
func ParseSegment(b []byte) (Segment, error) {
	if len(b) == 0 {
		return Segment{slices.Clone(emptyRoll)}, nil
	}
	if len(b) < rollHeader || b[0] != rollKind || b[1] != rollVersion && b[1] != rollVersionSpans {
		return Segment{}, relief.Errorf(relief.CodeCorrupt, "a roll segment of an unknown kind or version")
	}
	seg := Segment{b}
	if seg.Len() > programme.DefaultSegmentSize || len(b) != seg.wantedLen() {
		return Segment{}, relief.Errorf(relief.CodeCorrupt, "a roll segment of the wrong length")
	}
	var before []byte
	for i := range seg.Len() {
		slot := seg.slot(i)
		if !rightSlot(slot, before) {
			return Segment{}, errRollSlot
		}
		before = slot
	}
	return seg, seg.checkSpans()
}

// wantedLen is how many bytes the numbers of entries and spans call for; -1 when the number of spans is not there.
func (s Segment) wantedLen() int {
	slots := rollHeader + s.Len()*rollSlotWidth
	switch {
	case !s.hasSpans():
		return slots
	case len(s.b) < slots+spanCountWidth:
		return -1
	}
	spans := binary.BigEndian.Uint32(s.b[slots:])
	if spans > uint32(s.Len())*maxSpans { //nolint:gosec // at most 65,535 entries
		return -1
	}
	return slots + spanCountWidth + int(spans)*spanWidth
}

// hasSpans reports whether spans follow the slots.
func (s Segment) hasSpans() bool { return len(s.b) >= rollHeader && s.b[1] == rollVersionSpans }

// tail are the packed spans of all entries.
func (s Segment) tail() []byte {
	if !s.hasSpans() {
		return nil
	}
	return s.b[rollHeader+s.Len()*rollSlotWidth+spanCountWidth:]
}

// tailOf are the packed spans of one entry.
func (s Segment) tailOf(position int) []byte {
	if !s.hasSpans() {
		return nil
	}
	tail := s.tail()
	at := func(position int) int {
		n := sort.Search(len(tail)/spanWidth, func(i int) bool { return int(binary.BigEndian.Uint16(tail[i*spanWidth:])) >= position })
		return n * spanWidth
	}
	return tail[at(position):at(position+1)]
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

// From is the first month of the range of entry i that is entered now.
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

// checkSlot refuses an entry that no act can write.
func (s Segment) checkSlot(i int) error {
	if !rightSlot(s.slot(i), nil) {
		return errRollSlot
	}
	return nil
}

// rightSlot reports whether an act can write a slot. before is the slot before it, which is right, or nil: neighbours mostly have the
// same region and months, which are then looked at once.
func rightSlot(b, before []byte) bool {
	if b[0] == 0 || b[rollState] > 1 || int(b[rollReason]) >= len(exitReasons) || b[rollClass] < 'A' || b[rollClass] > 'Z' ||
		uint48(b[rollAmount:]) > uint64(relief.MaxFen) { // no key makes a reference of epoch 0
		return false
	}
	region, months := uint48(b[rollRegion:]), uint48(b[rollFrom:]) // three months in 6 bytes
	if before == nil || region != uint48(before[rollRegion:]) {
		if !relief.IsRegionCode(region) {
			return false
		}
	}
	if before != nil && months == uint48(before[rollFrom:]) {
		return true
	}
	for at := rollFrom; at < rollState; at += 2 {
		if p, err := relief.PeriodFromCode(binary.BigEndian.Uint16(b[at:])); err != nil || p.Quarterly() {
			return false
		}
	}
	return true
}

// monthAt is the number of a month in a slot; 0 for none.
func (s Segment) monthAt(i, at int) int {
	return relief.MonthOfCode(binary.BigEndian.Uint16(s.slot(i)[at:])) // checked by ParseSegment
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
func (s Segment) InRegion(i int, r relief.Region) bool { return s.RegionCode(i) == r.Code() }

// RegionCode is the Code of the region in which the person of entry i lives.
func (s Segment) RegionCode(i int) uint64 { return uint48(s.slot(i)[rollRegion:]) }

// SameRegion reports whether the person of entry i lives in the same region in another version of the segment.
func (s Segment) SameRegion(other Segment, i int) bool {
	return uint48(s.slot(i)[rollRegion:]) == uint48(other.slot(i)[rollRegion:])
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
	if len(s.tailOf(i)) == 0 {
		return e
	}
	e.Told, e.DiedOn = s.Told(i), s.DiedOn(i)
	e.Residence, e.Residences = s.Residence(i), s.Residences(i)
	if before, ok := s.Predecessor(i); ok {
		e.Predecessor = &before
	}
	if runs := s.Runs(i); len(runs) > 1 {
		e.Runs = runs
	}
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
	out := p.clone()
	if i < out.Payees.Len() {
		out.Payees = out.Payees.Erased(i)
		clear(out.Segment.slot(i)[rollCheck:])
	}
	return out
}

func (p *Part) clone() Part {
	return Part{At: p.At, Segment: Segment{slices.Clone(p.Segment.b)}, Payees: p.Payees.withRoom(0)}
}

// setPayeeCheck puts the check of an entry's payee into its slot; s must be a clone.
func (s Segment) setPayeeCheck(i int, payee Payee) {
	check := payee.Check()
	copy(s.slot(i)[rollCheck:], check[:])
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
	return bytes.Equal(s.slot(i), other.slot(i)) && bytes.Equal(s.tailOf(i), other.tailOf(i))
}

// Packed is entry i as the segment holds it, with its spans. UnpackEntry reads it back.
func (s Segment) Packed(i int) []byte {
	b := append(slices.Clone(s.slot(i)), s.tailOf(i)...)
	for at := rollSlotWidth; at < len(b); at += spanWidth {
		b[at], b[at+1] = 0, 0
	}
	return b
}

// UnpackOne reads one packed entry as a segment that has only it.
func UnpackOne(b []byte) (Segment, error) {
	packed := append(make([]byte, 0, rollHeader+len(b)+spanCountWidth), rollKind, rollVersion, 0, 1)
	if spans := max(len(b)-rollSlotWidth, 0); spans == 0 {
		packed = append(packed, b...)
	} else {
		packed[1] = rollVersionSpans
		packed = append(packed, b[:rollSlotWidth]...)
		packed = binary.BigEndian.AppendUint32(packed, uint32(spans/spanWidth)) //nolint:gosec // ParseSegment compares it
		packed = append(packed, b[rollSlotWidth:]...)
	}
	return ParseSegment(packed)
}

// UnpackEntry reads one packed entry of a roll.
func UnpackEntry(b []byte, id relief.ProgrammeID, county relief.Region, number uint32) (Entry, error) {
	seg, err := UnpackOne(b)
	if err != nil {
		return Entry{}, err
	}
	return seg.Entry(0, SegmentAddr{Programme: id, County: county, Segment: number, Size: 1}), nil
}
