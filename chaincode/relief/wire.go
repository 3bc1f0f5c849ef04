package relief

import "encoding/binary"

// Chunks carry lines in the transient map as compact bytes: two bytes of kind and version, then line after line,
// numbers as unsigned varints. They are read once by each endorser and never stored.

// MaxChunkLines bounds the lines of one chunk, MaxChunkSegments how many segments they may lie in, MaxChunkBytes its size.
const (
	MaxChunkLines    = 4000
	MaxChunkSegments = 4
	MaxChunkBytes    = 4 << 20
)

// MaxFactsBytes bounds a household's sealed facts, the longest of the sealed documents.
const MaxFactsBytes = 16 << 10

// The transient map's keys.
const (
	TransientLines       = "lines"       // payment:AddLines
	TransientSettlements = "settlements" // payment:Settle
	TransientRoll        = "roll"        // case:ImportRoll
	TransientPersons     = "persons"     // case:ImportRoll, private details in the order of the roll's lines; case:Apply, of the heads
	TransientPages       = "pages"       // case:Erase, the pages that the person is on, as case:Pages gave them
	TransientFacts       = "facts"       // case:Apply, the households' facts in the order of the applications; case:Review
)

const (
	wireLines       = 'L'
	wireSettlements = 'S'
	wireRoll        = 'R'
	wirePersons     = 'P'

	wireVersion            = 1
	wireSettlementsVersion = 3 // with a salt, and the bank's reference cut to 128 bits
)

// LineInput is one payment line of a chunk.
type LineInput struct {
	Seq    uint32 // the file's line, for refusals
	Number uint32 // the roll number
	Ref    SubjectRef
	Region Region
	Amount Fen
}

// RollInput is one roll entry of a chunk; its private details travel beside it.
type RollInput struct {
	Seq     uint32
	Ref     SubjectRef
	Region  Region
	Persons uint8
	Class   byte // 'A' … 'Z'
	Amount  Fen  // the monthly amount granted
}

// Outcome is what the bank answered to one payment.
type Outcome uint8

// The bank's answers.
const (
	OutcomeCredited Outcome = 1
	OutcomeReturned Outcome = 2
)

// SettlementInput is the bank's answer to one payment of a chunk.
type SettlementInput struct {
	Seq     uint32
	Number  uint32
	Attempt uint8
	Outcome Outcome
	Amount  Fen
	Reason  [4]byte // ISO 20022 return reason such as AC04; zero when credited
	Day     uint32  // days since 1970-01-01 of the bank's value date
	BankRef BankRefHash
	Salt    [16]byte // LeafSalt of the payment, for its leaf
}

// AppendLines encodes a chunk for payment:AddLines.
func AppendLines(b []byte, lines []LineInput) []byte {
	b = append(b, wireLines, wireVersion)
	for i := range lines {
		l := &lines[i]
		b = binary.AppendUvarint(b, uint64(l.Seq))
		b = binary.AppendUvarint(b, uint64(l.Number))
		b = append(b, l.Ref[:]...)
		b = binary.AppendUvarint(b, l.Region.Code())
		b = binary.AppendUvarint(b, uint64(l.Amount)) //nolint:gosec // never negative: ParseFen
	}
	return b
}

// DecodeLines decodes what AppendLines wrote; INVALID when it is malformed or over the limits.
func DecodeLines(b []byte) ([]LineInput, error) {
	r, err := newWireReader(b, wireLines)
	if err != nil {
		return nil, err
	}
	lines := make([]LineInput, 0, min(len(b)/26+1, MaxChunkLines))
	for r.more(len(lines)) {
		l := LineInput{Seq: r.uint32(), Number: r.uint32()}
		copy(l.Ref[:], r.bytes(len(l.Ref)))
		l.Region = r.region()
		l.Amount = r.fen()
		lines = append(lines, l)
	}
	return lines, r.err
}

// AppendRoll encodes a chunk for case:ImportRoll.
func AppendRoll(b []byte, entries []RollInput) []byte {
	b = append(b, wireRoll, wireVersion)
	for i := range entries {
		e := &entries[i]
		b = binary.AppendUvarint(b, uint64(e.Seq))
		b = append(b, e.Ref[:]...)
		b = binary.AppendUvarint(b, e.Region.Code())
		b = append(b, e.Persons, e.Class)
		b = binary.AppendUvarint(b, uint64(e.Amount)) //nolint:gosec // never negative: ParseFen
	}
	return b
}

// DecodeRoll decodes what AppendRoll wrote.
func DecodeRoll(b []byte) ([]RollInput, error) {
	r, err := newWireReader(b, wireRoll)
	if err != nil {
		return nil, err
	}
	entries := make([]RollInput, 0, min(len(b)/28+1, MaxChunkLines))
	for r.more(len(entries)) {
		e := RollInput{Seq: r.uint32()}
		copy(e.Ref[:], r.bytes(len(e.Ref)))
		e.Region = r.region()
		if pc := r.bytes(2); pc != nil {
			e.Persons, e.Class = pc[0], pc[1]
		}
		e.Amount = r.fen()
		entries = append(entries, e)
	}
	return entries, r.err
}

// AppendPersons encodes the private details that go with a roll chunk, one opaque salted blob an entry.
func AppendPersons(b []byte, persons [][]byte) []byte {
	b = append(b, wirePersons, wireVersion)
	for _, p := range persons {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// DecodePersons decodes what AppendPersons wrote; the blobs share b's memory.
func DecodePersons(b []byte) ([][]byte, error) {
	r, err := newWireReader(b, wirePersons)
	if err != nil {
		return nil, err
	}
	var persons [][]byte
	for r.more(len(persons)) {
		persons = append(persons, r.bytes(int(r.uint32())))
	}
	return persons, r.err
}

// AppendSettlements encodes a chunk for payment:Settle.
func AppendSettlements(b []byte, settlements []SettlementInput) []byte {
	b = append(b, wireSettlements, wireSettlementsVersion)
	for i := range settlements {
		s := &settlements[i]
		b = binary.AppendUvarint(b, uint64(s.Seq))
		b = binary.AppendUvarint(b, uint64(s.Number))
		b = append(b, s.Attempt, byte(s.Outcome))
		b = binary.AppendUvarint(b, uint64(s.Amount)) //nolint:gosec // never negative: ParseFen
		b = append(b, s.Reason[:]...)
		b = binary.AppendUvarint(b, uint64(s.Day))
		b = append(b, s.BankRef[:]...)
		b = append(b, s.Salt[:]...)
	}
	return b
}

// DecodeSettlements decodes what AppendSettlements wrote.
func DecodeSettlements(b []byte) ([]SettlementInput, error) {
	r, err := newWireReader(b, wireSettlements)
	if err != nil {
		return nil, err
	}
	settlements := make([]SettlementInput, 0, min(len(b)/44+1, MaxChunkLines))
	for r.more(len(settlements)) {
		s := SettlementInput{Seq: r.uint32(), Number: r.uint32()}
		if ao := r.bytes(2); ao != nil {
			s.Attempt, s.Outcome = ao[0], Outcome(ao[1])
		}
		s.Amount = r.fen()
		copy(s.Reason[:], r.bytes(4))
		s.Day = r.uint32()
		copy(s.BankRef[:], r.bytes(len(s.BankRef)))
		copy(s.Salt[:], r.bytes(16))
		settlements = append(settlements, s)
	}
	return settlements, r.err
}

// wireReader reads a chunk; after the first fault every read gives zero and err stays.
type wireReader struct {
	b   []byte
	err error
}

func wireVersionOf(kind byte) byte {
	if kind == wireSettlements {
		return wireSettlementsVersion
	}
	return wireVersion
}

func newWireReader(b []byte, kind byte) (*wireReader, error) {
	switch {
	case len(b) > MaxChunkBytes:
		return nil, Errorf(CodeInvalid, "a chunk has at most %d bytes", MaxChunkBytes)
	case len(b) < 2 || b[0] != kind:
		return nil, Errorf(CodeInvalid, "the transient data is not a chunk of kind %c", kind)
	case b[1] != wireVersionOf(kind):
		return nil, Errorf(CodeInvalid, "version %d of chunk %c is not known", b[1], kind)
	}
	return &wireReader{b: b[2:]}, nil
}

// more tells whether another line follows the n that were read.
func (r *wireReader) more(n int) bool {
	if r.err == nil && len(r.b) > 0 && n >= MaxChunkLines {
		r.err = Errorf(CodeInvalid, "a chunk has at most %d lines", MaxChunkLines)
	}
	return r.err == nil && len(r.b) > 0
}

func (r *wireReader) fail() {
	if r.err == nil {
		r.err = Errorf(CodeInvalid, "the chunk is malformed or cut short")
	}
	r.b = nil
}

func (r *wireReader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *wireReader) uint32() uint32 {
	n := r.uvarint()
	if n > 1<<32-1 {
		r.fail()
		return 0
	}
	return uint32(n)
}

func (r *wireReader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.fail()
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *wireReader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *wireReader) period() Period {
	var p Period
	if b := r.bytes(2); b != nil {
		var err error
		if p, err = PeriodFromCode(binary.BigEndian.Uint16(b)); err != nil {
			r.fail()
		}
	}
	return p
}

func (r *wireReader) fen() Fen {
	n := r.uvarint()
	if n > uint64(MaxFen) {
		r.fail()
		return 0
	}
	return Fen(n)
}

func (r *wireReader) region() Region {
	region, err := RegionFromCode(r.uvarint())
	if err != nil {
		r.fail()
	}
	return region
}
