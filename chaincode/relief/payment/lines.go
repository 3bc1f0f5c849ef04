package payment

import (
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// BatchLookup finds the state of another batch that has a payment in the same slot.
type BatchLookup func(relief.BatchID) (BatchState, error)

// AddLines lists the lines of a chunk that belong to a segment of the roll. A refused line changes nothing. A payment that
// the batch has already is unchanged, whatever its line number in the file is now, so a corrected file may be sent
// again. When no line was accepted, the segment is returned as it was.
func AddLines(b *Batch, entries roll.Segment, seg LineSegment, segment uint32, lines []LineInput, other BatchLookup) (LineSegment, wire.ChunkResult, error) {
	a := adder{
		batch: b, roll: entries, seg: seg.clone(), at: b.SegmentAddr(segment), other: other,
		states: map[relief.BatchID]BatchState{}, seen: make(map[int]uint32, len(lines)),
	}
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
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
	roll   roll.Segment
	seg    LineSegment
	at     roll.SegmentAddr
	other  BatchLookup
	states map[relief.BatchID]BatchState // looked up in this chunk
	seen   map[int]uint32                // positions that this chunk has listed → line number
}

func (a *adder) add(l *LineInput) (done bool, r wire.Refusal, err error) {
	position, ok := a.at.Slot(l.Number)
	if !ok {
		return false, wire.Refusal{Code: relief.LineWrongSegment}, nil
	}
	if code := a.checkEntitled(l, position); code != "" {
		return false, wire.Refusal{Code: code}, nil
	}
	if refusal := a.compare(l, position); refusal.Code != "" {
		return false, refusal, nil
	}
	if first, twice := a.seen[position]; twice {
		return false, wire.Refusal{Code: relief.LineDuplicateOf(int(first))}, nil
	}
	attempt, refusal, err := a.checkFree(l, position)
	if err != nil || refusal.Code != "" {
		return false, refusal, err
	}
	a.seen[position] = l.Seq
	if attempt == 0 {
		return false, wire.Refusal{}, nil
	}
	index, ok, err := a.batchIndex()
	if err != nil {
		return false, wire.Refusal{}, err
	}
	if !ok {
		return false, wire.Refusal{Code: relief.LineSegmentFull}, nil
	}
	slot := a.seg.slotAt(position)
	if slot.state == slotReturned || slot.state == slotReversed {
		a.seg.archive(position)
	}
	*slot = lineSlot{state: slotListed, attempt: attempt, batch: index, seq: l.Seq, amount: l.Amount}
	return true, wire.Refusal{}, nil
}

// checkEntitled compares a line with the batch's bounds and the roll; "" when something is due to the person. The region
// is the roll's, whatever the list says: a township's money goes to its own households.
func (a *adder) checkEntitled(l *LineInput, position int) relief.LineCode {
	b := a.batch
	switch {
	case l.Amount > b.MaxAmount:
		return relief.LineAmountOverBound
	case l.Amount < b.MinAmount:
		return relief.LineAmountUnderBound
	case position >= a.roll.Len() || a.roll.Ref(position) != l.Ref:
		return relief.LineNotOnRoll
	case !b.Region.Covers(a.regionOf(l, position)):
		return relief.LineRegionOutside
	case b.Period.Before(a.roll.From(position)):
		return relief.LineBeforeEntry
	case a.roll.PaidAsTold(position, b.Period):
		return relief.LinePaidAsTold
	case a.roll.Ended(position, b.Period):
		return relief.LineExited
	case a.roll.Due(position, b.Period) == 0:
		return relief.LineSuspended
	}
	return ""
}

// compare names the first column in which a line differs from the roll: name, account, persons, region, amount. What is
// approved is then what was granted, and to whom.
func (a *adder) compare(l *LineInput, position int) wire.Refusal {
	if code := l.Payee.Differs(a.roll.PayeeCheck(position)); code != "" {
		return wire.Refusal{Code: code}
	}
	if persons := a.roll.PersonsIn(position, a.batch.Period); l.Persons != 0 && l.Persons != persons {
		return wire.Refusal{Code: relief.LinePersonsDiffers, Note: strconv.Itoa(int(persons))}
	}
	if region := a.regionOf(l, position); l.Region != region {
		return wire.Refusal{Code: relief.LineRegionDiffers, Note: string(region)}
	}
	if due := a.roll.Due(position, a.batch.Period); l.Amount != due {
		return wire.Refusal{Code: relief.LineAmountNotGranted, Note: due.String()}
	}
	return wire.Refusal{}
}

// regionOf is the region in which the roll has a line's person.
func (a *adder) regionOf(l *LineInput, position int) relief.Region {
	if a.roll.InRegion(position, l.Region) {
		return l.Region
	}
	return a.roll.Region(position)
}

// checkFree gives the attempt that a line would be, or refuses it. The attempt is 0 when the same line is listed
// already.
func (a *adder) checkFree(l *LineInput, position int) (attempt uint8, r wire.Refusal, err error) {
	again := a.batch.Purpose == PurposePayAgain
	slot := lineSlot{}
	if position < len(a.seg.slots) {
		slot = a.seg.slots[position]
	}
	switch slot.state {
	case slotFree:
		if again {
			return 0, wire.Refusal{Code: relief.LineNotReturned}, nil
		}
		return 1, wire.Refusal{}, nil
	case slotListed:
		return a.checkListed(l, slot, again)
	case slotCredited:
		return 0, wire.Refusal{Code: relief.LineAlreadyPaid, Note: a.paymentID(l.Number, slot.attempt).String()}, nil
	}
	if !again {
		return 0, wire.Refusal{Code: relief.LineReturned, Note: a.paymentID(l.Number, slot.attempt).String()}, nil
	}
	if slot.attempt == 255 {
		return 0, wire.Refusal{Code: relief.LineSegmentFull}, nil
	}
	return slot.attempt + 1, wire.Refusal{}, nil
}

// checkListed is checkFree for a slot whose payment has no answer of the bank yet.
func (a *adder) checkListed(l *LineInput, slot lineSlot, again bool) (uint8, wire.Refusal, error) {
	holder := a.seg.batches[slot.batch]
	if holder == a.batch.ID {
		if slot.amount == l.Amount {
			return 0, wire.Refusal{}, nil
		}
		return 0, wire.Refusal{Code: relief.LineAmountDiffers, Note: slot.amount.String()}, nil
	}
	state, err := a.stateOf(holder)
	if err != nil {
		return 0, wire.Refusal{}, err
	}
	switch {
	case state != BatchCancelled:
		return 0, wire.Refusal{Code: relief.LineAlreadyListed, Note: string(holder)}, nil
	case slot.attempt > 1 && !again:
		return 0, wire.Refusal{Code: relief.LineReturned, Note: a.paymentID(l.Number, slot.attempt-1).String()}, nil
	case slot.attempt == 1 && again:
		return 0, wire.Refusal{Code: relief.LineNotReturned}, nil
	}
	return slot.attempt, wire.Refusal{}, nil
}

// stateOf is the state of another batch. It is looked up once in a chunk.
func (a *adder) stateOf(id relief.BatchID) (BatchState, error) {
	state, ok := a.states[id]
	if ok {
		return state, nil
	}
	state, err := a.other(id)
	if err == nil {
		a.states[id] = state
	}
	return state, err
}

func (a *adder) paymentID(number uint32, attempt uint8) relief.PaymentID {
	return relief.PaymentID{Programme: a.batch.Programme, County: a.at.County, Number: number, Period: a.batch.Period, Attempt: attempt}
}

// MaySettle returns an error unless the caller may record the bank's answers.
func (b *Batch) MaySettle(actor relief.Actor) error {
	if err := relief.RequireRegion(actor.By, b.Region); err != nil {
		return err
	}
	_, err := relief.Next(BatchTransitions, b.State, relief.ActPaymentSettle)
	return err
}

// RecordAnswers records the bank's answers of a chunk in their slots, with the hash of each credit's leaf. tx is the id
// of the transaction. TallyBatch brings batch and tranche up to date later.
func RecordAnswers(b *Batch, entries roll.Segment, seg LineSegment, segment uint32, answers []AnswerInput, tx string) (LineSegment, wire.ChunkResult, error) {
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
	id, err := relief.ParseTx(tx)
	if err != nil {
		return seg, result, err
	}
	s := settler{batch: b, roll: entries, before: &seg, seg: seg.clone(), at: b.SegmentAddr(segment), tx: id}
	for i := range answers {
		in := &answers[i]
		done, code := s.settle(in)
		switch {
		case code != "":
			result.Refused = append(result.Refused, wire.Refusal{Seq: in.Seq, Code: code})
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
	roll   roll.Segment
	before *LineSegment // the segment before this chunk
	seg    LineSegment
	at     roll.SegmentAddr
	tx     [32]byte
	hasher relief.LeafHasher
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
	case slot.amount != in.Amount:
		return false, relief.LineAmountDiffers
	}
	want, to, code := in.answer()
	if code != "" {
		return false, code
	}
	if to, code = slot.next(answer, &want, to); code != "" || to == slot.state {
		return false, code
	}
	want.leaf = s.leafOf(position, slot, answer, in, to)
	if s.seg.answers == nil {
		s.seg.answers = make([]lineAnswer, len(s.seg.slots))
	}
	s.seg.slots[position].state, s.seg.answers[position] = to, want
	return true, ""
}

// next is the state of a payment after an answer that would bring a listed one to a state; the state that it has when
// the answer says what is known.
func (s *lineSlot) next(known, said *lineAnswer, to uint8) (uint8, relief.LineCode) {
	switch {
	case s.state == slotListed:
		return to, ""
	case known.same(said) && (s.state == to || s.state == slotReversed && to == slotReturned):
		return s.state, ""
	case s.state != slotCredited || to != slotReturned:
		return s.state, relief.LineAlreadySettled
	case said.day < known.day:
		return s.state, relief.LineDateBounds // nothing comes back before it went out
	}
	return slotReversed, ""
}

// leafOf is the hash of the leaf that a slot has after the answer. A credit makes a leaf; a return after the credit
// keeps it. A payment that is credited and returned in the same transaction has no leaf, because the ledger never shows
// it as credited.
func (s *settler) leafOf(position int, slot *lineSlot, answer *lineAnswer, in *AnswerInput, to uint8) [32]byte {
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
func (s *settler) leaf(position int, slot *lineSlot, in *AnswerInput) [32]byte {
	return s.hasher.Hash(&relief.Leaf{
		Payment: relief.PaymentID{Programme: s.batch.Programme, County: s.at.County, Number: in.Number, Period: s.batch.Period, Attempt: slot.attempt},
		Region:  s.roll.Region(position), Subject: s.roll.Ref(position), Amount: slot.amount, Day: in.Day,
		Batch: s.batch.ID, Tx: s.tx, BankRef: in.BankRef, Salt: in.Salt,
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
