package roll

import (
	"encoding/binary"
	"math"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// Input is one roll entry of a chunk. Its private details travel beside the chunk.
type Input struct {
	Seq     uint32
	Ref     relief.SubjectRef
	Region  relief.Region
	Persons uint8
	Class   byte       // 'A' … 'Z'
	Amount  relief.Fen // the monthly amount granted
	Payee              // of the private details
	// Seen is what the proposer of the import saw of the person on the roll. Was is what the roll said, for a change.
	Seen Seen
	Was  Was
	// Told is what was paid before this record began.
	Told Told
	// Residence is where the household lives from the import's first month on; "" leaves what the roll says as it is.
	Residence relief.Residence
	// Members are the other members of the household, at most MaxInputMembers; none where the roll does not name them.
	Members []relief.SubjectRef
}

// MaxInputMembers bounds the members of an imported household besides its head.
const MaxInputMembers = 20

// Seen is what an import finds of a line's person on the roll.
type Seen uint8

// A person who is not in force on the roll is new, also one who comes back.
const (
	SeenNew Seen = iota
	SeenSame
	SeenChanged
)

var seenNames = [...]string{"new", "same", "changed"}

// String is the word for it: new, same, changed.
func (s Seen) String() string {
	if int(s) < len(seenNames) {
		return seenNames[s]
	}
	return ""
}

// Was is what the roll said of a person before a change: the version of the private details and the terms. A change
// that was confirmed for these does not apply to others.
type Was struct {
	Version uint16
	Persons uint8
	Class   byte
	Amount  relief.Fen
	// Residence is what the roll said of where the household lives, for a line that says it.
	Residence relief.Residence
}

// Told is what somebody says was paid before this record began: the last period that was paid, and the sum.
type Told struct {
	PaidThrough relief.Period `json:"told_paid_through,omitzero"`
	PaidSum     relief.Fen    `json:"told_sum,omitempty"`
}

// The bits of a line's flags. The two lowest bits are its Seen.
const (
	flagSeen = 3
	flagTold = 1 << (iota + 1)
	flagMembers
	flagResidence
)

// AppendRoll encodes a chunk for roll:Import.
func AppendRoll(b []byte, entries []Input) []byte {
	b = append(b, wire.KindRoll, wire.RollVersion)
	for i := range entries {
		e := &entries[i]
		b = binary.AppendUvarint(b, uint64(e.Seq))
		b = append(b, e.Ref[:]...)
		b = binary.AppendUvarint(b, e.Region.Code())
		b = append(b, e.Persons, e.Class)
		b = binary.AppendUvarint(b, uint64(e.Amount)) //nolint:gosec // never negative: ParseFen
		b = e.Payee.AppendTo(b)
		b = e.appendFlags(b)
	}
	return b
}

// appendFlags encodes the flags of a line, and what they say follows.
func (e *Input) appendFlags(b []byte) []byte {
	flags := byte(e.Seen)
	if e.Told != (Told{}) {
		flags |= flagTold
	}
	if len(e.Members) > 0 {
		flags |= flagMembers
	}
	if e.Residence.Said() {
		flags |= flagResidence
	}
	b = append(b, flags)
	if e.Seen == SeenChanged {
		b = binary.AppendUvarint(b, uint64(e.Was.Version))
		b = append(b, e.Was.Persons, e.Was.Class)
		b = binary.AppendUvarint(b, uint64(e.Was.Amount)) //nolint:gosec // never negative: the roll's
	}
	if e.Told != (Told{}) {
		b = binary.BigEndian.AppendUint16(b, e.Told.PaidThrough.Code())
		b = binary.AppendUvarint(b, uint64(e.Told.PaidSum)) //nolint:gosec // never negative: ParseFen
	}
	if len(e.Members) > 0 {
		b = append(b, byte(len(e.Members))) //nolint:gosec // at most MaxInputMembers
		for i := range e.Members {
			b = append(b, e.Members[i][:]...)
		}
	}
	if e.Residence.Said() {
		b = append(b, e.Residence.Code())
		if e.Seen == SeenChanged {
			b = append(b, e.Was.Residence.Code())
		}
	}
	return b
}

// AppendTo encodes the payee for a chunk: the tag of the name, the tag of the account. ReadPayee reads it.
func (p *Payee) AppendTo(b []byte) []byte {
	return append(append(b, p.Name[:]...), p.Account[:]...)
}

// ReadPayee reads what AppendTo wrote.
func ReadPayee(r *wire.Reader) Payee {
	return Payee{Name: r.Tag(), Account: r.Tag()}
}

// DecodeRoll decodes what AppendRoll wrote.
func DecodeRoll(b []byte) ([]Input, error) {
	r, err := wire.NewReader(b, wire.KindRoll)
	if err != nil {
		return nil, err
	}
	entries := make([]Input, 0, min(len(b)/63+1, wire.MaxChunkLines))
	for r.More(len(entries)) {
		e := Input{Seq: r.Uint32(), Ref: r.Ref()}
		e.Region = r.Region()
		if pc := r.Bytes(2); pc != nil {
			e.Persons, e.Class = pc[0], pc[1]
		}
		e.Amount = r.Fen()
		e.Payee = ReadPayee(r)
		e.readFlags(r)
		entries = append(entries, e)
	}
	return entries, r.Err
}

// readFlags reads what appendFlags wrote. There is one way to write it.
func (e *Input) readFlags(r *wire.Reader) {
	flags := r.Byte()
	e.Seen = Seen(flags & flagSeen)
	if int(e.Seen) >= len(seenNames) || flags >= flagResidence<<1 {
		r.Fail()
		return
	}
	if e.Seen == SeenChanged {
		version := r.Uint32()
		e.Was.Version = uint16(version) //nolint:gosec // checked below
		if version > math.MaxUint16 {
			r.Fail()
		}
		if pc := r.Bytes(2); pc != nil {
			e.Was.Persons, e.Was.Class = pc[0], pc[1]
		}
		e.Was.Amount = r.Fen()
	}
	if flags&flagTold != 0 {
		if e.Told = (Told{r.Period(), r.Fen()}); e.Told.PaidThrough.IsZero() {
			r.Fail()
		}
	}
	if flags&flagMembers != 0 {
		e.readMembers(r)
	}
	if flags&flagResidence != 0 {
		e.Residence = readResidence(r)
		if !e.Residence.Said() {
			r.Fail()
		}
		if e.Seen == SeenChanged {
			e.Was.Residence = readResidence(r)
		}
	}
}

// readResidence reads the code of a residence, which may be that of none.
func readResidence(r *wire.Reader) relief.Residence {
	residence, known := relief.ResidenceFromCode(r.Byte())
	if !known {
		r.Fail()
	}
	return residence
}

func (e *Input) readMembers(r *wire.Reader) {
	n := int(r.Byte())
	if n == 0 || n > MaxInputMembers {
		r.Fail()
		return
	}
	e.Members = make([]relief.SubjectRef, n)
	for i := range e.Members {
		e.Members[i] = r.Ref()
	}
}

// AppendDetails encodes the private details that go with a roll chunk: one sealed document for each entry.
func AppendDetails(b []byte, persons [][]byte) []byte {
	b = append(b, wire.KindDetails, wire.Version)
	for _, p := range persons {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// DecodeDetails decodes what AppendDetails wrote; the documents share b's memory.
func DecodeDetails(b []byte) ([][]byte, error) {
	r, err := wire.NewReader(b, wire.KindDetails)
	if err != nil {
		return nil, err
	}
	var persons [][]byte
	for r.More(len(persons)) {
		persons = append(persons, r.Bytes(int(r.Uint32())))
	}
	return persons, r.Err
}
