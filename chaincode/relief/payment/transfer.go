package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// A transfer (转账) is all payments of one roll number in one batch: what the bank is told is one sum. It is credited or returned
// whole.

// RecordTransfers records the bank's answers of a chunk as RecordAnswers does, for a batch in which people have several
// payments. values are those of the batch in the segment, in the order of Batch.Values. An answer is for a whole transfer;
// one that names a payment is for the transfer of that payment alone.
func RecordTransfers(b *Batch, entries roll.Segment, segment uint32, values []Value, answers []AnswerInput, tx string) ([]Value, wire.ChunkResult, error) {
	return record(b, entries, segment, values, answers, tx, false)
}

// CreditNetted credits the payments of people to whom nothing is transferred, because all is deducted, when finance authorises
// the batch. The answers name no payment, have the sum 0, and bring the salts of the receipts.
func CreditNetted(b *Batch, entries roll.Segment, segment uint32, values []Value, answers []AnswerInput, tx string) ([]Value, wire.ChunkResult, error) {
	return record(b, entries, segment, values, answers, tx, true)
}

func record(
	b *Batch, entries roll.Segment, segment uint32, values []Value, answers []AnswerInput, tx string, netted bool,
) ([]Value, wire.ChunkResult, error) {
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
	id, err := relief.ParseTx(tx)
	if err != nil {
		return values, result, err
	}
	t := transferrer{
		leafMaker: leafMaker{batch: b, roll: entries, at: b.SegmentAddr(segment), tx: id},
		values:    append([]Value(nil), values...), netted: netted,
	}
	for i := range answers {
		in := &answers[i]
		done, refusal := t.settle(in)
		result.Count(in.Seq, done, refusal)
	}
	return t.values, result, nil
}

type transferrer struct {
	leafMaker
	values []Value
	netted bool
	found  []partOf // room for partsOf
}

// partOf is one payment of a transfer.
type partOf struct {
	value  int // index of its value
	slot   *lineSlot
	answer *lineAnswer
	to     uint8
}

func (t *transferrer) settle(in *AnswerInput) (done bool, r wire.Refusal) {
	position, ok := t.at.Slot(in.Number)
	if !ok {
		return false, wire.Refusal{Code: relief.LineWrongSegment}
	}
	parts, sum := t.partsOf(position)
	if len(parts) == 0 || position >= t.roll.Len() {
		return false, wire.Refusal{Code: relief.LineNotInBatch}
	}
	if refusal := t.compare(in, parts, sum); refusal.Code != "" {
		return false, refusal
	}
	want, to, code := in.answer()
	if code == "" && to == slotCredited && !salted(in, len(parts)) {
		code = relief.LineSalt
	}
	changes := false
	if code == "" {
		changes, code = next(parts, &want, to)
	}
	if code != "" || !changes {
		return false, wire.Refusal{Code: code}
	}
	for i := range parts {
		t.apply(position, in, &parts[i], i, want)
	}
	return true, wire.Refusal{}
}

// next finds the states of a transfer's payments after an answer, and reports whether they change: all or none.
func next(parts []partOf, want *lineAnswer, to uint8) (changes bool, code relief.LineCode) {
	changed := 0
	for i := range parts {
		p := &parts[i]
		if p.to, code = p.slot.next(p.answer, want, to); code != "" {
			return false, code
		}
		if p.to != p.slot.state {
			changed++
		}
	}
	if changed > 0 && changed < len(parts) {
		return false, relief.LineAlreadySettled // cannot happen: its payments have one answer
	}
	return changed > 0, ""
}

// partsOf finds the payments of a transfer, and its sum.
func (t *transferrer) partsOf(position int) ([]partOf, relief.Fen) {
	t.found = t.found[:0]
	var sum relief.Fen
	for i := range t.values {
		t.values[i].Payments.eachAt(t.batch.ID, position, func(slot *lineSlot, answer *lineAnswer) {
			t.found = append(t.found, partOf{value: i, slot: slot, answer: answer})
			sum += slot.transferred() // a batch's sum does not overflow
		})
	}
	return t.found, sum
}

// compare refuses an answer that is not for this transfer.
func (t *transferrer) compare(in *AnswerInput, parts []partOf, sum relief.Fen) wire.Refusal {
	alone := len(parts) == 1
	switch {
	case in.Attempt != 0 && (!alone || parts[0].slot.attempt != in.Attempt):
		if !alone {
			return wire.Refusal{Code: relief.LineTransferDiffers, Note: sum.String()}
		}
		return wire.Refusal{Code: relief.LineNotInBatch}
	case in.Amount != sum && alone:
		return wire.Refusal{Code: relief.LineAmountDiffers}
	case in.Amount != sum:
		return wire.Refusal{Code: relief.LineTransferDiffers, Note: sum.String()}
	case (sum == 0) != t.netted:
		return wire.Refusal{Code: relief.LineAlreadySettled}
	}
	return wire.Refusal{}
}

// salted reports whether a credit has the salt of each receipt.
func salted(in *AnswerInput, payments int) bool {
	if len(in.More) != payments-1 {
		return false
	}
	for i := range in.More {
		if in.More[i] == [16]byte{} {
			return false
		}
	}
	return true
}

// apply gives one payment of a transfer its answer.
func (t *transferrer) apply(position int, in *AnswerInput, p *partOf, i int, answer lineAnswer) {
	v := &t.values[p.value]
	one := *in
	if i > 0 && len(in.More) > 0 {
		one.Salt = in.More[i-1]
	}
	answer.leaf = t.leafOf(p.slot, p.answer, &one, v.Period, p.to)
	if !v.Changed {
		v.Payments, v.Changed = v.Payments.copied(), true
	}
	v.Payments.setAnswer(position, p.slot.attempt, p.to, &answer)
}

// eachAt visits a batch's payments at a position, an earlier attempt first.
func (s *LineSegment) eachAt(id relief.BatchID, position int, visit func(slot *lineSlot, answer *lineAnswer)) {
	if position >= len(s.slots) {
		return
	}
	for i := range s.old {
		if o := &s.old[i]; int(o.position) == position && s.batches[o.batch] == id {
			visit(&o.lineSlot, &o.lineAnswer)
		}
	}
	slot := &s.slots[position]
	if slot.state == slotFree || s.batches[slot.batch] != id {
		return
	}
	answer := &lineAnswer{}
	if s.answers != nil {
		answer = &s.answers[position]
	}
	visit(slot, answer)
}

// eachAt visits a batch's payments at a position, in the order of their numbers.
func (f *Further) eachAt(id relief.BatchID, position int, visit func(slot *lineSlot, answer *lineAnswer)) {
	all := f.of(position)
	for i := range all {
		if e := &all[i]; f.holder(&e.lineSlot) == id {
			visit(&e.lineSlot, &e.lineAnswer)
		}
	}
}
