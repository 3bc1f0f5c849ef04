package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// MaySettle returns an error unless the caller may record the bank's answers.
func (b *Batch) MaySettle(actor relief.Actor) error {
	if err := relief.RequireRegion(actor.By, b.Region); err != nil {
		return err
	}
	_, err := relief.Next(BatchTransitions, b.State, relief.ActPaymentSettle)
	return err
}

// RecordAnswers records the bank's answers of a chunk in their slots, with the hash of each credit's leaf, for a batch in which
// every payment is a transfer of its own: RecordTransfers is for others. tx is the id of the transaction. TallyBatch brings
// batch and tranche up to date later.
func RecordAnswers(b *Batch, entries roll.Segment, seg LineSegment, segment uint32, answers []AnswerInput, tx string) (LineSegment, wire.ChunkResult, error) {
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
	id, err := relief.ParseTx(tx)
	if err != nil {
		return seg, result, err
	}
	s := settler{leafMaker: leafMaker{batch: b, roll: entries, at: b.SegmentAddr(segment), tx: id}, seg: seg.clone()}
	for i := range answers {
		in := &answers[i]
		done, code := s.settle(in)
		result.Count(in.Seq, done, wire.Refusal{Code: code})
	}
	if result.Accepted == 0 {
		return seg, result, nil
	}
	return s.seg, result, nil
}

type settler struct {
	leafMaker
	seg LineSegment
}

func (s *settler) settle(in *AnswerInput) (done bool, code relief.LineCode) {
	position, ok := s.at.Slot(in.Number)
	if !ok {
		return false, relief.LineWrongSegment
	}
	slot, answer := s.seg.find(position, in.Attempt)
	switch {
	case slot == nil || s.seg.batches[slot.batch] != s.batch.ID:
		return false, relief.LineNotInBatch
	case position >= s.roll.Len():
		return false, relief.LineNotOnRoll // cannot happen: a listed person is on the roll
	case slot.transferred() != in.Amount:
		return false, relief.LineAmountDiffers
	case in.Amount == 0:
		return false, relief.LineAlreadySettled // when finance authorised the batch
	}
	want, to, code := in.answer()
	if code != "" {
		return false, code
	}
	if to, code = slot.next(answer, &want, to); code != "" || to == slot.state {
		return false, code
	}
	want.leaf = s.leafOf(slot, answer, in, s.batch.Period, to)
	if s.seg.answers == nil {
		s.seg.answers = make([]lineAnswer, len(s.seg.slots))
	}
	s.seg.slots[position].state, s.seg.answers[position] = to, want
	return true, ""
}

// next is the state of a payment after an answer that would bring a listed one to a state; the state that it has when
// the answer says what is known. An answer that contradicts the one that is recorded is for two officials: see Reverse.
func (l *lineSlot) next(known, said *lineAnswer, to uint8) (uint8, relief.LineCode) {
	switch {
	case l.state == slotListed:
		return to, ""
	case known.same(said) && (l.state == to || l.state == slotReversed && to == slotReturned):
		return l.state, ""
	case (l.state == slotCredited) != (to == slotCredited):
		return l.state, relief.LineReversal
	}
	return l.state, relief.LineAlreadySettled
}

// leafMaker makes the leaves of a transaction's credits.
type leafMaker struct {
	batch  *Batch
	roll   roll.Segment
	at     roll.SegmentAddr
	tx     [32]byte
	hasher relief.LeafHasher
	region relief.Region // of the last leaf: neighbours mostly live in the same one
}

// leafOf is the hash of the leaf that a payment has after the answer. A credit makes a leaf; a return after the credit
// keeps it.
func (m *leafMaker) leafOf(slot *lineSlot, answer *lineAnswer, in *AnswerInput, period relief.Period, to uint8) [32]byte {
	switch to {
	case slotCredited:
		return m.leaf(slot, in, period, in.Salt)
	case slotReversed:
		return answer.leaf
	}
	return [32]byte{}
}

// leaf is the hash of a credit's leaf.
func (m *leafMaker) leaf(slot *lineSlot, in *AnswerInput, period relief.Period, salt [16]byte) [32]byte {
	position := int(in.Number - m.at.First())
	if m.region == "" || !m.roll.InRegion(position, m.region) {
		m.region = m.roll.Region(position)
	}
	return m.hasher.Hash(&relief.Leaf{
		Payment: relief.PaymentID{Programme: m.batch.Programme, County: m.at.County, Number: in.Number, Period: period, Attempt: slot.attempt},
		Region:  m.region, Subject: m.roll.Ref(position), Kind: slot.kind, Amount: slot.amount, Deducted: slot.deducted,
		Day: in.Day, Batch: m.batch.ID, Tx: m.tx, BankRef: in.BankRef, Salt: salt,
	})
}

// find gives the slot of an attempt, current or earlier, with its answer; nil when there is none.
func (s *LineSegment) find(position int, attempt uint8) (*lineSlot, *lineAnswer) {
	if position >= len(s.slots) || attempt == 0 {
		return nil, nil
	}
	if slot := &s.slots[position]; slot.attempt == attempt {
		if s.answers == nil {
			return slot, &lineAnswer{}
		}
		return slot, &s.answers[position]
	}
	for i := range s.old {
		if o := &s.old[i]; int(o.position) == position && o.attempt == attempt {
			return &o.lineSlot, &o.lineAnswer
		}
	}
	return nil, nil
}

// answer gives the part of the bank's answer that a slot keeps, and the state that a listed payment gets from it.
func (in *AnswerInput) answer() (a lineAnswer, to uint8, code relief.LineCode) {
	if in.Day < 1 || in.Day > relief.MaxDay {
		return a, 0, relief.LineDate
	}
	a = lineAnswer{day: in.Day, reason: in.Reason, bankRef: in.BankRef}
	switch in.Outcome {
	case OutcomeCredited:
		if in.Reason != [4]byte{} {
			return a, 0, relief.LineReason
		}
		if in.Salt == [16]byte{} {
			return a, 0, relief.LineSalt
		}
		return a, slotCredited, ""
	case OutcomeReturned:
		if !isReason(in.Reason) {
			return a, 0, relief.LineReason
		}
		return a, slotReturned, ""
	}
	return a, 0, relief.LineResult
}

// isReason reports whether four bytes are written as the return reasons of ISO 20022 are.
func isReason(reason [4]byte) bool {
	for _, c := range reason {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
