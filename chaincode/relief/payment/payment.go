package payment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// State is the state of a payment: its batch's state until the bank answers, then the answer.
type State string

// Payment is one payment, read from its slot and its batch.
type Payment struct {
	ID           relief.PaymentID   `json:"id"`
	Subject      relief.SubjectRef  `json:"subject"`
	Programme    relief.ProgrammeID `json:"programme"`
	County       relief.Region      `json:"county"`
	Number       uint32             `json:"number"`
	Period       relief.Period      `json:"period"`
	Attempt      uint8              `json:"attempt"`
	Kind         relief.PaymentKind `json:"kind"`
	Amount       relief.Fen         `json:"amount"`
	Deducted     relief.Fen         `json:"deducted,omitempty"`
	Batch        relief.BatchID     `json:"batch"`
	FileLine     uint32             `json:"file_line"`
	State        State              `json:"state"`
	CreditedOn   string             `json:"credited_on,omitempty"`
	ReturnedOn   string             `json:"returned_on,omitempty"`
	ReturnReason string             `json:"return_reason,omitempty"` // ISO 20022
	BankRef      string             `json:"bank_ref_sha256_128,omitempty"`
	LeafHash     string             `json:"leaf_hash,omitempty"` // of the credit's leaf in the transparency log; kept after a return
	Shares       []Share            `json:"shares,omitempty"`    // of a payment read by itself, when its batch has several sources

	AccountingPeriod relief.Period `json:"accounting_period,omitzero"` // of the batch
}

// Holder is the batch of an attempt's payment; false when there is no such payment.
func (s *LineSegment) Holder(position int, attempt uint8) (relief.BatchID, bool) {
	slot, _ := s.find(position, attempt)
	if slot == nil || slot.state == slotFree {
		return "", false
	}
	return s.batches[slot.batch], true
}

// Payment reads the payment of an attempt. state is the state of its batch. It returns false when there is no such
// payment.
func (s *LineSegment) Payment(id relief.PaymentID, segmentSize uint32, entries roll.Segment, state BatchState) (Payment, bool) {
	_, position := id.SlotAt(segmentSize)
	slot, answer := s.find(position, id.Attempt)
	if slot == nil || slot.state == slotFree {
		return Payment{}, false
	}
	p := Payment{
		ID: id, Programme: id.Programme, County: id.County, Number: id.Number, Period: id.Period, Attempt: id.Attempt,
		Amount: slot.amount, Batch: s.batches[slot.batch], FileLine: slot.seq, State: paymentState(slot.state, state),
	}
	if position < entries.Len() {
		p.Subject = entries.Ref(position)
	}
	if slot.state != slotListed {
		p.BankRef = answer.bankRef.String()
		if answer.leaf != [32]byte{} {
			p.LeafHash = hex.EncodeToString(answer.leaf[:])
		}
		day := relief.DayTime(answer.day).Format(time.DateOnly)
		if slot.state == slotCredited {
			p.CreditedOn = day
		} else {
			p.ReturnedOn, p.ReturnReason = day, string(answer.reason[:])
		}
	}
	return p, true
}

func paymentState(slot uint8, batch BatchState) State {
	if slot == slotListed {
		if batch == BatchOpen {
			return State(LineListed)
		}
		return State(batch)
	}
	return State(lineStates[slot])
}

// Payments lists a batch's payments in a segment, in roll order.
func (s *LineSegment) Payments(b *Batch, segment uint32, entries roll.Segment) []Payment {
	at := b.SegmentAddr(segment)
	payments := []Payment{}
	s.each(b.ID, func(position int, slot *lineSlot, _ *lineAnswer) {
		id := relief.PaymentID{Programme: b.Programme, County: at.County, Number: at.First() + uint32(position), Period: b.Period, Attempt: slot.attempt} //nolint:gosec // < 1000
		if p, ok := s.Payment(id, b.SegmentSize, entries, b.State); ok {
			payments = append(payments, p)
		}
	})
	return payments
}

// Slot is a slot's payment without its person.
type Slot struct {
	Number  uint32         `json:"number"`
	Attempt uint8          `json:"attempt"`
	Batch   relief.BatchID `json:"batch"`
	Amount  relief.Fen     `json:"amount"`
	State   LineState      `json:"state"`
}

// Slots lists the payments of a segment, earlier attempts last. first is the segment's first roll number.
func (s *LineSegment) Slots(first uint32) []Slot {
	slots := []Slot{}
	add := func(position int, l *lineSlot) {
		if l.state != slotFree {
			slots = append(slots, Slot{first + uint32(position), l.attempt, s.batches[l.batch], l.amount, lineStates[l.state]}) //nolint:gosec // < 1000
		}
	}
	for i := range s.slots {
		add(i, &s.slots[i])
	}
	for i := range s.old {
		add(int(s.old[i].position), &s.old[i].lineSlot)
	}
	return slots
}

// Taken reports whether a position's slot holds money for its period: credited, or listed in a batch that is not
// cancelled.
func (s *LineSegment) Taken(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) {
		return false, nil
	}
	switch slot := s.slots[position]; slot.state {
	case slotCredited:
		return true, nil
	case slotListed:
		state, err := other(s.batches[slot.batch])
		return state != BatchCancelled, err
	}
	return false, nil
}

// each visits a batch's payments in the order of slots, an earlier attempt before the current one.
func (s *LineSegment) each(id relief.BatchID, visit func(position int, slot *lineSlot, answer *lineAnswer)) {
	index := slices.Index(s.batches, id)
	if index < 0 {
		return
	}
	s.visit(func(position int, slot *lineSlot, answer *lineAnswer) {
		if int(slot.batch) == index {
			visit(position, slot, answer)
		}
	})
}

// visit visits all payments in the order of slots, an earlier attempt before the current one.
func (s *LineSegment) visit(visit func(position int, slot *lineSlot, answer *lineAnswer)) {
	old := map[int][]int{} // position → indexes in s.old; never ranged over, because the order of a map is not fixed
	for i := range s.old {
		position := int(s.old[i].position)
		old[position] = append(old[position], i)
	}
	none := lineAnswer{}
	for position := range s.slots {
		for _, i := range old[position] {
			visit(position, &s.old[i].lineSlot, &s.old[i].lineAnswer)
		}
		slot := &s.slots[position]
		if slot.state == slotFree {
			continue
		}
		if s.answers == nil {
			visit(position, slot, &none)
		} else {
			visit(position, slot, &s.answers[position])
		}
	}
}

// BatchCount counts a batch from its segments.
type BatchCount struct {
	Segments []uint32
	total    Totals
	digests  [][32]byte
	sums     []relief.Fen // of each segment
	division division     // of a batch with several sources
	divided  []part       // likewise, by source; nil before the first payment
}

// Add counts one segment; segments come in ascending order. The digest needs the segment's payees, the sums do not.
//
// The digest fixes which numbers are paid, how much, and to whom: the version of the details and the tags of name and
// account. Who has a number on the roll never changes, so the digest holds no reference.
func (c *BatchCount) Add(b *Batch, segment uint32, s *LineSegment, payees roll.Payees) error {
	at := b.SegmentAddr(segment)
	h := sha256.New()
	found := false
	before := c.total.ListedSum
	var err error
	s.each(b.ID, func(position int, slot *lineSlot, _ *lineAnswer) {
		found = true
		err = firstError(err, c.count(b, slot))
		var line [16]byte
		binary.BigEndian.PutUint32(line[0:], at.First()+uint32(position)) //nolint:gosec // < 1000
		line[4] = slot.attempt
		binary.BigEndian.PutUint64(line[8:], uint64(slot.amount)) //nolint:gosec // never negative
		h.Write(line[:])
		h.Write(payees.Packed(position))
	})
	if !found || err != nil {
		return err
	}
	c.Segments = append(c.Segments, segment)
	var digest [32]byte
	h.Sum(digest[:0])
	c.digests = append(c.digests, digest)
	c.sums = append(c.sums, c.total.ListedSum-before)
	return nil
}

// count counts a payment. The payments come in the order of their numbers, by which several sources divide them.
func (c *BatchCount) count(b *Batch, slot *lineSlot) error {
	if err := c.total.count(slot); err != nil || len(b.Sources) == 0 {
		return err
	}
	return c.divide(b.Sources, slot)
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (t *Totals) count(slot *lineSlot) error {
	n, sum := &t.Pending, &t.PendingSum
	switch slot.state {
	case slotCredited:
		n, sum = &t.Credited, &t.CreditedSum
	case slotReturned, slotReversed:
		n, sum = &t.Returned, &t.ReturnedSum
	}
	*n++
	t.Listed++
	var err error
	if t.ListedSum, err = t.ListedSum.Add(slot.amount); err != nil {
		return relief.Errorf(relief.CodeTotals, "the batch's sum overflows")
	}
	*sum, _ = sum.Add(slot.amount) // cannot overflow: it is a part of ListedSum
	return nil
}

func (c *BatchCount) totals() Totals { return c.total }

// Digest is the SHA-256 over the segments' digests. It fixes the exact lines that a second official approves.
func (c *BatchCount) Digest() string {
	h := sha256.New()
	h.Write([]byte("relieftrail/lines/v2\x00"))
	for i, d := range c.digests {
		var segment [4]byte
		binary.BigEndian.PutUint32(segment[:], c.Segments[i])
		h.Write(segment[:])
		h.Write(d[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Attempt is the attempt in a position's slot; 0 when the slot is free.
func (s *LineSegment) Attempt(position int) uint8 {
	if position >= len(s.slots) {
		return 0
	}
	return s.slots[position].attempt
}
