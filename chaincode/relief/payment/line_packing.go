package payment

import (
	"encoding/binary"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// A line segment is one value on the ledger: the payments for one period of the people of one roll segment. Values that
// many payments share (state, attempt, batch, the bank's value date and reason) are stored once, as terms; each payment
// refers to its terms by number. docs/ledger-layout.md gives the form byte by byte. A segment has exactly one encoding:
// ParseLineSegment refuses any other.
const (
	linesKind    = 'l'
	linesVersion = 5
	linesHeader  = 9
	termsWidth   = 12

	listedMostly   = 1 + 4 + 1         // bytes of a typical payment that the bank has not answered
	answeredMostly = listedMostly + 48 // and of one that it has
)

// lineTerms are values that several payments of a segment share.
type lineTerms struct {
	state, attempt, batch, flags uint8
	day                          uint32
	reason                       [4]byte
}

// The flags of terms. Two bits hold the kind of the payment.
const (
	flagLeaf     = 1 // the payment has the hash of a leaf
	flagDeducted = 2 // a part of the amount is deducted
	kindShift    = 2
	flagAgain    = 16 // it pays an earlier payment again; of further payments alone
	flagsKnown   = flagLeaf | flagDeducted | 3<<kindShift | flagAgain
)

func termsOf(l *lineSlot, a *lineAnswer) lineTerms {
	flags := uint8(l.kind) << kindShift
	if a.leaf != [32]byte{} {
		flags |= flagLeaf
	}
	if l.deducted != 0 {
		flags |= flagDeducted
	}
	return lineTerms{l.state, l.attempt, l.batch, flags, a.day, a.reason}
}

func (t *lineTerms) has(flag uint8) bool { return t.flags&flag != 0 }

func (t *lineTerms) kind() relief.PaymentKind { return relief.PaymentKind(t.flags >> kindShift & 3) }

func (t *lineTerms) answered() bool { return t.state > slotListed && t.state < slotGranted }

// inLines reports whether a payment of the lines of a period can have these terms.
func (t *lineTerms) inLines(batches int) bool {
	return t.state != slotGranted && t.kind() <= relief.PaymentArrears && !t.has(flagAgain) && t.possible(batches)
}

// possible reports whether a payment can have these terms. Without an answer they hold nothing that comes with one; money that
// came back has a reason, and a credit has none.
func (t *lineTerms) possible(batches int) bool {
	if t.state == slotFree || int(t.state) >= len(lineStates) || t.attempt == 0 || t.flags&^flagsKnown != 0 {
		return false
	}
	if t.state == slotGranted { // no batch has it yet
		return *t == lineTerms{state: slotGranted, attempt: t.attempt, flags: uint8(relief.PaymentGrant) << kindShift}
	}
	if int(t.batch) >= batches {
		return false
	}
	if !t.answered() {
		return !t.has(flagLeaf) && t.day == 0 && t.reason == [4]byte{}
	}
	return t.day > 0 && t.day <= relief.MaxDay && (t.reason == [4]byte{}) == (t.state == slotCredited) &&
		(t.reason == [4]byte{} || isReason(t.reason))
}

// linePacker writes the payments of a segment and collects their terms.
type linePacker struct {
	b     []byte
	terms []lineTerms
	known map[lineTerms]int
	seq   uint32 // the previous payment's line number plus one
}

func (p *linePacker) index(t lineTerms) int {
	if n := len(p.terms); n > 0 && p.terms[n-1] == t {
		return n - 1
	}
	i, ok := p.known[t]
	if !ok {
		i = len(p.terms)
		p.terms, p.known[t] = append(p.terms, t), i
	}
	return i
}

func (p *linePacker) add(l *lineSlot, a *lineAnswer) {
	if l.state == slotFree {
		p.b = append(p.b, 0)
		return
	}
	t := termsOf(l, a)
	p.b = binary.AppendUvarint(p.b, uint64(p.index(t)+1)) //nolint:gosec // small
	p.b = binary.AppendUvarint(p.b, uint64(l.amount))     //nolint:gosec // never negative
	p.b = binary.AppendVarint(p.b, int64(l.seq)-int64(p.seq))
	p.seq = l.seq + 1
	p.rest(&t, l, a)
}

// rest appends what only some payments have.
func (p *linePacker) rest(t *lineTerms, l *lineSlot, a *lineAnswer) {
	if t.has(flagDeducted) {
		p.b = binary.AppendUvarint(p.b, uint64(l.deducted)) //nolint:gosec // never negative
	}
	if t.answered() {
		p.b = append(p.b, a.bankRef[:]...)
	}
	if t.has(flagLeaf) {
		p.b = append(p.b, a.leaf[:]...)
	}
}

// appendHeads appends the table of batches and the terms.
func (p *linePacker) appendHeads(b []byte, batches []relief.BatchID) []byte {
	for _, id := range batches {
		b = append(b, byte(len(id))) //nolint:gosec // at most 40
		b = append(b, id...)
	}
	for i := range p.terms {
		t := &p.terms[i]
		b = append(b, t.state, t.attempt, t.batch, t.flags)
		b = binary.BigEndian.AppendUint32(b, t.day)
		b = append(b, t.reason[:]...)
	}
	return b
}

// Bytes packs the segment.
func (s *LineSegment) Bytes() []byte {
	width, none := listedMostly, &lineAnswer{}
	if s.answers != nil {
		width = answeredMostly
	}
	p := linePacker{known: map[lineTerms]int{}, b: make([]byte, 0, len(s.slots)*width+len(s.old)*(2+answeredMostly))}
	for i := range s.slots {
		answer := none
		if s.answers != nil {
			answer = &s.answers[i]
		}
		p.add(&s.slots[i], answer)
	}
	for i := range s.old {
		o := &s.old[i]
		p.b = binary.BigEndian.AppendUint16(p.b, o.position)
		p.add(&o.lineSlot, &o.lineAnswer)
	}
	b := make([]byte, 0, linesHeader+len(s.batches)*41+len(p.terms)*termsWidth+len(p.b))
	b = append(b, linesKind, linesVersion, byte(len(s.batches))) //nolint:gosec // at most 255: batchIndex
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.slots)))   //nolint:gosec // at most 1000
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.old)))     //nolint:gosec // bounded by archive
	b = binary.BigEndian.AppendUint16(b, uint16(len(p.terms)))   //nolint:gosec // not more than payments
	return append(p.appendHeads(b, s.batches), p.b...)
}

// ParseLineSegment unpacks a value; nil bytes are an empty segment. CORRUPT for bytes that Bytes never writes.
func ParseLineSegment(b []byte) (LineSegment, error) {
	var s LineSegment
	if len(b) == 0 {
		return s, nil
	}
	u, slots, old := openLines(b, &s)
	if u.bad {
		return LineSegment{}, linesFault(b)
	}
	u.payments(&s, slots, old)
	if !u.ended() {
		return LineSegment{}, errLineSegment
	}
	return s, nil
}

// CheckLines reads a value as ParseLineSegment does and keeps none of its payments. It gives the number of slots.
func CheckLines(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	u, slots, old := openLines(b, &LineSegment{})
	if u.bad {
		return 0, linesFault(b)
	}
	var slot lineSlot
	var answer lineAnswer
	for range slots {
		u.payment(&slot, &answer)
	}
	for range old {
		var o oldLine
		u.oldPayment(&o, slots)
	}
	if !u.ended() {
		return 0, errLineSegment
	}
	return slots, nil
}

// openLines reads what stands before the payments of a value that has any bytes: the batches, which go to s, the terms, and the
// numbers of slots and of earlier attempts.
func openLines(b []byte, s *LineSegment) (u lineUnpacker, slots, old int) {
	if !isLines(b) {
		return lineUnpacker{bad: true}, 0, 0
	}
	u = lineUnpacker{b: b[linesHeader:]}
	batches, slots := int(b[2]), int(binary.BigEndian.Uint16(b[3:]))
	old, terms := int(binary.BigEndian.Uint16(b[5:])), int(binary.BigEndian.Uint16(b[7:]))
	for range batches {
		s.batches = append(s.batches, u.batch())
	}
	u.readTerms(terms, func(t *lineTerms) bool { return t.inLines(batches) })
	// A slot has at least one byte, an earlier attempt at least five: check the length before allocating memory.
	u.bad = u.bad || slots > programme.DefaultSegmentSize || len(u.b) < slots+old*5
	return u, slots, old
}

func isLines(b []byte) bool {
	return len(b) >= linesHeader && b[0] == linesKind && b[1] == linesVersion
}

// ended reports whether exactly the value was read, and every one of its terms was used.
func (u *lineUnpacker) ended() bool { return !u.bad && len(u.b) == 0 && u.used == len(u.terms) }

// linesFault says why what stands before the payments cannot be read.
func linesFault(b []byte) error {
	if !isLines(b) {
		return relief.Errorf(relief.CodeCorrupt, "a line segment of an unknown kind or version")
	}
	return errLineSegment
}

var errLineSegment = relief.Errorf(relief.CodeCorrupt, "a line segment has a payment that no act can write")

// lineUnpacker reads a segment. After the first fault it reads zeros only, and bad stays true.
type lineUnpacker struct {
	b     []byte
	terms []lineTerms
	used  int // the number of terms used so far: terms are listed in the order of their first use
	seq   uint32
	bad   bool
}

func (u *lineUnpacker) bytes(n int) []byte {
	if u.bad || len(u.b) < n {
		u.bad = true
		return nil
	}
	b := u.b[:n]
	u.b = u.b[n:]
	return b
}

func (u *lineUnpacker) batch() relief.BatchID {
	length := u.bytes(1)
	if length == nil {
		return ""
	}
	id, err := relief.ParseBatchID(string(u.bytes(int(length[0]))))
	u.bad = u.bad || err != nil
	return id
}

func (u *lineUnpacker) readTerms(n int, possible func(*lineTerms) bool) {
	all := u.bytes(n * termsWidth)
	if all == nil {
		return
	}
	u.terms = make([]lineTerms, n)
	known := make(map[lineTerms]bool, n)
	for i := range u.terms {
		b := all[i*termsWidth:]
		t := lineTerms{b[0], b[1], b[2], b[3], binary.BigEndian.Uint32(b[4:]), [4]byte(b[8:])}
		u.bad = u.bad || known[t] || !possible(&t)
		u.terms[i], known[t] = t, true
	}
}

func (u *lineUnpacker) payments(s *LineSegment, slots, old int) {
	s.slots = make([]lineSlot, slots)
	for i := range s.slots {
		if s.answers != nil {
			u.payment(&s.slots[i], &s.answers[i])
			continue
		}
		var answer lineAnswer
		if u.payment(&s.slots[i], &answer); s.slots[i].state > slotListed {
			s.answers = make([]lineAnswer, slots)
			s.answers[i] = answer
		}
	}
	s.old = make([]oldLine, old)
	for i := range s.old {
		u.oldPayment(&s.old[i], slots)
	}
}

// oldPayment reads an earlier attempt, of a segment with so many slots.
func (u *lineUnpacker) oldPayment(o *oldLine, slots int) {
	if p := u.bytes(2); p != nil {
		o.position = binary.BigEndian.Uint16(p)
	}
	u.payment(&o.lineSlot, &o.lineAnswer)
	u.bad = u.bad || o.state == slotFree || int(o.position) >= slots
}

// uvarint reads a number in its shortest encoding; a longer one is a fault.
func (u *lineUnpacker) uvarint() uint64 {
	n, size := binary.Uvarint(u.b)
	if u.bad || size <= 0 || size > 1 && u.b[size-1] == 0 {
		u.bad = true
		return 0
	}
	u.b = u.b[size:]
	return n
}

func (u *lineUnpacker) payment(l *lineSlot, a *lineAnswer) {
	index := u.uvarint()
	if index == 0 {
		return // free
	}
	t := u.termsAt(index)
	if t == nil {
		return
	}
	amount, step := u.uvarint(), u.uvarint()
	// The line number is stored as the difference from the previous payment's, in zigzag encoding; it is below 2^32.
	seq := int64(u.seq) + (int64(step>>1) ^ -int64(step&1))
	if amount > uint64(relief.MaxFen) || step > 1<<34 || seq < 0 || seq > 1<<32-1 {
		u.bad = true
		return
	}
	u.rest(t, relief.Fen(amount), l, a)
	l.seq = uint32(seq)
	u.seq = l.seq + 1
}

// termsAt gives the terms with a number, from 1; nil when there are none, or some before them are not used yet.
func (u *lineUnpacker) termsAt(number uint64) *lineTerms {
	if number == 0 || number > uint64(min(u.used+1, len(u.terms))) { //nolint:gosec // not negative
		u.bad = true
		return nil
	}
	u.used = max(u.used, int(number)) //nolint:gosec // at most len(u.terms)
	return &u.terms[number-1]
}

// rest reads what only some payments have.
func (u *lineUnpacker) rest(t *lineTerms, amount relief.Fen, l *lineSlot, a *lineAnswer) {
	*l = lineSlot{state: t.state, attempt: t.attempt, batch: t.batch, kind: t.kind(), amount: amount}
	if t.has(flagDeducted) {
		deducted := u.uvarint()
		u.bad = u.bad || deducted == 0 || deducted > uint64(amount) //nolint:gosec // not negative
		l.deducted = relief.Fen(deducted)                           //nolint:gosec // at most the amount
	}
	if t.answered() {
		a.day, a.reason = t.day, t.reason
		copy(a.bankRef[:], u.bytes(len(a.bankRef)))
	}
	if t.has(flagLeaf) {
		copy(a.leaf[:], u.bytes(32))
		u.bad = u.bad || a.leaf == [32]byte{} // a payment without a leaf has terms without one
	}
}
