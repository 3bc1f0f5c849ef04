// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Duty and batch of a chunk come in one message from the peer: this is the hot path.
var (
	addLinesAction = action[api.ChunkInput, wire.ChunkResult]{f: api.PaymentAddLines, reads: chunkReads, handle: addLines}
	settleAction   = action[api.ChunkInput, wire.ChunkResult]{f: api.PaymentSettle, reads: chunkReads, handle: settle}
)

func chunkReads(_ *work, in api.ChunkInput) []relief.Key {
	return []relief.Key{relief.BatchKey(in.Batch)}
}

// addLines lists the payments of a chunk. It reads three values of each segment that they lie in: the roll, the lines, and the plans of deductions, which few segments have; more
// only for lines of earlier periods, of people who were paid before, or to pay again. It writes the lines, and those only where a
// line is new.
func addLines(w *work, in api.ChunkInput) (wire.ChunkResult, error) {
	var none wire.ChunkResult
	b, err := w.batch(in.Batch)
	if err != nil {
		return none, err
	}
	chunk, err := w.Transient(wire.TransientLines)
	if err != nil {
		return none, err
	}
	if err := b.MayAdd(w.Actor); err != nil {
		return none, err
	}
	lines, err := payment.DecodeLines(chunk)
	if err != nil {
		return none, err
	}
	parts, err := wire.BySegment(lines, b.SegmentSize)
	if err != nil {
		return none, err
	}
	before, err := w.linesOfParts(&b, parts)
	if err != nil {
		return none, err
	}
	total := wire.ChunkResult{Refused: []wire.Refusal{}}
	for i, part := range parts {
		look, err := w.lookup(&b, part.Segment)
		if err != nil {
			return none, err
		}
		after, result, err := payment.AddLines(&b, before[i].roll, part.Segment, before[i].periods, part.Lines, look)
		if err != nil {
			return none, err
		}
		if err := w.noteDeductions(&b, part.Segment, after); err != nil {
			return none, err
		}
		total.Add(result)
		if err := w.putPeriods(&b, part.Segment, after); err != nil {
			return none, err
		}
	}
	return in.Told(total), nil
}

// lookup is the domain's way to read more while it lists payments of a segment.
func (w *work) lookup(b *payment.Batch, segment uint32) (payment.Lookup, error) {
	deductions, err := w.deductibles(b, segment)
	return payment.Lookup{
		Batch: w.batchState, Deductions: deductions,
		Further: func(period relief.Period) (payment.Further, error) {
			value, err := w.Value(relief.FurtherKey(b.Programme, b.Region.County(), period, segment))
			if err != nil {
				return payment.Further{}, err
			}
			return payment.ParseFurther(value)
		},
	}, err
}

// settle records the bank's answers of a chunk. It writes the payments of the segments that they lie in and nothing else.
func settle(w *work, in api.ChunkInput) (wire.ChunkResult, error) {
	var none wire.ChunkResult
	b, err := w.batch(in.Batch)
	if err != nil {
		return none, err
	}
	chunk, err := w.Transient(wire.TransientSettlements)
	if err != nil {
		return none, err
	}
	if err := b.MaySettle(w.Actor); err != nil {
		return none, err
	}
	answers, err := payment.DecodeAnswers(chunk)
	if err != nil {
		return none, err
	}
	parts, err := wire.BySegment(answers, b.SegmentSize)
	if err != nil {
		return none, err
	}
	if b.HoldsMore() {
		total, err := w.record(&b, parts, payment.RecordTransfers)
		return in.Told(total), err
	}
	before, err := w.linesOf(&b, segmentsOf(parts)...)
	if err != nil {
		return none, err
	}
	total := wire.ChunkResult{Refused: []wire.Refusal{}}
	for i, part := range parts {
		after, result, err := payment.RecordAnswers(&b, before[i].roll, before[i].lines, part.Segment, part.Lines, w.Actor.Tx)
		if err != nil {
			return none, err
		}
		if err := w.putLines(&b, part.Segment, &after, result, &total); err != nil {
			return none, err
		}
	}
	return in.Told(total), nil
}

func segmentsOf[L any](parts []wire.OfSegment[L]) []uint32 {
	segments := make([]uint32, len(parts))
	for i, part := range parts {
		segments[i] = part.Segment
	}
	return segments
}

// putLines adds a segment's result to the chunk's, and has the segment's lines written if the result changed them.
func (w *work) putLines(b *payment.Batch, segment uint32, after *payment.LineSegment, result wire.ChunkResult, total *wire.ChunkResult) error {
	total.Add(result)
	if result.Accepted == 0 {
		return nil
	}
	return w.PutValue(linesKey(b, segment), after.Bytes())
}

func linesKey(b *payment.Batch, segment uint32) relief.Key {
	return relief.LinesKey(b.Programme, b.Region.County(), b.Period, segment)
}

// rollAndLines is a segment of the roll and its lines in a batch's period.
type rollAndLines struct {
	roll  roll.Segment
	lines payment.LineSegment
}

// linesOf reads segments of the roll and their lines in the batch's period, in one message to the peer.
func (w *work) linesOf(b *payment.Batch, segments ...uint32) ([]rollAndLines, error) {
	keys := make([]relief.Key, 0, 2*len(segments))
	for _, n := range segments {
		keys = append(keys, rollKey(b.SegmentAddr(n)), linesKey(b, n))
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	pairs := make([]rollAndLines, len(segments))
	for i := range pairs {
		if pairs[i].roll, err = roll.ParseSegment(values[2*i]); err != nil {
			return nil, err
		}
		if pairs[i].lines, err = payment.ParseLineSegment(values[2*i+1]); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

func batchLines(w *work, in api.LinesInput) (api.Lines, error) {
	b, err := w.batch(in.Batch)
	if err != nil {
		return api.Lines{}, err
	}
	at, err := segmentAddr(b.Programme, b.Region.County(), in.Segment, b.SegmentSize)
	if err != nil {
		return api.Lines{}, err
	}
	addrs := b.ValuesIn(in.Segment)
	if b.LinesSHA256 == "" { // it is not sealed
		addrs = nil
		for _, period := range b.Periods() {
			addrs = append(addrs, payment.ValueAddr{Period: period, Segment: in.Segment}, payment.ValueAddr{Period: period, Further: true, Segment: in.Segment})
		}
	}
	values, err := w.readValues(&b, addrs)
	if err != nil {
		return api.Lines{}, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return api.Lines{}, err
	}
	return api.Lines{Lines: payment.PaymentsOf(&b, values, seg)}, nil
}

// segmentSlots gives what a bank's statement is compared with.
func segmentSlots(w *work, in api.SlotsInput) (api.Slots, error) {
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return api.Slots{}, err
	}
	p, err := w.paymentsIn(at, []relief.Period{in.Period})
	if err != nil {
		return api.Slots{}, err
	}
	return api.Slots{Slots: append(p[0].Lines.Slots(at.First()), p[0].Further.Slots(at.First())...)}, nil
}

func getPayment(w *work, in api.PaymentInput) (payment.Payment, error) {
	var none payment.Payment
	id, missing := in.ID, relief.Errorf(relief.CodeNotFound, "no payment has this id")
	if id.Attempt == 0 {
		return none, relief.FieldErrorf("id", "the payment's id is missing")
	}
	size, err := w.segmentSize(id.Programme)
	if err != nil {
		return none, missing
	}
	segment, slot := id.SlotAt(size)
	at := roll.SegmentAddr{Programme: id.Programme, County: id.County, Segment: segment, Size: size}
	people, err := w.segment(at)
	if err != nil {
		return none, err
	}
	periods, err := w.paymentsIn(at, []relief.Period{id.Period})
	if err != nil {
		return none, err
	}
	for _, v := range []payment.Value{
		{ValueAddr: payment.ValueAddr{Period: id.Period, Segment: segment}, Payments: &periods[0].Lines},
		{ValueAddr: payment.ValueAddr{Period: id.Period, Further: true, Segment: segment}, Payments: periods[0].Further},
	} {
		batch, ok := payment.Holder(v.Payments, slot, id.Attempt)
		if !ok {
			continue
		}
		b, err := w.holder(batch)
		if err != nil {
			return none, err
		}
		p, _ := payment.ReadPayment(v.Payments, id, size, people, b.State)
		p.AccountingPeriod = b.Period
		p.Shares, err = payment.Shares(&b, &v, id)
		return p, err
	}
	return none, missing
}
