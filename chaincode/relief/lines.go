package relief

// BatchLookup tells the state of another batch whose payment holds a slot.
type BatchLookup func(BatchID) (BatchState, error)

// AddLines lists the lines of a chunk. A refused line changes nothing, and a payment that is in the batch already is
// unchanged, whichever line of the file it stands in now: a corrected file may be sent again;
// when nothing was accepted the segment is as it was.
func AddLines(b *Batch, roll RollSegment, seg LineSegment, segment uint32, lines []LineInput, other BatchLookup) (LineSegment, ChunkResult, error) {
	a := adder{batch: b, roll: roll, seg: seg.clone(), place: b.Place(segment), other: other, states: map[BatchID]BatchState{}, seen: make(map[int]uint32, len(lines))}
	result := ChunkResult{Refused: []Refusal{}}
	for i := range lines {
		l := &lines[i]
		done, refusal, err := a.add(l)
		switch {
		case err != nil:
			return seg, result, err
		case refusal.Code != "":
			refusal.Seq = l.Seq
			result.Refused = append(result.Refused, refusal)
		case done:
			result.Accepted++
		default:
			result.Unchanged++
		}
	}
	if result.Accepted == 0 {
		return seg, result, nil
	}
	return a.seg, result, nil
}

type adder struct {
	batch  *Batch
	roll   RollSegment
	seg    LineSegment
	place  RollPlace
	other  BatchLookup
	states map[BatchID]BatchState // looked up in this chunk
	seen   map[int]uint32         // positions that this chunk lists, and the line that does
}

func (a *adder) add(l *LineInput) (done bool, r Refusal, err error) {
	position, ok := a.place.position(l.Number)
	if !ok {
		return false, Refusal{Code: LineWrongSegment}, nil
	}
	switch code := a.checkEntitled(l, position); code {
	case "":
	case LineAmountNotGranted:
		return false, Refusal{Code: code, Note: a.roll.due(position, a.batch.Period).String()}, nil
	default:
		return false, Refusal{Code: code}, nil
	}
	if first, twice := a.seen[position]; twice {
		return false, Refusal{Code: LineDuplicateOf(int(first))}, nil
	}
	attempt, refusal, err := a.checkFree(l, position)
	if err != nil || refusal.Code != "" {
		return false, refusal, err
	}
	a.seen[position] = l.Seq
	if attempt == 0 {
		return false, Refusal{}, nil
	}
	index, ok := a.seg.batchIndex(a.batch.ID)
	if !ok {
		return false, Refusal{Code: LineSegmentFull}, nil
	}
	slot := a.seg.slotAt(position)
	if slot.state == slotReturned || slot.state == slotReversed {
		a.seg.archive(position)
	}
	*slot = lineSlot{slotListed, attempt, index, l.Amount, l.Seq}
	return true, Refusal{}, nil
}

// checkEntitled holds a line against the batch's bounds and the roll.
func (a *adder) checkEntitled(l *LineInput, position int) LineCode {
	b := a.batch
	switch {
	case !b.Region.Covers(l.Region):
		return LineRegionOutside
	case l.Amount > b.MaxAmount:
		return LineAmountOverBound
	case l.Amount < b.MinAmount:
		return LineAmountUnderBound
	case position >= a.roll.Len() || a.roll.Ref(position) != l.Ref:
		return LineNotOnRoll
	case b.Period.Before(a.roll.period(position, rollFrom)):
		return LineBeforeEntry
	case a.roll.ended(position, b.Period):
		return LineExited
	}
	switch a.roll.due(position, b.Period) {
	case l.Amount:
		return ""
	case 0:
		return LineSuspended
	}
	return LineAmountNotGranted
}

// checkFree says which attempt the line would be; 0 when it is listed already, the same.
func (a *adder) checkFree(l *LineInput, position int) (attempt uint8, r Refusal, err error) {
	again := a.batch.Purpose == PurposePayAgain
	slot := lineSlot{}
	if position < len(a.seg.slots) {
		slot = a.seg.slots[position]
	}
	switch slot.state {
	case slotFree:
		if again {
			return 0, Refusal{Code: LineNotReturned}, nil
		}
		return 1, Refusal{}, nil
	case slotListed:
		return a.checkListed(l, slot, again)
	case slotCredited:
		return 0, Refusal{Code: LineAlreadyPaid, Note: a.paymentID(l.Number, slot.attempt).String()}, nil
	}
	if !again {
		return 0, Refusal{Code: LineReturned, Note: a.paymentID(l.Number, slot.attempt).String()}, nil
	}
	if slot.attempt == 255 {
		return 0, Refusal{Code: LineSegmentFull}, nil
	}
	return slot.attempt + 1, Refusal{}, nil
}

// checkListed: the slot holds a payment that the bank has not answered.
func (a *adder) checkListed(l *LineInput, slot lineSlot, again bool) (uint8, Refusal, error) {
	holder := a.seg.batches[slot.batch]
	if holder == a.batch.ID {
		if slot.amount == l.Amount {
			return 0, Refusal{}, nil
		}
		return 0, Refusal{Code: LineAmountDiffers, Note: slot.amount.String()}, nil
	}
	state, ok := a.states[holder]
	if !ok {
		var err error
		if state, err = a.other(holder); err != nil {
			return 0, Refusal{}, err
		}
		a.states[holder] = state
	}
	switch {
	case state != BatchCancelled:
		return 0, Refusal{Code: LineAlreadyListed, Note: string(holder)}, nil
	case slot.attempt > 1 && !again:
		return 0, Refusal{Code: LineReturned, Note: a.paymentID(l.Number, slot.attempt-1).String()}, nil
	case slot.attempt == 1 && again:
		return 0, Refusal{Code: LineNotReturned}, nil
	}
	return slot.attempt, Refusal{}, nil
}

func (a *adder) paymentID(number uint32, attempt uint8) PaymentID {
	return PaymentID{a.batch.Programme, a.place.County, number, a.batch.Period, attempt}
}

// MaySettle tells whether the caller may record the bank's answers.
func (b *Batch) MaySettle(s Stamp) error {
	if err := RequireRegion(s.By, b.Region); err != nil {
		return err
	}
	_, err := Next(BatchTransitions, b.State, ActPaymentSettle)
	return err
}

// Settle records the bank's answers of a chunk in their slots, with the hash of the leaf that each credit makes. tx is
// the transaction. Batch and tranche follow with Tally.
func Settle(b *Batch, roll RollSegment, seg LineSegment, segment uint32, answers []SettlementInput, tx string) (LineSegment, ChunkResult, error) {
	result := ChunkResult{Refused: []Refusal{}}
	id, err := ParseTx(tx)
	if err != nil {
		return seg, result, err
	}
	s := settler{batch: b, roll: roll, before: &seg, seg: seg.clone(), place: b.Place(segment), tx: id}
	for i := range answers {
		in := &answers[i]
		done, code := s.settle(in)
		switch {
		case code != "":
			result.Refused = append(result.Refused, Refusal{Seq: in.Seq, Code: code})
		case done:
			result.Accepted++
		default:
			result.Unchanged++
		}
	}
	if result.Accepted == 0 {
		return seg, result, nil
	}
	return s.seg, result, nil
}

type settler struct {
	batch  *Batch
	roll   RollSegment
	before *LineSegment // as it was before this chunk
	seg    LineSegment
	place  RollPlace
	tx     [32]byte
	hasher leafHasher
}

func (s *settler) settle(in *SettlementInput) (done bool, code LineCode) {
	position, ok := s.place.position(in.Number)
	if !ok {
		return false, LineWrongSegment
	}
	slot, answer := s.seg.find(position, in.Attempt)
	switch {
	case slot == nil || s.seg.batches[slot.batch] != s.batch.ID:
		return false, LineNotInBatch
	case position >= s.roll.Len():
		return false, LineNotOnRoll // never expected: who is listed is on the roll
	case slot.amount != in.Amount:
		return false, LineAmountDiffers
	}
	want, to, code := in.answer()
	if code != "" {
		return false, code
	}
	switch {
	case slot.state == slotListed:
	case answer.same(&want) && (slot.state == to || slot.state == slotReversed && to == slotReturned):
		return false, ""
	case slot.state == slotCredited && to == slotReturned:
		to = slotReversed
	default:
		return false, LineAlreadySettled
	}
	want.leaf = s.leafOf(position, slot, answer, in, to)
	if s.seg.answers == nil {
		s.seg.answers = make([]lineAnswer, len(s.seg.slots))
	}
	s.seg.slots[position].state, s.seg.answers[position] = to, want
	return true, ""
}

// leafOf is the leaf that a slot has afterwards: a credit makes one, a return after the credit keeps it. What came back
// in the transaction that credited it never was a credit on the ledger.
func (s *settler) leafOf(position int, slot *lineSlot, answer *lineAnswer, in *SettlementInput, to uint8) [32]byte {
	switch to {
	case slotCredited:
		return s.leaf(position, slot, in)
	case slotReversed:
		if before, _ := s.before.find(position, in.Attempt); before.state != slotListed {
			return answer.leaf
		}
	}
	return [32]byte{}
}

// leaf is the hash of a credit's leaf.
func (s *settler) leaf(position int, slot *lineSlot, in *SettlementInput) [32]byte {
	return s.hasher.hash(&Leaf{
		Payment: PaymentID{s.batch.Programme, s.place.County, in.Number, s.batch.Period, slot.attempt},
		Region:  s.roll.region(position), Subject: s.roll.Ref(position), Amount: slot.amount, Day: in.Day,
		Batch: s.batch.ID, Tx: s.tx, BankRef: in.BankRef, Salt: in.Salt,
	})
}

// find is the slot of an attempt and its answer, today's or an old one; nil when there is none.
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

// answer is what a slot keeps of the bank's answer, and the state that it gives a listed payment.
func (in *SettlementInput) answer() (a lineAnswer, to uint8, code LineCode) {
	if in.Day > MaxDay {
		return a, 0, LineDate
	}
	a = lineAnswer{day: in.Day, reason: in.Reason, bankRef: in.BankRef}
	switch in.Outcome {
	case OutcomeCredited:
		if in.Reason != [4]byte{} {
			return a, 0, LineReason
		}
		if in.Salt == [16]byte{} {
			return a, 0, LineSalt
		}
		return a, slotCredited, ""
	case OutcomeReturned:
		for _, c := range in.Reason {
			if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
				return a, 0, LineReason
			}
		}
		return a, slotReturned, ""
	}
	return a, 0, LineResult
}
