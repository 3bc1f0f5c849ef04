// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// beginChunk begins an act on a batch's lines: the batch, of a caller who has the duty and may, and the chunk of the transient map.
// Duty and batch come in one message from the peer: this is the hot path.
func beginChunk(ctx *Context, act relief.Act, input, transient string, may func(*payment.Batch, relief.Actor) error) (*payment.Batch, []byte, error) {
	type ofBatch struct {
		Batch relief.BatchID `json:"batch"`
	}
	in, err := decode[ofBatch](input)
	if err != nil {
		return nil, nil, err
	}
	values, err := ctx.getAll([]relief.Key{relief.DutyKey(string(act)), relief.BatchKey(in.Batch)})
	if err != nil {
		return nil, nil, err
	}
	if err := ctx.authoriseBy(values[0], act); err != nil {
		return nil, nil, err
	}
	if values[1] == nil {
		return nil, nil, relief.Errorf(relief.CodeNotFound, "no %s has this id", relief.KindBatch)
	}
	b, err := parseRecord[payment.Batch](relief.KindBatch, values[1])
	if err != nil {
		return nil, nil, err
	}
	chunk, err := ctx.transient(transient)
	if err != nil {
		return nil, nil, err
	}
	return b, chunk, may(b, ctx.stamp)
}

func linesKey(b *payment.Batch, segment uint32) relief.Key {
	return relief.LinesKey(b.Programme, b.Region.County(), b.Period, segment)
}

// rollAndLines is a segment of the roll and its lines in a batch's period.
type rollAndLines struct {
	roll  roll.Segment
	lines payment.LineSegment
}

// segments reads segments of the roll and their lines in the batch's period, in one message to the peer.
func (ctx *Context) segments(b *payment.Batch, numbers ...uint32) ([]rollAndLines, error) {
	var keys []relief.Key
	for _, n := range numbers {
		keys = append(keys, place{b.Place(n)}.key(), linesKey(b, n))
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	pairs := make([]rollAndLines, len(numbers))
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

// inSegments has change make what a chunk's lines ask for, segment by segment, and stores the segments that it changed.
func inSegments[L interface{ RollNumber() uint32 }](ctx *Context, b *payment.Batch, lines []L,
	change func(roll.Segment, payment.LineSegment, uint32, []L) (payment.LineSegment, wire.ChunkResult, error),
) (*wire.ChunkResult, error) {
	parts, err := wire.BySegment(lines, b.SegmentSize)
	if err != nil {
		return nil, err
	}
	numbers := make([]uint32, len(parts))
	for i, part := range parts {
		numbers[i] = part.Segment
	}
	before, err := ctx.segments(b, numbers...)
	if err != nil {
		return nil, err
	}
	total := &wire.ChunkResult{Refused: []wire.Refusal{}}
	stub := ctx.GetStub()
	stub.StartWriteBatch()
	for i, part := range parts {
		after, result, err := change(before[i].roll, before[i].lines, part.Segment, part.Lines)
		if err != nil {
			return nil, err
		}
		total.Add(result)
		if result.Accepted == 0 {
			continue
		}
		if err := ctx.put(linesKey(b, part.Segment), after.Bytes()); err != nil {
			return nil, err
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return nil, fmt.Errorf("writing %d segments: %w", len(parts), err)
	}
	return total, nil
}

// batchState is the domain's way to ask for another batch.
func (ctx *Context) batchState(id relief.BatchID) (payment.BatchState, error) {
	b, err := load[payment.Batch](ctx, relief.BatchKey(id))
	if err == nil && b == nil {
		err = relief.Errorf(relief.CodeCorrupt, "a payment's batch is not on the ledger")
	}
	if err != nil {
		return "", err
	}
	return b.State, nil
}

// sign does an act on a batch alone.
func (ctx *Context) sign(
	act relief.Act, input string, f func(payment.Batch, relief.Actor) (payment.Batch, bool, error),
) (string, error) {
	in, err := begin[batchID](ctx, act, input)
	if err != nil {
		return "", err
	}
	b, err := mustLoad[payment.Batch](ctx, relief.BatchKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := f(*b, ctx.stamp)
	return finish(ctx, relief.BatchKey(in.ID), out, changed, err)
}

// money is an act on a batch and its tranche.
type money func(payment.Batch, fund.Tranche) (payment.Batch, fund.Tranche, bool, error)

func (ctx *Context) actOnMoney(act relief.Act, input string, f money) (string, error) {
	in, err := begin[batchID](ctx, act, input)
	if err != nil {
		return "", err
	}
	return ctx.moveMoney(in.ID, f)
}

func (ctx *Context) moveMoney(id relief.BatchID, f money) (string, error) {
	b, err := mustLoad[payment.Batch](ctx, relief.BatchKey(id))
	if err != nil {
		return "", err
	}
	t, err := mustLoad[fund.Tranche](ctx, relief.TrancheKey(b.Tranche))
	if err != nil {
		return "", err
	}
	batch, tranche, changed, err := f(*b, *t)
	if err == nil && changed && len(tranche.Acts) > len(t.Acts) { // an open batch is cancelled without the tranche
		err = save(ctx, relief.TrancheKey(t.ID), tranche)
	}
	return finish(ctx, relief.BatchKey(id), batch, changed, err)
}

// countAll counts a batch over every segment of its period.
func (ctx *Context) countAll(b *payment.Batch) (*payment.BatchCount, error) {
	var segments []uint32
	var values [][]byte
	prefix := linesKey(b, 0)
	prefix.Attrs = prefix.Attrs[:3]
	err := ctx.scan(prefix, func(attrs []string, value []byte) error {
		n, err := relief.ParseSegment(attrs[len(attrs)-1])
		segments, values = append(segments, n), append(values, value)
		return err
	})
	if err != nil || len(segments) == 0 {
		return &payment.BatchCount{}, err
	}
	keys := make([]relief.Key, len(segments))
	for i, n := range segments {
		keys[i] = place{b.Place(n)}.key()
	}
	rolls, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	return count(b, segments, values, rolls)
}

// countSealed counts a batch over the segments that it had when it was sealed: none can come any more. Who the people
// are does not matter to the sums, so the roll is not read.
func (ctx *Context) countSealed(b *payment.Batch) (*payment.BatchCount, error) {
	keys := make([]relief.Key, len(b.Segments))
	for i, n := range b.Segments {
		keys[i] = linesKey(b, n)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	return count(b, b.Segments, values, make([][]byte, len(values)))
}

func count(b *payment.Batch, segments []uint32, lines, rolls [][]byte) (*payment.BatchCount, error) {
	c := &payment.BatchCount{}
	for i, n := range segments {
		seg, err := payment.ParseLineSegment(lines[i])
		if err != nil {
			return nil, err
		}
		roll, err := roll.ParseSegment(rolls[i])
		if err != nil {
			return nil, err
		}
		if err := c.Add(b, n, &seg, roll); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// payment finds a payment by its id.
func (ctx *Context) payment(id relief.PaymentID) (*payment.Payment, error) {
	missing := relief.Errorf(relief.CodeNotFound, "no payment has this id")
	if id.Attempt == 0 {
		return nil, relief.FieldErrorf("id", "the payment's id is missing")
	}
	size, err := ctx.segmentSize(id.Programme)
	if err != nil {
		return nil, missing
	}
	n, position := id.SlotAt(uint32(size))                                                                    //nolint:gosec // 1 to 1000
	at := place{roll.SegmentAddr{Programme: id.Programme, County: id.County, Segment: n, Size: uint32(size)}} //nolint:gosec // 1 to 1000
	values, err := ctx.getAll([]relief.Key{at.key(), relief.LinesKey(id.Programme, id.County, id.Period, n)})
	if err != nil {
		return nil, err
	}
	roll, err := roll.ParseSegment(values[0])
	if err != nil {
		return nil, err
	}
	seg, err := payment.ParseLineSegment(values[1])
	if err != nil {
		return nil, err
	}
	holder, ok := seg.Holder(position, id.Attempt)
	if !ok {
		return nil, missing
	}
	state, err := ctx.batchState(holder)
	if err != nil {
		return nil, err
	}
	p, ok := seg.Payment(id, uint32(size), roll, state) //nolint:gosec // 1 to 1000
	if !ok {
		return nil, missing
	}
	return &p, nil
}

// paidTill is the last period after an exit's that was paid or is listed already: a later entry must not overlap it.
func (ctx *Context) paidTill(s *standing, last relief.Period) (relief.Period, error) {
	var found relief.Period
	if last.IsZero() {
		return found, nil // the domain refuses it
	}
	periods := relief.PeriodsAfter(last, ctx.stamp.At)
	keys := make([]relief.Key, len(periods))
	for i, p := range periods {
		keys[i] = relief.LinesKey(s.place.Programme, s.place.County, p, s.place.Segment)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return found, err
	}
	for i, b := range values {
		seg, err := payment.ParseLineSegment(b)
		if err != nil {
			return found, err
		}
		taken, err := seg.Taken(s.position(), ctx.batchState)
		if err != nil {
			return found, err
		}
		if taken {
			found = periods[i]
		}
	}
	return found, nil
}
