package payment

import (
	"encoding/binary"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// The further payments of a segment are one value on the ledger, packed as the lines are: what many payments share is stored
// once, as terms. docs/ledger-layout.md gives the form byte by byte. There is one encoding; ParseFurther refuses any other.
const (
	furtherKind    = 'f'
	furtherVersion = 1
	furtherHeader  = 7
	maxPositions   = programme.DefaultSegmentSize
	maxBatches     = 255
	maxFurther     = 1<<16 - 1
)

// Bytes packs the further payments.
func (f *Further) Bytes() []byte {
	p := linePacker{known: map[lineTerms]int{}, b: make([]byte, 0, len(f.entries)*answeredMostly)}
	last := uint16(0)
	for i := range f.entries {
		e := &f.entries[i]
		t := termsOf(&e.lineSlot, &e.lineAnswer)
		if e.again != 0 {
			t.flags |= flagAgain
		}
		p.b = binary.AppendUvarint(p.b, uint64(e.position-last))
		p.b = binary.AppendUvarint(p.b, uint64(p.index(t)+1)) //nolint:gosec // small
		p.b = binary.AppendUvarint(p.b, uint64(e.amount))     //nolint:gosec // never negative
		if e.again != 0 {
			p.b = append(p.b, e.again)
		}
		p.rest(&t, &e.lineSlot, &e.lineAnswer)
		last = e.position
	}
	b := make([]byte, 0, furtherHeader+len(f.batches)*41+len(p.terms)*termsWidth+len(p.b))
	b = append(b, furtherKind, furtherVersion, byte(len(f.batches))) //nolint:gosec // at most 255: batchIndex
	b = binary.BigEndian.AppendUint16(b, uint16(len(f.entries)))     //nolint:gosec // at most maxFurther: adder.put
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.terms)))       //nolint:gosec // not more than payments
	return append(p.appendHeads(b, f.batches), p.b...)
}

// ParseFurther unpacks a value; nil bytes are no further payments. CORRUPT for bytes that Bytes never writes.
func ParseFurther(b []byte) (Further, error) {
	var f Further
	if len(b) == 0 {
		return f, nil
	}
	if len(b) < furtherHeader || b[0] != furtherKind || b[1] != furtherVersion {
		return f, relief.Errorf(relief.CodeCorrupt, "further payments of an unknown kind or version")
	}
	u := lineUnpacker{b: b[furtherHeader:]}
	batches := int(b[2])
	entries, terms := int(binary.BigEndian.Uint16(b[3:])), int(binary.BigEndian.Uint16(b[5:]))
	for range batches {
		f.batches = append(f.batches, u.batch())
	}
	u.readTerms(terms, func(t *lineTerms) bool { return t.kind() >= relief.PaymentTopUp && t.possible(batches) })
	if u.bad || len(u.b) < entries*3 { // a payment has at least three bytes: check the length before allocating memory
		return Further{}, errFurther
	}
	f.entries = make([]furtherEntry, entries)
	u.furthers(f.entries)
	if u.bad || len(u.b) != 0 || u.used != len(u.terms) {
		return Further{}, errFurther
	}
	return f, nil
}

var errFurther = relief.Errorf(relief.CodeCorrupt, "a segment has a further payment that no act can write")

func (u *lineUnpacker) furthers(entries []furtherEntry) {
	position, attempt := uint64(0), uint8(0) // of the payment before
	for i := range entries {
		e := &entries[i]
		step := u.uvarint()
		t := u.termsAt(u.uvarint())
		amount := u.uvarint()
		if u.bad || step >= maxPositions || position+step >= maxPositions || amount > uint64(relief.MaxFen) ||
			i > 0 && step == 0 && t.attempt <= attempt {
			u.bad = true
			return
		}
		position, attempt = position+step, t.attempt
		e.position = uint16(position) //nolint:gosec // below maxPositions
		if t.has(flagAgain) {
			if again := u.bytes(1); again != nil {
				e.again = again[0]
			}
			u.bad = u.bad || e.again == 0 || e.again >= t.attempt
		}
		u.rest(t, relief.Fen(amount), &e.lineSlot, &e.lineAnswer)
	}
}
