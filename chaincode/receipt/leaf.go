package receipt

import (
	"bytes"
	"encoding/binary"

	"relieftrail/chaincode/relief"
)

// The compact form of a leaf holds the values in its canonical JSON and is a third as long. A leaf has exactly one
// compact form: version 2 for a regular payment of which nothing was deducted, version 3 for any other.
const (
	leafKind           = 'f'
	leafVersion        = 2
	furtherLeafVersion = 3 // has the kind of the payment and what was deducted behind the amount
	maxLeaf            = 256
)

// AppendLeaf appends a leaf's compact form.
func AppendLeaf(b []byte, l *relief.Leaf) []byte {
	version := leafVersionOf(l)
	b = append(b, leafKind, version)
	b = appendText(b, string(l.Payment.Programme))
	b = binary.AppendUvarint(b, l.Payment.County.Code())
	b = binary.AppendUvarint(b, uint64(l.Payment.Number))
	b = binary.BigEndian.AppendUint16(b, l.Payment.Period.Code())
	b = append(b, l.Payment.Attempt)
	b = binary.AppendUvarint(b, l.Region.Code())
	b = append(b, l.Subject[:]...)
	b = binary.AppendUvarint(b, uint64(l.Amount)) //nolint:gosec // never negative
	if version == furtherLeafVersion {
		b = append(b, byte(l.Kind))
		b = binary.AppendUvarint(b, uint64(l.Deducted)) //nolint:gosec // never negative
	}
	b = binary.AppendUvarint(b, uint64(l.Day))
	b = appendText(b, string(l.Batch))
	b = append(b, l.Tx[:]...)
	b = append(b, l.BankRef[:]...)
	return append(b, l.Salt[:]...)
}

func leafVersionOf(l *relief.Leaf) byte {
	if l.Kind == relief.PaymentRegular && l.Deducted == 0 {
		return leafVersion
	}
	return furtherLeafVersion
}

func appendText(b []byte, s string) []byte {
	return append(append(b, byte(len(s))), s...) //nolint:gosec // ids have at most 40 bytes, names of keys 255
}

// ParseLeaf reads what AppendLeaf writes and no other spelling.
func ParseLeaf(b []byte) (relief.Leaf, error) {
	if len(b) > 1 && b[0] == leafKind && b[1] > furtherLeafVersion {
		return relief.Leaf{}, &Error{CodeLeaf, later[0], later[1], true}
	}
	l, ok := readLeaf(b)
	if !ok || !bytes.Equal(AppendLeaf(nil, &l), b) {
		return relief.Leaf{}, refuse(CodeLeaf)
	}
	return l, nil
}

func readLeaf(b []byte) (l relief.Leaf, ok bool) {
	if len(b) > maxLeaf {
		return l, false
	}
	r := reader{b: b}
	kind, version := r.byte(), r.byte()
	if kind != leafKind || version != leafVersion && version != furtherLeafVersion {
		return l, false
	}
	var errs [7]error
	l.Payment.Programme, errs[0] = relief.ParseProgrammeID(r.text())
	l.Payment.County, errs[1] = relief.RegionFromCode(r.uvarint())
	l.Payment.Number = uint32(r.most(relief.MaxRollNumber)) //nolint:gosec // bounded
	l.Payment.Period, errs[2] = relief.PeriodFromCode(r.uint16())
	l.Payment.Attempt = r.byte()
	l.Region, errs[3] = relief.RegionFromCode(r.uvarint())
	r.copy(l.Subject[:])
	l.Amount = relief.Fen(r.most(uint64(relief.MaxFen))) //nolint:gosec // bounded
	if version == furtherLeafVersion {
		l.Kind = relief.PaymentKind(r.byte())
		l.Deducted = relief.Fen(r.most(uint64(l.Amount))) //nolint:gosec // bounded
	}
	l.Day = uint32(r.most(relief.MaxDay)) //nolint:gosec // bounded
	l.Batch, errs[4] = relief.ParseBatchID(r.text())
	r.copy(l.Tx[:])
	r.copy(l.BankRef[:])
	r.copy(l.Salt[:])
	// Writing the id and reading it back shows that its parts fit together.
	_, errs[5] = relief.ParsePaymentID(l.Payment.String())
	_, errs[6] = relief.ParsePaymentKind(l.Kind.String())
	for _, err := range errs {
		if err != nil {
			return l, false
		}
	}
	return l, !r.bad && len(r.b) == 0 && l.Subject[0] != 0
}

// reader reads a compact form. After the first fault it reads zeros only, and bad stays true.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) most(limit uint64) uint64 {
	n := r.uvarint()
	if n > limit {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) text() string     { return string(r.bytes(int(r.byte()))) }
func (r *reader) copy(into []byte) { copy(into, r.bytes(len(into))) }
