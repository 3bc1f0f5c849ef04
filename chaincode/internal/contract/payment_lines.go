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

// addLines lists the payments of a chunk. It reads two values of each segment that they lie in: the roll and the lines.
// It writes the lines and nothing else, and those only where a line is new.
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
	before, err := w.linesOf(&b, segmentsOf(parts)...)
	if err != nil {
		return none, err
	}
	total := wire.ChunkResult{Refused: []wire.Refusal{}}
	for i, part := range parts {
		after, result, err := payment.AddLines(&b, before[i].roll, before[i].lines, part.Segment, part.Lines, w.batchState)
		if err != nil {
			return none, err
		}
		if err := w.putLines(&b, part.Segment, &after, result, &total); err != nil {
			return none, err
		}
	}
	return total, nil
}

// settle records the bank's answers of a chunk. It writes the lines of the segments that they lie in and nothing else.
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
	return total, nil
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

// countAll counts a batch over all segments of its period.
func (w *work) countAll(b *payment.Batch) (*payment.BatchCount, error) {
	var segments []uint32
	var lines [][]byte
	prefix := linesKey(b, 0)
	prefix.Attrs = prefix.Attrs[:3]
	err := w.Scan(prefix, func(attrs []string, value []byte) error {
		n, err := relief.ParseSegment(attrs[len(attrs)-1])
		segments, lines = append(segments, n), append(lines, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	payees, err := w.Values(payeesKeys(b, segments)...)
	if err != nil {
		return nil, err
	}
	return count(b, segments, lines, payees)
}

// countSealed counts a batch over the segments that it had when it was sealed: no other can come. The sums do not depend on
// who is paid, so the payees are not read.
func (w *work) countSealed(b *payment.Batch) (*payment.BatchCount, error) {
	lines, err := w.Values(linesKeys(b, b.Segments)...)
	if err != nil {
		return nil, err
	}
	return count(b, b.Segments, lines, make([][]byte, len(lines)))
}

// requireSealed refuses, with CONFLICT, a batch whose lines or payees are not those that were sealed: an approval is for
// exactly them.
func (w *work) requireSealed(b *payment.Batch) error {
	n := len(b.Segments)
	values, err := w.Values(append(linesKeys(b, b.Segments), payeesKeys(b, b.Segments)...)...)
	if err != nil {
		return err
	}
	now, err := count(b, b.Segments, values[:n], values[n:])
	if err != nil {
		return err
	}
	return b.RequireSealed(now)
}

func linesKeys(b *payment.Batch, segments []uint32) []relief.Key {
	keys := make([]relief.Key, len(segments))
	for i, n := range segments {
		keys[i] = linesKey(b, n)
	}
	return keys
}

func payeesKeys(b *payment.Batch, segments []uint32) []relief.Key {
	keys := make([]relief.Key, len(segments))
	for i, n := range segments {
		keys[i] = payeesKey(b.SegmentAddr(n))
	}
	return keys
}

func count(b *payment.Batch, segments []uint32, lines, payees [][]byte) (*payment.BatchCount, error) {
	c := &payment.BatchCount{}
	for i, n := range segments {
		seg, err := payment.ParseLineSegment(lines[i])
		if err != nil {
			return nil, err
		}
		whom, err := roll.ParsePayees(payees[i])
		if err != nil {
			return nil, err
		}
		if err := c.Add(b, n, &seg, whom); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func batchLines(w *work, in api.LinesInput) (api.Lines, error) {
	b, err := w.batch(in.Batch)
	if err != nil {
		return api.Lines{}, err
	}
	if _, err := segmentAddr(b.Programme, b.Region.County(), in.Segment, b.SegmentSize); err != nil {
		return api.Lines{}, err
	}
	pairs, err := w.linesOf(&b, in.Segment)
	if err != nil {
		return api.Lines{}, err
	}
	return api.Lines{Lines: pairs[0].lines.Payments(&b, in.Segment, pairs[0].roll)}, nil
}

// segmentSlots gives what a bank's statement is compared with.
func segmentSlots(w *work, in api.SlotsInput) (api.Slots, error) {
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return api.Slots{}, err
	}
	value, err := w.Value(relief.LinesKey(in.Programme, in.County, in.Period, in.Segment))
	if err != nil {
		return api.Slots{}, err
	}
	seg, err := payment.ParseLineSegment(value)
	if err != nil {
		return api.Slots{}, err
	}
	return api.Slots{Slots: seg.Slots(at.First())}, nil
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
	values, err := w.Values(rollKey(at), relief.LinesKey(id.Programme, id.County, id.Period, segment))
	if err != nil {
		return none, err
	}
	people, err := roll.ParseSegment(values[0])
	if err != nil {
		return none, err
	}
	lines, err := payment.ParseLineSegment(values[1])
	if err != nil {
		return none, err
	}
	batch, ok := lines.Holder(slot, id.Attempt)
	if !ok {
		return none, missing
	}
	b, err := w.holder(batch)
	if err != nil {
		return none, err
	}
	p, ok := lines.Payment(id, size, people, b.State)
	if !ok {
		return none, missing
	}
	p.Shares, err = lines.Shares(&b, id)
	return p, err
}
