package wire

import (
	"encoding/binary"

	"relieftrail/chaincode/relief"
)

// Each endorser reads a chunk once; a chunk is never stored.

// Limits of one chunk: its lines, the segments that they belong to, its size in bytes.
const (
	MaxChunkLines    = 4000
	MaxChunkSegments = 4
	MaxChunkBytes    = 4 << 20
)

// MaxFactsBytes is the largest size of a household's sealed facts, the longest of the sealed documents.
const MaxFactsBytes = 16 << 10

// The transient map's keys.
const (
	TransientLines       = "lines"       // payment:AddLines
	TransientSettlements = "settlements" // payment:Settle
	TransientRoll        = "roll"        // roll:Import
	TransientPersons     = "persons"     // roll:Import, private details in the order of the roll's lines; case:Apply, of the heads
	TransientPages       = "pages"       // person:ConfirmErasure, the pages that the people are on, as roll:DetailPages gave them
	TransientSealed      = "sealed"      // person:ConfirmReseal, the documents that were sealed again
	TransientFacts       = "facts"       // case:Apply, the households' facts in the order of the applications; case:Review
)

const (
	KindLines   = 'L'
	KindAnswers = 'S'
	KindRoll    = 'R'
	KindDetails = 'P'

	Version        = 1
	LinesVersion   = 6 // what follows from the line before, or is usual, is left out; version 5 has all of it
	RollVersion    = 3 // with what the proposer saw of each line, what was paid before, and the members of the household
	AnswersVersion = 4 // what follows from the answer before, or is usual, is left out; version 3 has all of it
)

// Reader reads a chunk. After the first fault every read returns zero, and Err keeps the fault.
type Reader struct {
	Rest  []byte
	Err   error
	Whole bool // the version before that of the kind, whose lines leave nothing out

	code   uint64 // of the last region that was read: neighbouring lines mostly have the same one
	region relief.Region
}

// wireVersionOf is the version in which chunks of a kind are written, and the oldest one that is read: a chaincode is replaced before
// the gateways that write another version.
func wireVersionOf(kind byte) (written, oldest byte) {
	switch kind {
	case KindAnswers:
		return AnswersVersion, AnswersVersion - 1
	case KindLines:
		return LinesVersion, LinesVersion - 1
	case KindRoll:
		return RollVersion, RollVersion
	}
	return Version, Version
}

// NewReader begins to read a chunk of one kind. INVALID when it is too long, or of another kind or version.
func NewReader(b []byte, kind byte) (*Reader, error) {
	written, oldest := wireVersionOf(kind)
	switch {
	case len(b) > MaxChunkBytes:
		return nil, relief.Errorf(relief.CodeInvalid, "a chunk has at most %d bytes", MaxChunkBytes)
	case len(b) < 2 || b[0] != kind:
		return nil, relief.Errorf(relief.CodeInvalid, "the transient data is not a chunk of kind %c", kind)
	case b[1] < oldest || b[1] > written:
		return nil, relief.Errorf(relief.CodeInvalid, "version %d of chunk %c is not known", b[1], kind)
	}
	return &Reader{Rest: b[2:], Whole: b[1] < written}, nil
}

// More reports whether another line follows the n lines that were read.
func (r *Reader) More(n int) bool {
	if r.Err == nil && len(r.Rest) > 0 && n >= MaxChunkLines {
		r.Err = relief.Errorf(relief.CodeInvalid, "a chunk has at most %d lines", MaxChunkLines)
	}
	return r.Err == nil && len(r.Rest) > 0
}

// Fail notes that what was read breaks the format.
func (r *Reader) Fail() {
	if r.Err == nil {
		r.Err = relief.Errorf(relief.CodeInvalid, "the chunk is malformed or cut short")
	}
	r.Rest = nil
}

func (r *Reader) uvarint() uint64 {
	if b := r.Rest; len(b) > 0 && b[0] < 0x80 { // most numbers
		r.Rest = b[1:]
		return uint64(b[0])
	}
	n, size := binary.Uvarint(r.Rest)
	if size <= 0 {
		r.Fail()
		return 0
	}
	r.Rest = r.Rest[size:]
	return n
}

// Uint32 reads a varint of at most 32 bits.
func (r *Reader) Uint32() uint32 {
	n := r.uvarint()
	if n > 1<<32-1 {
		r.Fail()
		return 0
	}
	return uint32(n)
}

// Bytes reads n bytes; nil after a fault. They share the chunk's memory.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.Rest) {
		r.Fail()
		return nil
	}
	b := r.Rest[:n]
	r.Rest = r.Rest[n:]
	return b
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Period reads a period's code.
func (r *Reader) Period() relief.Period {
	var p relief.Period
	if b := r.Bytes(2); b != nil {
		var err error
		if p, err = relief.PeriodFromCode(binary.BigEndian.Uint16(b)); err != nil {
			r.Fail()
		}
	}
	return p
}

// Fen reads an amount of at most MaxFen.
func (r *Reader) Fen() relief.Fen {
	n := r.uvarint()
	if n > uint64(relief.MaxFen) {
		r.Fail()
		return 0
	}
	return relief.Fen(n)
}

// Tag reads a tag; the zero Tag stands for none.
func (r *Reader) Tag() (tag relief.Tag) {
	copy(tag[:], r.Bytes(len(tag)))
	if !tag.Valid() && !tag.IsZero() {
		r.Fail()
	}
	return tag
}

// Ref reads the reference of a person.
func (r *Reader) Ref() (ref relief.SubjectRef) {
	copy(ref[:], r.Bytes(len(ref)))
	if !ref.Valid() {
		r.Fail()
	}
	return ref
}

// Region reads a region's code.
func (r *Reader) Region() relief.Region {
	code := r.uvarint()
	if code == r.code && r.region != "" {
		return r.region
	}
	region, err := relief.RegionFromCode(code)
	if err != nil {
		r.Fail()
		return ""
	}
	r.code, r.region = code, region
	return region
}
