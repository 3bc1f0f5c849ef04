package payment

import (
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
	Region       relief.Region      `json:"region,omitempty"` // the roll number's, which never changes; where the roll is read beside
	Number       uint32             `json:"number"`
	Period       relief.Period      `json:"period"`
	Attempt      uint8              `json:"attempt"` // the payment's number within the person's period
	Kind         relief.PaymentKind `json:"kind"`
	Amount       relief.Fen         `json:"amount"`             // what counts against what is owed
	Deducted     relief.Fen         `json:"deducted,omitempty"` // of the amount; the rest is transferred
	Again        uint8              `json:"again,omitempty"`    // of a further payment: the number of the payment that it pays again
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
	// Residence is where the roll said, when the payment was listed, that the household lives in the accounting period; "" where it said
	// nothing, and in what the contracts read.
	Residence relief.Residence `json:"residence,omitempty"`
}

// Holder is the batch of a payment; false when there is no such payment in a batch.
func Holder(s Payments, position int, attempt uint8) (relief.BatchID, bool) {
	slot, _ := s.find(position, attempt)
	if slot == nil || slot.state == slotFree || slot.state == slotGranted {
		return "", false
	}
	return s.holder(slot), true
}

// ReadPayment reads a payment. state is the state of its batch. It returns false when there is no such payment.
func ReadPayment(s Payments, id relief.PaymentID, segmentSize uint32, entries roll.Segment, state BatchState) (Payment, bool) {
	_, position := id.SlotAt(segmentSize)
	slot, answer := s.find(position, id.Attempt)
	if slot == nil || slot.state == slotFree {
		return Payment{}, false
	}
	p := Payment{
		ID: id, Programme: id.Programme, County: id.County, Number: id.Number, Period: id.Period, Attempt: id.Attempt, Kind: slot.kind,
		Amount: slot.amount, Deducted: slot.deducted, Batch: s.holder(slot), FileLine: slot.seq, State: paymentState(slot.state, state),
	}
	if f, ok := s.(*Further); ok {
		p.Again = f.againOf(position, id.Attempt)
	}
	if position < entries.Len() {
		p.Subject, p.Region = entries.Ref(position), entries.Region(position)
	}
	if slot.state != slotListed && slot.state != slotGranted {
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

// PaymentsOf lists a batch's payments in values of one segment, value after value, each in roll order.
func PaymentsOf(b *Batch, values []Value, entries roll.Segment) []Payment {
	payments := []Payment{}
	for i := range values {
		v := &values[i]
		at := b.SegmentAddr(v.Segment)
		v.Payments.each(b.ID, func(position int, slot *lineSlot, _ *lineAnswer) {
			id := relief.PaymentID{
				Programme: b.Programme, County: at.County, Number: at.First() + uint32(position), Period: v.Period, Attempt: slot.attempt, //nolint:gosec // < 1000
			}
			if p, ok := ReadPayment(v.Payments, id, b.SegmentSize, entries, b.State); ok {
				p.AccountingPeriod = b.Period
				payments = append(payments, p)
			}
		})
	}
	return payments
}

// Slot is a slot's payment without its person.
type Slot struct {
	Number   uint32             `json:"number"`
	Attempt  uint8              `json:"attempt"`
	Batch    relief.BatchID     `json:"batch"`
	Kind     relief.PaymentKind `json:"kind"`
	Amount   relief.Fen         `json:"amount"`
	Deducted relief.Fen         `json:"deducted,omitempty"`
	State    LineState          `json:"state"`
}

// Slots lists the payments of a segment, earlier attempts last. first is the segment's first roll number.
func (s *LineSegment) Slots(first uint32) []Slot {
	slots := []Slot{}
	add := func(position int, l *lineSlot) {
		if l.state != slotFree {
			slots = append(slots, slotOf(first, position, l, s.batches[l.batch]))
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

// Slots lists the further payments of a segment that a batch has.
func (f *Further) Slots(first uint32) []Slot {
	slots := []Slot{}
	f.visit(func(position int, l *lineSlot, _ *lineAnswer) {
		if l.state != slotGranted {
			slots = append(slots, slotOf(first, position, l, f.batches[l.batch]))
		}
	})
	return slots
}

func slotOf(first uint32, position int, l *lineSlot, batch relief.BatchID) Slot {
	return Slot{first + uint32(position), l.attempt, batch, l.kind, l.amount, l.deducted, lineStates[l.state]} //nolint:gosec // < 1000
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
