package draw

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// Unit is what is drawn: a row of a closed month, named by the hash of its leaf.
type Unit struct {
	Leaf   Hash   `json:"leaf"`
	Month  uint8  `json:"month"`  // its place in the plan's months
	Number uint32 `json:"number"` // the roll number of whoever was paid
}

// Units are the units of a stratum, in the order of their leaves.
type Units []Unit

const (
	unitsKind    = 'f'
	unitsVersion = 1
	unitBytes    = 32 + 1 + 4
)

// MarshalBinary packs the units: kind, version, and for each the leaf, the month and the number (the highest byte first).
func (u Units) MarshalBinary() ([]byte, error) {
	b := append(make([]byte, 0, 2+len(u)*unitBytes), unitsKind, unitsVersion)
	for i := range u {
		b = append(append(b, u[i].Leaf[:]...), u[i].Month)
		b = binary.BigEndian.AppendUint32(b, u[i].Number)
	}
	if !u.ordered() {
		return nil, errUnits
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary writes; CORRUPT for any other bytes.
func (u *Units) UnmarshalBinary(b []byte) error {
	if len(b) < 2 || b[0] != unitsKind || b[1] != unitsVersion || (len(b)-2)%unitBytes != 0 {
		return errUnits
	}
	read := make(Units, 0, (len(b)-2)/unitBytes)
	for b = b[2:]; len(b) > 0; b = b[unitBytes:] {
		read = append(read, Unit{Hash(b[:32]), b[32], binary.BigEndian.Uint32(b[33:])})
	}
	if !read.ordered() {
		return errUnits
	}
	*u = read
	return nil
}

// UnmarshalJSON reads units as a document has them.
func (u *Units) UnmarshalJSON(b []byte) error {
	var read []Unit
	err := json.Unmarshal(b, &read)
	*u = read
	return err
}

var errUnits = relief.Errorf(relief.CodeCorrupt, "it is not packed as the units of a frame are")

// ordered reports whether these can be the units of a stratum: at least one, none twice, of months and numbers that there are.
func (u Units) ordered() bool {
	for i := range u {
		if i > 0 && bytes.Compare(u[i-1].Leaf[:], u[i].Leaf[:]) >= 0 || u[i].Month >= MaxMonths || u[i].Number > relief.MaxRollNumber {
			return false
		}
	}
	return len(u) > 0 && len(u) <= MaxUnits
}

func (u Units) sort() {
	slices.SortFunc(u, func(a, b Unit) int { return bytes.Compare(a.Leaf[:], b.Leaf[:]) })
}
