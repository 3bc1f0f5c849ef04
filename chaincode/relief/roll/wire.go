package roll

import (
	"encoding/binary"

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
}

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
	entries := make([]Input, 0, min(len(b)/62+1, wire.MaxChunkLines))
	for r.More(len(entries)) {
		e := Input{Seq: r.Uint32()}
		copy(e.Ref[:], r.Bytes(len(e.Ref)))
		e.Region = r.Region()
		if pc := r.Bytes(2); pc != nil {
			e.Persons, e.Class = pc[0], pc[1]
		}
		e.Amount = r.Fen()
		e.Payee = ReadPayee(r)
		entries = append(entries, e)
	}
	return entries, r.Err
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
