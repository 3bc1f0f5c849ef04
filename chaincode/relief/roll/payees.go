package roll

import (
	"bytes"
	"encoding/binary"
	"math"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Payee says whom a person's money is paid to: the tags of the name and the account in the person's private details.
type Payee struct {
	Name    relief.Tag `json:"name_tag,omitzero"`
	Account relief.Tag `json:"account_tag,omitzero"`
}

// Valid reports whether both tags are there.
func (p Payee) Valid() bool { return p.Name.Valid() && p.Account.Valid() }

// Differs names the column in which two payees differ, the name first; "" for the same payee. A missing tag differs
// from every other.
func (p Payee) Differs(other Payee) relief.LineCode {
	switch {
	case !p.Name.Equal(other.Name):
		return relief.LineNameDiffers
	case !p.Account.Equal(other.Account):
		return relief.LineAccountDiffers
	}
	return ""
}

// Keeping is the payee, with those tags in the place of its own that under keys of other epochs are the tags of another payee. under
// are the tags of the same name and account under all keys. What is the same then has the same tag, whatever its epoch.
func (p Payee) Keeping(under []Payee, on Payee) Payee {
	for _, u := range under {
		if u.Name.Equal(on.Name) {
			p.Name = on.Name
		}
		if u.Account.Equal(on.Account) {
			p.Account = on.Account
		}
	}
	return p
}

// checkBytes is what a PayeeCheck has of each tag.
const checkBytes = 4

// PayeeCheck is the payee in eight bytes: four of the name's tag, then four of the account's; zeros stand for a missing
// tag. A line of a list carries it, and the roll has it beside each entry, so that an act on a list names the column that
// differs without reading the tags. It finds slips, one of 2^32 of which it misses. What is approved and paid is bound to
// the whole tags.
type PayeeCheck [2 * checkBytes]byte

// Check is the check of a payee.
func (p *Payee) Check() (c PayeeCheck) {
	putCheck(c[:checkBytes], &p.Name)
	putCheck(c[checkBytes:], &p.Account)
	return c
}

func putCheck(b []byte, tag *relief.Tag) {
	if !tag.Valid() {
		return
	}
	copy(b, tag[1:])
	if [checkBytes]byte(b) == [checkBytes]byte{} {
		b[0] = 1 // zeros stand for a missing tag
	}
}

// Differs names the column in which two payees differ, the name first; "" for the same payee. A missing tag differs
// from every other.
func (c PayeeCheck) Differs(other PayeeCheck) relief.LineCode {
	switch {
	case !sameCheck(c[:checkBytes], other[:checkBytes]):
		return relief.LineNameDiffers
	case !sameCheck(c[checkBytes:], other[checkBytes:]):
		return relief.LineAccountDiffers
	}
	return ""
}

// DiffersFromAll names the column in which none of several checks of one payee, under keys of several epochs, is that of the roll;
// "" when the name is that of one and the account that of one.
func (c PayeeCheck) DiffersFromAll(of []PayeeCheck) (column relief.LineCode) {
	name, account := false, false
	for _, other := range of {
		name = name || sameCheck(c[:checkBytes], other[:checkBytes])
		account = account || sameCheck(c[checkBytes:], other[checkBytes:])
	}
	switch {
	case !name:
		return relief.LineNameDiffers
	case !account:
		return relief.LineAccountDiffers
	}
	return ""
}

// sameCheck reports whether two checks of a tag are the same, and not those of a missing one.
func sameCheck(a, b []byte) bool {
	var none [checkBytes]byte
	return [checkBytes]byte(a) == [checkBytes]byte(b) && [checkBytes]byte(a) != none
}

// Payees is the public value beside a roll segment, in its packed form: for each entry the version of the person's
// private details, and the payee that they say. The details themselves are sealed, and a page of them holds many
// people, so that the chaincode can compare neither with a payment. docs/ledger-layout.md gives the value byte by byte.
type Payees struct{ b []byte }

const (
	payeesKind      = 'y'
	payeesVersion   = 1
	payeesHeader    = 4
	payeesSlotWidth = 36

	// Offsets within a packed slot.
	payeesName    = 2
	payeesAccount = payeesName + len(relief.Tag{})
)

var errPayees = relief.Errorf(relief.CodeCorrupt, "the payees of a roll segment cannot be read")

// ParsePayees checks a packed value; nil bytes are those of an empty segment.
func ParsePayees(b []byte) (Payees, error) {
	if len(b) == 0 {
		return Payees{}, nil
	}
	if len(b) < payeesHeader || b[0] != payeesKind || b[1] != payeesVersion {
		return Payees{}, errPayees
	}
	p := Payees{b}
	if n := p.Len(); n == 0 || n > programme.DefaultSegmentSize || len(b) != payeesHeader+n*payeesSlotWidth {
		return Payees{}, errPayees
	}
	for i := range p.Len() {
		if p.Version(i) == 0 || !validSlot(p.slot(i)) {
			return Payees{}, errPayees
		}
	}
	return p, nil
}

// validSlot reports whether a slot has both tags, or none because the details are erased.
func validSlot(b []byte) bool {
	name, account := b[payeesName], b[payeesAccount]
	return name != 0 && account != 0 || bytes.Count(b[payeesName:], []byte{0}) == payeesSlotWidth-payeesName
}

// Bytes is the packed value; nil for an empty segment's.
func (p Payees) Bytes() []byte { return p.b }

// Len is the number of entries.
func (p Payees) Len() int {
	if len(p.b) < payeesHeader {
		return 0
	}
	return int(binary.BigEndian.Uint16(p.b[2:]))
}

func (p Payees) slot(i int) []byte {
	at := payeesHeader + i*payeesSlotWidth
	return p.b[at : at+payeesSlotWidth]
}

// Version is how many times the private details of entry i were given; 0 beyond the last entry.
func (p Payees) Version(i int) uint16 {
	if i >= p.Len() {
		return 0
	}
	return binary.BigEndian.Uint16(p.slot(i))
}

// Payee is the payee of entry i; the zero Payee after an erasure and beyond the last entry.
func (p Payees) Payee(i int) (out Payee) {
	if i >= p.Len() {
		return out
	}
	b := p.slot(i)
	copy(out.Name[:], b[payeesName:])
	copy(out.Account[:], b[payeesAccount:])
	return out
}

// Packed is entry i as the value holds it: the version and both tags. It is nil beyond the last entry.
func (p Payees) Packed(i int) []byte {
	if i >= p.Len() {
		return nil
	}
	return p.slot(i)
}

// Tags are both tags of entry i as the value holds them: zeros after an erasure. They are nil beyond the last entry.
func (p Payees) Tags(i int) []byte {
	if i >= p.Len() {
		return nil
	}
	return p.slot(i)[payeesName:]
}

// Erased are the payees after the private details of entry i were erased. The version stays, so that details that come
// back have a later one. p does not change.
func (p Payees) Erased(i int) Payees {
	if i >= p.Len() {
		return p
	}
	p = p.withRoom(0)
	clear(p.slot(i)[payeesName:])
	return p
}

// set puts the payee of new private details into entry i, the next new one at most; p must be a clone. It reports
// whether it could: versions end with 65,535.
func (p *Payees) set(i int, payee Payee) bool {
	if i == p.Len() {
		if i == 0 {
			p.b = append(p.b[:0], payeesKind, payeesVersion, 0, 0)
		}
		p.b = append(p.b, make([]byte, payeesSlotWidth)...)
		binary.BigEndian.PutUint16(p.b[2:], uint16(i+1)) //nolint:gosec // at most 1000
	}
	b := p.slot(i)
	version := binary.BigEndian.Uint16(b)
	if version == math.MaxUint16 {
		return false
	}
	binary.BigEndian.PutUint16(b, version+1)
	copy(b[payeesName:], payee.Name[:])
	copy(b[payeesAccount:], payee.Account[:])
	return true
}

// withRoom is a copy with room in memory for that many more entries.
func (p Payees) withRoom(entries int) Payees {
	entries = max(0, min(entries, programme.DefaultSegmentSize-p.Len()))
	b := make([]byte, 0, max(len(p.b), payeesHeader)+entries*payeesSlotWidth)
	return Payees{append(b, p.b...)}
}
