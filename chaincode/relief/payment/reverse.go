package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/roll"
)

// Reversed is a transfer whose answer a reversal changes.
type Reversed struct {
	Payment relief.PaymentID // any one that the transfer carries
	// Answer is for the whole transfer. Its salts are those of the receipts of what becomes credited.
	Answer AnswerInput
}

// Reverse changes recorded answers of the bank in a segment: a credit that the bank took back is reversed, and what was marked as
// returned, although the bank paid it, is credited. Two officials have seen the statement's entries. values are those of the batch
// in the segment, in the order of Batch.Values, also of a batch in which every payment is a transfer of its own. other finds the
// states of batches. tx is the id of the transaction. It is all or nothing. With proposed nothing is recorded yet, so the salts
// may be missing.
func Reverse(
	b *Batch, entries roll.Segment, segment uint32, values []Value, reversed []Reversed, tx string, other BatchLookup, proposed bool,
) ([]Value, error) {
	id, err := relief.ParseTx(tx)
	if err != nil {
		return values, err
	}
	r := reverser{transferrer: transferrer{
		leafMaker: leafMaker{batch: b, roll: entries, at: b.SegmentAddr(segment), tx: id},
		values:    append([]Value(nil), values...),
	}, other: other, proposed: proposed}
	for i := range reversed {
		if err := r.reverse(&reversed[i]); err != nil {
			return values, err
		}
	}
	return r.values, nil
}

type reverser struct {
	transferrer
	other    BatchLookup
	proposed bool
}

func (r *reverser) reverse(of *Reversed) error {
	position, ok := r.at.Slot(of.Answer.Number)
	if !ok || position >= r.roll.Len() {
		return of.errorf(relief.CodeNotFound, "批次中没有这笔支付 · the batch has no such payment")
	}
	parts, sum := r.partsOf(position)
	if !r.carries(parts, &of.Payment) {
		return of.errorf(relief.CodeNotFound, "批次中没有这笔支付 · the batch has no such payment")
	}
	in := of.Answer
	if in.Amount != sum {
		return of.errorf(relief.CodeInvalid, "分录金额 %s 与转账金额 %s 不符 · the entry is of %s, %s was transferred", in.Amount, sum, in.Amount, sum)
	}
	if r.proposed && in.Outcome == OutcomeCredited {
		in.Salt, in.More = [16]byte{1}, nil
	}
	want, to, code := in.answer()
	if code == "" && to == slotCredited && !r.proposed && !salted(&in, len(parts)) {
		code = relief.LineSalt
	}
	if code != "" {
		return of.errorf(relief.CodeInvalid, "%s", code.Reason())
	}
	for i := range parts {
		if err := r.decide(of, position, &parts[i], &want, to); err != nil {
			return err
		}
	}
	for i := range parts {
		r.reopen(position, &parts[i])
		r.apply(position, &in, &parts[i], i, want)
	}
	return nil
}

// carries reports whether the parts of a transfer have a payment among them.
func (r *reverser) carries(parts []partOf, id *relief.PaymentID) bool {
	for i := range parts {
		if parts[i].slot.attempt == id.Attempt && r.values[parts[i].value].Period == id.Period {
			return true
		}
	}
	return false
}

// decide finds the state of a payment after its reversal, or refuses it.
func (r *reverser) decide(of *Reversed, position int, p *partOf, want *lineAnswer, to uint8) error {
	switch {
	case p.slot.state == slotCredited && to == slotReturned && want.day < p.answer.day:
		return of.errorf(relief.CodeInvalid, "分录日期早于入账日 · the entry was booked before the payment was credited")
	case p.slot.state == slotCredited && to == slotReturned:
		p.to = slotReversed
		return nil
	case (p.slot.state == slotReturned || p.slot.state == slotReversed) && to == slotCredited:
		p.to = slotCredited
		return r.notPaidAgain(of, position, p)
	case p.slot.state == slotListed:
		return of.errorf(relief.CodeWrongState, "银行尚无结果，请按银行文件登记 · the bank has not answered yet: record its answer from its file")
	}
	return of.errorf(relief.CodeWrongState, "支付状态已是 %s · the payment is %s already", lineStates[p.slot.state], lineStates[p.slot.state])
}

// notPaidAgain refuses to credit a payment that was paid again: the person would have it twice, and no act on payments raises what
// somebody was paid too much. What came back, or is listed in a cancelled batch, pays nobody.
func (r *reverser) notPaidAgain(of *Reversed, position int, p *partOf) error {
	v := &r.values[p.value]
	for _, later := range v.Payments.paidAgainBy(position, p.slot.attempt) {
		if later.state == slotReturned || later.state == slotReversed {
			continue
		}
		holder := v.Payments.holder(later)
		state, err := r.other(holder)
		if err != nil {
			return err
		}
		if state == BatchCancelled {
			continue
		}
		id := of.Payment
		id.Period, id.Attempt = v.Period, later.attempt
		switch {
		case later.state == slotListed && state == BatchOpen:
			return of.errorf(relief.CodeConflict, "已在批次 %s 中列为重发（%s），请先移出该行 · payment %s of batch %s pays it again: take that line out first",
				holder, id, id, holder)
		case later.state == slotListed && state != BatchInstructed && state != BatchClosed:
			return of.errorf(relief.CodeConflict, "已在批次 %s 中列为重发（%s），请先退回修改并移出，或取消批次 · "+
				"payment %s of batch %s pays it again: send the batch back and take the line out, or cancel it", holder, id, id, holder)
		}
		return of.errorf(relief.CodeConflict, "已由 %s 重发，对象会领取两次：该分录按错账（mistake）分类并向对象追回；重发若被退回，可再提请 · "+
			"payment %s has paid it again, so the person has it twice: classify the entry as a mistake and claim the money back; "+
			"if payment %s comes back, propose this again", id, id, id)
	}
	return nil
}

// reopen takes a payment out of a position's slot that a cancelled batch lists: the slot has the payment before it again.
func (r *reverser) reopen(position int, p *partOf) {
	v := &r.values[p.value]
	lines, ok := v.Payments.(*LineSegment)
	if !ok || p.to != slotCredited || lines.slots[position].state != slotListed {
		return
	}
	own := lines.clone()
	own.free(position)
	v.Payments, v.Changed = &own, true
}

// errorf is a refusal that names the payment.
func (of *Reversed) errorf(code relief.Code, format string, args ...any) error {
	e := relief.Errorf(code, format, args...)
	e.Field, e.Detail = "items", of.Payment.String()+"："+e.Detail
	return e
}

// paidAgainBy are the later payments of a position's period: each pays again what came back of the one before.
func (s *LineSegment) paidAgainBy(position int, attempt uint8) (later []*lineSlot) {
	for i := range s.old {
		if o := &s.old[i]; int(o.position) == position && o.attempt > attempt {
			later = append(later, &o.lineSlot)
		}
	}
	if slot := &s.slots[position]; slot.state != slotFree && slot.attempt > attempt {
		later = append(later, slot)
	}
	return later
}

// paidAgainBy are the payments that pay a further one again, those that pay such a one again among them. They have higher numbers.
func (f *Further) paidAgainBy(position int, attempt uint8) (later []*lineSlot) {
	chain := [256]bool{}
	chain[attempt] = true
	all := f.of(position)
	for i := range all {
		if e := &all[i]; e.again != 0 && chain[e.again] {
			chain[e.attempt] = true
			later = append(later, &e.lineSlot)
		}
	}
	return later
}

// Position is a person's place in a segment and a period for which they are paid.
type Position struct {
	Position int
	Period   relief.Period
}

// CreditedBy are the places at which a reversal credited what the roll says is owed, in the order of values. What decisions granted is owed as
// granted.
func CreditedBy(before, after []Value) (places []Position) {
	for i := range after {
		if !after[i].Changed {
			continue
		}
		after[i].Payments.visit(func(position int, slot *lineSlot, _ *lineAnswer) {
			was, _ := before[i].Payments.find(position, slot.attempt)
			if slot.state == slotCredited && was != nil && was.state != slotCredited && slot.kind != relief.PaymentGrant {
				places = append(places, Position{position, after[i].Period})
			}
		})
	}
	return places
}

// ReverseBatch brings a batch and its tranches up to date after a reversal. FUNDS when what came back has been used since and is
// credited after all.
func ReverseBatch(b Batch, tranches []fund.Tranche, c BatchCount, actor relief.Actor) (Batch, []fund.Tranche, error) {
	next, _, err := b.step(relief.ActReversalConfirm, actor)
	if err != nil {
		return b, tranches, err
	}
	folded, err := b.fold(tranches, &c, relief.ActReversalConfirm, actor)
	if err != nil {
		return b, tranches, err
	}
	b.record(next, relief.ActReversalConfirm, actor)
	return b, folded, nil
}

// MayReverse returns an error unless answers of the batch can be changed.
func (b *Batch) MayReverse() error {
	_, err := relief.Next(BatchTransitions, b.State, relief.ActReversalConfirm)
	return err
}
