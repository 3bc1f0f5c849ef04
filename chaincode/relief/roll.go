package relief

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"
)

// A roll segment is one value: neighbouring entries of the roll of a programme and county, in fixed width.
// docs/ledger-layout.md gives it byte by byte.
const (
	rollKind      = 'r'
	rollVersion   = 1
	rollHeader    = 4
	rollSlotWidth = 39
)

// ExitReason says why a person left a programme (R12).
type ExitReason string

// The reasons; their place in this list is what a packed value holds.
var exitReasons = []ExitReason{"", "death", "income", "moved", "voluntary", "ineligible", "other"}

// RollEntry is one person on a programme's roll.
type RollEntry struct {
	Programme  ProgrammeID `json:"programme"`
	County     Region      `json:"county"`
	Number     uint32      `json:"number"`
	Subject    SubjectRef  `json:"subject"`
	Region     Region      `json:"region"`
	Persons    uint8       `json:"persons"`
	Class      string      `json:"class"`
	Amount     Fen         `json:"amount"` // granted a month
	From       Period      `json:"from"`
	Until      Period      `json:"until,omitzero"`
	PaidTill   Period      `json:"paid_through,omitzero"`
	State      RollState   `json:"state"`
	ExitReason ExitReason  `json:"exit_reason,omitempty"`
}

// RollSegment is a roll segment in its packed form; entries are read where they lie.
type RollSegment struct{ b []byte }

var emptyRoll = []byte{rollKind, rollVersion, 0, 0}

// ParseRollSegment checks a packed value; nil bytes are an empty segment.
func ParseRollSegment(b []byte) (RollSegment, error) {
	if len(b) == 0 {
		return RollSegment{slices.Clone(emptyRoll)}, nil
	}
	if len(b) < rollHeader || b[0] != rollKind || (b[1] != rollVersion && b[1] != rollVersionSpans) {
		return RollSegment{}, Errorf(CodeCorrupt, "a roll segment of an unknown kind or version")
	}
	seg := RollSegment{b}
	want := rollHeader + seg.Len()*rollSlotWidth
	if b[1] == rollVersionSpans && len(b) >= want+2 {
		want += 2 + int(binary.BigEndian.Uint16(b[want:]))*rollSpanWidth
	} else if b[1] == rollVersionSpans {
		want = -1
	}
	if seg.Len() > DefaultSegmentSize || len(b) != want {
		return RollSegment{}, Errorf(CodeCorrupt, "a roll segment of the wrong length")
	}
	for i := range seg.Len() {
		if err := seg.checkSlot(i); err != nil {
			return RollSegment{}, err
		}
	}
	return seg, seg.checkTail()
}

// Bytes is the packed value.
func (s RollSegment) Bytes() []byte { return s.b }

// Len is the number of entries; the zero value has none.
func (s RollSegment) Len() int {
	if len(s.b) < rollHeader {
		return 0
	}
	return int(binary.BigEndian.Uint16(s.b[2:]))
}

func (s RollSegment) slot(i int) []byte {
	at := rollHeader + i*rollSlotWidth
	return s.b[at : at+rollSlotWidth]
}

// Ref is the reference of entry i.
func (s RollSegment) Ref(i int) (ref SubjectRef) {
	copy(ref[:], s.slot(i))
	return ref
}

// packed offsets within a slot
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
)

var errRollSlot = Errorf(CodeCorrupt, "a roll segment with an entry that cannot be")

func (s RollSegment) checkSlot(i int) error {
	b := s.slot(i)
	if !isRegionCode(uint48(b[rollRegion:])) {
		return errRollSlot
	}
	for _, at := range []int{rollFrom, rollUntil, rollPaid} {
		if _, err := PeriodFromCode(binary.BigEndian.Uint16(b[at:])); err != nil {
			return errRollSlot
		}
	}
	if b[rollState] > 1 || int(b[rollReason]) >= len(exitReasons) || b[rollClass] < 'A' || b[rollClass] > 'Z' ||
		uint48(b[rollAmount:]) > uint64(MaxFen) {
		return errRollSlot
	}
	return nil
}

func (s RollSegment) period(i, at int) Period {
	p, _ := PeriodFromCode(binary.BigEndian.Uint16(s.slot(i)[at:])) // checked by ParseRollSegment
	return p
}

func (s RollSegment) region(i int) Region {
	r, _ := RegionFromCode(uint48(s.slot(i)[rollRegion:])) // checked by ParseRollSegment
	return r
}

func (s RollSegment) exited(i int) bool { return s.slot(i)[rollState] == 1 }

// Entry reads entry i of a segment that lies at a place.
func (s RollSegment) Entry(i int, at RollPlace) RollEntry {
	b := s.slot(i)
	e := RollEntry{
		Programme: at.Programme, County: at.County, Number: at.first() + uint32(i), //nolint:gosec // i < 1000
		Subject: s.Ref(i), Region: s.region(i), Persons: b[rollPersons], Class: string(b[rollClass : rollClass+1]),
		Amount: Fen(uint48(b[rollAmount:])), From: s.period(i, rollFrom), Until: s.period(i, rollUntil), //nolint:gosec // 48 bits
		PaidTill: s.period(i, rollPaid), State: RollInForce, ExitReason: exitReasons[b[rollReason]],
	}
	if s.exited(i) {
		e.State = RollExited
	}
	return e
}

// RollPlace says which segment of which roll.
type RollPlace struct {
	Programme ProgrammeID
	County    Region
	Segment   uint32
	Size      uint32 // the programme's segment size
}

func (p RollPlace) first() uint32 { return p.Segment * p.Size }

func (p RollPlace) position(number uint32) (int, bool) {
	if number < p.first() || number-p.first() >= p.Size {
		return 0, false
	}
	return int(number - p.first()), true
}

// RollPart is a segment of a roll and where it lies.
type RollPart struct {
	At      RollPlace
	Segment RollSegment
}

// Enrolled is a person whom an import put on the roll: the input's place and the record to store.
type Enrolled struct {
	Input  int
	Ref    SubjectRef
	Record Admission
}

// ImportRoll puts the entries of a chunk on segments of one county's roll, and gives the segments with what it added: new people
// get the next free numbers in the order given, in the first of the segments that has room; those who left come back under their own number.
// standing finds where a person stands today, nil for nowhere. Who never stood on this programme's roll shares a page of private
// details with the next ones; who did gets a key of their own.
func ImportRoll(parts []RollPart, from Period, entries []RollInput,
	standing func(SubjectRef) (*Admission, error),
) ([]RollPart, []Enrolled, ChunkResult, error) {
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i].Segment = parts[i].Segment.withRoom(len(entries))
	}
	enrolled := make([]Enrolled, 0, len(entries))
	result := ChunkResult{Refused: []Refusal{}}
	inChunk := make(map[SubjectRef]*Admission, len(entries))
	var page PageID
	room := 0
	for i := range entries {
		e := &entries[i]
		record := inChunk[e.Ref]
		if record == nil {
			var err error
			if record, err = standing(e.Ref); err != nil {
				return nil, nil, result, err
			}
		}
		done, code, note := takeIn(parts, from, e, record)
		switch {
		case code != "":
			result.Refused = append(result.Refused, Refusal{e.Seq, code, note})
		case done == nil:
			result.Unchanged++
		default:
			result.Accepted++
			if record == nil {
				if room == 0 {
					page, room = PageID{done.County, done.Number}, PagePeople
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

// takeIn decides about one entry; a nil record and an empty code mean that nothing changes.
func takeIn(parts []RollPart, from Period, e *RollInput, standing *Admission) (*Admission, LineCode, string) {
	if code := checkRollInput(parts[0].At, e); code != "" {
		return nil, code, ""
	}
	if standing == nil {
		return enterNew(parts, from, e, nil)
	}
	county := parts[0].At.County
	own, pos := partOf(parts, standing)
	if !standing.Exited {
		if own != nil && bytes.Equal(own.slot(pos), packRoll(e, from, own.period(pos, rollPaid))) {
			return nil, "", ""
		}
		return nil, LineAlreadyOnRoll, string(standing.County)
	}
	if !standing.freeFrom(from) {
		return nil, LineOverlap, string(standing.County)
	}
	if standing.County != county {
		return enterNew(parts, from, e, standing)
	}
	if own == nil {
		return nil, LineWrongSegment, ""
	}
	copy(own.slot(pos), packRoll(e, from, standing.PaidTill))
	own.setSpans(pos, nil) // of periods before the new entry
	return placed(standing, county, standing.Number), "", ""
}

// partOf is the segment that a person stands in and the position there; nil when it is none of these.
func partOf(parts []RollPart, standing *Admission) (*RollSegment, int) {
	for i := range parts {
		p := &parts[i]
		pos, here := p.At.position(standing.Number)
		if here && standing.County == p.At.County && pos < p.Segment.Len() {
			return &p.Segment, pos
		}
	}
	return nil, 0
}

// enterNew gives a person the next free number.
func enterNew(parts []RollPart, from Period, e *RollInput, standing *Admission) (*Admission, LineCode, string) {
	for i := range parts {
		p := &parts[i]
		number := p.At.first() + uint32(p.Segment.Len()) //nolint:gosec // at most 1000
		if p.Segment.Len() < int(p.At.Size) && number <= MaxRollNumber {
			p.Segment.grow(packRoll(e, from, Period{}))
			return placed(standing, p.At.County, number), "", ""
		}
	}
	return nil, LineWrongSegment, ""
}

func checkRollInput(at RollPlace, e *RollInput) LineCode {
	switch {
	case !at.County.Covers(e.Region):
		return LineRegionOutside
	case e.Persons < 1 || e.Persons > 99:
		return LinePersons
	case e.Class < 'A' || e.Class > 'Z':
		return LineClass
	case e.Amount <= 0:
		return LineAmountUnderBound
	}
	return ""
}

func packRoll(e *RollInput, from, paidTill Period) []byte {
	b := make([]byte, rollSlotWidth)
	copy(b, e.Ref[:])
	putUint48(b[rollRegion:], e.Region.Code())
	b[rollPersons], b[rollClass] = e.Persons, e.Class
	putUint48(b[rollAmount:], uint64(e.Amount)) //nolint:gosec // never negative: checkRollInput
	binary.BigEndian.PutUint16(b[rollFrom:], from.Code())
	binary.BigEndian.PutUint16(b[rollPaid:], paidTill.Code())
	return b
}

// ExitRoll takes a person off the roll: the last period of entitlement and the reason stay (R12). paidTill is the
// last later period that was paid or listed already, zero for none.
func ExitRoll(seg RollSegment, at RollPlace, number uint32, reason ExitReason, last, paidTill Period) (RollSegment, Admission, bool, error) {
	record := Admission{County: at.County, Number: number, Exited: true, Until: last, PaidTill: paidTill}
	code := slices.Index(exitReasons, reason)
	if code <= 0 {
		return seg, record, false, FieldErrorf("reason", "the reason is death, income, moved, voluntary, ineligible or other")
	}
	if last.IsZero() {
		return seg, record, false, FieldErrorf("last_period", "the last period of entitlement is missing")
	}
	pos, ok := at.position(number)
	if !ok || pos >= seg.Len() {
		return seg, record, false, Errorf(CodeCorrupt, "roll number %d is not in segment %d", number, at.Segment)
	}
	state := RollInForce
	if seg.exited(pos) {
		state = RollExited
	}
	if state == RollExited && int(seg.slot(pos)[rollReason]) == code && seg.period(pos, rollUntil) == last {
		return seg, record, false, nil
	}
	if _, err := Next(RollTransitions, state, ActCaseExit); err != nil {
		return seg, record, false, err
	}
	if from := seg.period(pos, rollFrom); last.Quarterly() != from.Quarterly() {
		return seg, record, false, FieldErrorf("last_period", "the last period is written like the first one, %s", from)
	}
	seg = RollSegment{slices.Clone(seg.b)}
	b := seg.slot(pos)
	b[rollState], b[rollReason] = 1, byte(code) //nolint:gosec // one of seven
	binary.BigEndian.PutUint16(b[rollUntil:], last.Code())
	binary.BigEndian.PutUint16(b[rollPaid:], paidTill.Code())
	return seg, record, true, nil
}

// PeriodsAfter lists the periods after last up to a year after a time: where an exit looks for payments made since.
func PeriodsAfter(last Period, at time.Time) []Period {
	end := at.Year()*12 + int(at.Month()) - 1 + 12
	var periods []Period
	for month := last.LastMonth() + 1; month <= end; month++ {
		p := MonthPeriod(month)
		if last.Quarterly() {
			p = quarterOf(month)
			month += 2
		}
		periods = append(periods, p)
	}
	return periods
}

func uint48(b []byte) uint64 {
	return uint64(b[0])<<40 | uint64(b[1])<<32 | uint64(binary.BigEndian.Uint32(b[2:]))
}

func putUint48(b []byte, n uint64) {
	b[0], b[1] = byte(n>>40), byte(n>>32)        //nolint:gosec // cut on purpose
	binary.BigEndian.PutUint32(b[2:], uint32(n)) //nolint:gosec // cut on purpose
}

// SameEntry tells whether entry i is the same in both segments, or in neither.
func (s RollSegment) SameEntry(other RollSegment, i int) bool {
	if i >= s.Len() || i >= other.Len() {
		return i >= s.Len() && i >= other.Len()
	}
	return bytes.Equal(s.slot(i), other.slot(i)) && slices.Equal(s.spansOf(i), other.spansOf(i))
}

// ended tells whether the entitlement of entry i ended before a period: by exit, or because it was for once.
func (s RollSegment) ended(i int, p Period) bool {
	until := s.period(i, rollUntil)
	return !until.IsZero() && until.Before(p)
}
