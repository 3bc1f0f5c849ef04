package payment

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// BatchCount counts a batch from its values.
type BatchCount struct {
	total    Totals
	values   []ValueAddr // that have payments of the batch
	digests  [][32]byte
	sums     []relief.Fen // of each value
	people   map[uint32]*peopleOf
	persons  int      // people with a payment
	paid     int      // people to whom something is transferred
	answered int      // payments with an answer of which something is transferred
	division division // of a batch with several sources
	divided  []part   // likewise, by source; nil before the first payment
}

// peopleOf are sets of positions in a segment: of people with a payment, and of those to whom something is transferred.
type peopleOf struct {
	any, paid [(maxPositions + 63) / 64]uint64
}

// mark adds a position to a set, and reports whether it is new there.
func mark(set []uint64, position int) bool {
	bit := uint64(1) << (position % 64)
	fresh := set[position/64]&bit == 0
	set[position/64] |= bit
	return fresh
}

// Add counts the batch's payments in one value; values come in the order of Batch.Values. The digest needs the segment's
// payees, the sums do not.
//
// The digest fixes which numbers are paid, for which period, how much, and to whom: the version of the details and the tags of
// name and account. Who has a number on the roll never changes, so the digest holds no reference.
func (c *BatchCount) Add(b *Batch, v ValueAddr, s Payments, payees roll.Payees) error {
	first := b.SegmentAddr(v.Segment).First()
	h := sha256.New()
	found := false
	before := c.total.ListedSum
	people := c.peopleIn(v.Segment)
	var err error
	s.each(b.ID, func(position int, slot *lineSlot, _ *lineAnswer) {
		found = true
		err = firstError(err, c.count(b, slot))
		if mark(people.any[:], position) {
			c.persons++
		}
		if slot.transferred() > 0 && mark(people.paid[:], position) {
			c.paid++
		}
		if slot.state != slotListed && slot.transferred() > 0 {
			c.answered++
		}
		var line [24]byte
		binary.BigEndian.PutUint32(line[0:], first+uint32(position)) //nolint:gosec // < 1000
		line[4], line[5] = slot.attempt, byte(slot.kind)
		binary.BigEndian.PutUint64(line[8:], uint64(slot.amount))    //nolint:gosec // never negative
		binary.BigEndian.PutUint64(line[16:], uint64(slot.deducted)) //nolint:gosec // never negative
		h.Write(line[:])
		h.Write(payees.Tags(position)) // without the version: another telephone pays nobody else
	})
	if !found || err != nil {
		return err
	}
	c.values = append(c.values, v)
	var digest [32]byte
	h.Sum(digest[:0])
	c.digests = append(c.digests, digest)
	c.sums = append(c.sums, c.total.ListedSum-before)
	return nil
}

func (c *BatchCount) peopleIn(segment uint32) *peopleOf {
	if c.people == nil {
		c.people = map[uint32]*peopleOf{} // only looked up, never ranged over
	}
	people := c.people[segment]
	if people == nil {
		people = &peopleOf{}
		c.people[segment] = people
	}
	return people
}

// count counts a payment. The payments come in the order by which several sources divide them.
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
	var err, err2 error
	if t.ListedSum, err = t.ListedSum.Add(slot.transferred()); err != nil {
		return relief.Errorf(relief.CodeTotals, "the batch's sum overflows")
	}
	if t.DeductedSum, err2 = t.DeductedSum.Add(slot.deducted); err2 != nil {
		return relief.Errorf(relief.CodeTotals, "the sum of the batch's deductions overflows")
	}
	*sum, _ = sum.Add(slot.transferred()) // cannot overflow: it is a part of ListedSum
	return nil
}

func (c *BatchCount) totals() Totals {
	t := c.total
	t.Joined, t.Netted = t.Listed-c.persons, c.persons-c.paid
	return t
}

// Digest is the SHA-256 over the digests of the values. It fixes the exact payments that a second official approves.
func (c *BatchCount) Digest() string {
	h := sha256.New()
	h.Write([]byte("relieftrail/lines/v3\x00"))
	for i, d := range c.digests {
		v := c.values[i]
		of := binary.BigEndian.AppendUint16(nil, v.Period.Code())
		kind := byte(linesKind)
		if v.Further {
			kind = furtherKind
		}
		h.Write(binary.BigEndian.AppendUint32(append(of, kind), v.Segment))
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
