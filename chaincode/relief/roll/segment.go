package roll

import (
	"bytes"
	"encoding/binary"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/wire"
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
}

// Segment is a roll segment in its packed form. Entries are read from the packed bytes.
type Segment struct{ b []byte }

var emptyRoll = []byte{rollKind, rollVersion, 0, 0}

// ParseSegment checks a packed value; nil bytes are an empty segment.
func ParseSegment(b []byte) (Segment, error) {
	if len(b) == 0 {
		return Segment{slices.Clone(emptyRoll)}, nil
	}
	if len(b) < rollHeader || b[0] != rollKind || (b[1] != rollVersion && b[1] != rollVersionSpans) {
		return Segment{}, relief.Errorf(relief.CodeCorrupt, "a roll segment of an unknown kind or version")
	}
	seg := Segment{b}
	want := rollHeader + seg.Len()*rollSlotWidth
	if b[1] == rollVersionSpans && len(b) >= want+2 {
		want += 2 + int(binary.BigEndian.Uint16(b[want:]))*rollSpanWidth
	} else if b[1] == rollVersionSpans {
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
	if !relief.IsRegionCode(uint48(b[rollRegion:])) {
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

// withRoom is a copy with room in memory for that many more entries.
func (p *Part) withRoom(entries int) Part {
	return Part{At: p.At, Segment: p.Segment.withRoom(entries), Payees: p.Payees.withRoom(entries)}
}

// Enrolled is a person whom an import put on the roll: the index of their line in the chunk, and the index entry to
// store.
type Enrolled struct {
	Input  int
	Ref    relief.SubjectRef
	Record IndexEntry
}

// Import puts the entries of a chunk on segments of one county's roll and returns the changed segments. New people get
// the next free numbers, in the order of the chunk, in the first segment that has room. People who exited come back
// under their old number. current finds a person's index entry, nil for a person who was never on this programme's
// roll. A person who is on the roll already is unchanged only with the same name and account.
//
// A person new to the roll shares a page of private details with the next new people; a returning person gets a
// separate key.
func Import(parts []Part, from relief.Period, entries []Input,
	current func(relief.SubjectRef) (*IndexEntry, error),
) ([]Part, []Enrolled, wire.ChunkResult, error) {
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i] = parts[i].withRoom(len(entries))
	}
	enrolled := make([]Enrolled, 0, len(entries))
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
	inChunk := make(map[relief.SubjectRef]*IndexEntry, len(entries))
	var page relief.DetailPageID
	room := 0
	for i := range entries {
		e := &entries[i]
		record := inChunk[e.Ref]
		if record == nil {
			var err error
			if record, err = current(e.Ref); err != nil {
				return nil, nil, result, err
			}
		}
		done, code, note := takeIn(parts, from, e, record)
		switch {
		case code != "":
			result.Refused = append(result.Refused, wire.Refusal{Seq: e.Seq, Code: code, Note: note})
		case done == nil:
			result.Unchanged++
		default:
			result.Accepted++
			if record == nil {
				if room == 0 {
					page, room = relief.DetailPageID{County: done.County, First: done.Number}, DetailPagePeople
				}
				done.Page = page
				room--
			}
			inChunk[e.Ref] = done
			enrolled = append(enrolled, Enrolled{i, e.Ref, *done})
		}
	}
	return parts, enrolled, result, nil
}

// Enrol puts one person on a segment of the roll by a decision: from a period on, and until a last one unless that is
// zero. current is the person's index entry, nil for a person who was never on this programme's roll. A nil entry and
// an empty code mean that the person is on the roll already, with the same terms and payee. Enrol does not change part.
func Enrol(part Part, in *Input, from, until relief.Period, current *IndexEntry) (Part, *IndexEntry, relief.LineCode) {
	parts := []Part{part.withRoom(1)}
	entry, code, _ := takeIn(parts, from, in, current)
	part = parts[0]
	if entry != nil && !until.IsZero() {
		position, _ := part.At.Slot(entry.Number)
		part.Segment.setUntil(position, until)
		entry.Exited, entry.Until = true, until
	}
	return part, entry, code
}

// takeIn enters one person, or refuses the line with a code and a note. A nil entry and an empty code mean that nothing
// changes.
func takeIn(parts []Part, from relief.Period, e *Input, current *IndexEntry) (*IndexEntry, relief.LineCode, string) {
	if code := checkRollInput(parts[0].At, e); code != "" {
		return nil, code, ""
	}
	if current == nil {
		return enterNew(parts, from, e, nil)
	}
	county := parts[0].At.County
	own, pos := partOf(parts, current)
	if !current.Exited {
		if own == nil || !bytes.Equal(own.Segment.slot(pos)[:rollCheck], packRoll(e, from, own.Segment.periodAt(pos, rollPaid))[:rollCheck]) {
			return nil, relief.LineAlreadyOnRoll, string(current.County)
		}
		return nil, own.Payees.Payee(pos).Differs(e.Payee), ""
	}
	if !current.freeFrom(from) {
		return nil, relief.LineOverlap, string(current.County)
	}
	if current.Paying {
		return nil, relief.LineUnanswered, string(current.County)
	}
	if current.County != county {
		return enterNew(parts, from, e, current)
	}
	if own == nil {
		return nil, relief.LineWrongSegment, ""
	}
	if !own.Payees.set(pos, e.Payee) {
		return nil, relief.LineSegmentFull, ""
	}
	copy(own.Segment.slot(pos), packRoll(e, from, current.PaidTill))
	own.Segment.setSpans(pos, nil) // the spans belong to periods before the new entry
	return newIndexEntry(current, county, current.Number), "", ""
}

// partOf finds a person's part among parts, and the person's position in it; nil when it is not among them.
func partOf(parts []Part, entry *IndexEntry) (*Part, int) {
	for i := range parts {
		p := &parts[i]
		pos, here := p.At.Slot(entry.Number)
		if here && entry.County == p.At.County && pos < p.Segment.Len() {
			return p, pos
		}
	}
	return nil, 0
}

// enterNew gives a person the next free number.
func enterNew(parts []Part, from relief.Period, e *Input, current *IndexEntry) (*IndexEntry, relief.LineCode, string) {
	for i := range parts {
		p := &parts[i]
		number := p.At.First() + uint32(p.Segment.Len()) //nolint:gosec // at most 1000
		if p.Segment.Len() < int(p.At.Size) && number <= relief.MaxRollNumber {
			p.Payees.set(p.Segment.Len(), e.Payee)
			p.Segment.grow(packRoll(e, from, relief.Period{}))
			return newIndexEntry(current, p.At.County, number), "", ""
		}
	}
	return nil, relief.LineWrongSegment, ""
}

func checkRollInput(at SegmentAddr, e *Input) relief.LineCode {
	switch {
	case !at.County.Covers(e.Region):
		return relief.LineRegionOutside
	case e.Persons < 1 || e.Persons > 99:
		return relief.LinePersons
	case e.Class < 'A' || e.Class > 'Z':
		return relief.LineClass
	case e.Amount <= 0:
		return relief.LineAmountUnderBound
	case !e.Payee.Valid():
		return relief.LineMissing // the name or the account: their tags are not there
	}
	return ""
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

// Packed is entry i as the segment holds it. UnpackEntry reads it back.
func (s Segment) Packed(i int) []byte { return s.slot(i) }

// UnpackEntry reads one packed entry of a roll.
func UnpackEntry(b []byte, id relief.ProgrammeID, county relief.Region, number uint32) (Entry, error) {
	seg, err := ParseSegment(append([]byte{rollKind, rollVersion, 0, 1}, b...))
	if err != nil {
		return Entry{}, err
	}
	return seg.Entry(0, SegmentAddr{Programme: id, County: county, Segment: number, Size: 1}), nil
}
