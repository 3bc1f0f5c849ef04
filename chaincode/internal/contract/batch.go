// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
)

// beginChunk decodes an input that names a batch and a segment, for a caller who may do the act. Duty and batch come in
// one message from the peer: this is the hot path.
func beginChunk(ctx *Context, act relief.Act, input string) (segmentInput, *relief.Batch, error) {
	in, err := decode[segmentInput](input)
	if err != nil {
		return in, nil, err
	}
	values, err := ctx.getAll([]relief.Key{relief.DutyKey(string(act)), relief.BatchKey(in.Batch)})
	if err != nil {
		return in, nil, err
	}
	if err := ctx.authoriseBy(values[0], act); err != nil {
		return in, nil, err
	}
	if values[1] == nil {
		return in, nil, relief.Errorf(relief.CodeNotFound, "no %s has this id", relief.KindBatch)
	}
	b, err := parseRecord[relief.Batch](relief.KindBatch, values[1])
	if err != nil {
		return in, nil, err
	}
	_, err = newPlace(b.Programme, b.Region.County(), in.Segment, int(b.SegmentSize))
	return in, b, err
}

func linesKey(b *relief.Batch, segment uint32) relief.Key {
	return relief.LinesKey(b.Programme, b.Region.County(), b.Period, segment)
}

// segment reads a segment of the roll and its lines in the batch's period.
func (ctx *Context) segment(b *relief.Batch, segment uint32) (relief.RollSegment, relief.LineSegment, error) {
	values, err := ctx.getAll([]relief.Key{place{b.Place(segment)}.key(), linesKey(b, segment)})
	if err != nil {
		return relief.RollSegment{}, relief.LineSegment{}, err
	}
	roll, err := relief.ParseRollSegment(values[0])
	if err != nil {
		return relief.RollSegment{}, relief.LineSegment{}, err
	}
	lines, err := relief.ParseLineSegment(values[1])
	return roll, lines, err
}

// putLines stores a segment of which a chunk has changed anything.
func (ctx *Context) putLines(b *relief.Batch, segment uint32, s *relief.LineSegment, result relief.ChunkResult, err error) error {
	if err != nil || result.Accepted == 0 {
		return err
	}
	return ctx.put(linesKey(b, segment), s.Bytes())
}

// batchState is the domain's way to ask for another batch.
func (ctx *Context) batchState(id relief.BatchID) (relief.BatchState, error) {
	b, err := load[relief.Batch](ctx, relief.BatchKey(id))
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
	act relief.Act, input string, f func(relief.Batch, relief.Stamp) (relief.Batch, bool, error),
) (string, error) {
	in, err := begin[batchID](ctx, act, input)
	if err != nil {
		return "", err
	}
	b, err := mustLoad[relief.Batch](ctx, relief.BatchKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := f(*b, ctx.stamp)
	return finish(ctx, relief.BatchKey(in.ID), out, changed, err)
}

// money is an act on a batch and its tranche.
type money func(relief.Batch, relief.Tranche) (relief.Batch, relief.Tranche, bool, error)

func (ctx *Context) actOnMoney(act relief.Act, input string, f money) (string, error) {
	in, err := begin[batchID](ctx, act, input)
	if err != nil {
		return "", err
	}
	return ctx.moveMoney(in.ID, f)
}

func (ctx *Context) moveMoney(id relief.BatchID, f money) (string, error) {
	b, err := mustLoad[relief.Batch](ctx, relief.BatchKey(id))
	if err != nil {
		return "", err
	}
	t, err := mustLoad[relief.Tranche](ctx, relief.TrancheKey(b.Tranche))
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
func (ctx *Context) countAll(b *relief.Batch) (*relief.BatchCount, error) {
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
		return &relief.BatchCount{}, err
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
func (ctx *Context) countSealed(b *relief.Batch) (*relief.BatchCount, error) {
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

func count(b *relief.Batch, segments []uint32, lines, rolls [][]byte) (*relief.BatchCount, error) {
	c := &relief.BatchCount{}
	for i, n := range segments {
		seg, err := relief.ParseLineSegment(lines[i])
		if err != nil {
			return nil, err
		}
		roll, err := relief.ParseRollSegment(rolls[i])
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
func (ctx *Context) payment(id relief.PaymentID) (*relief.Payment, error) {
	missing := relief.Errorf(relief.CodeNotFound, "no payment has this id")
	if id.Attempt == 0 {
		return nil, relief.FieldErrorf("id", "the payment's id is missing")
	}
	size, err := ctx.segmentSize(id.Programme)
	if err != nil {
		return nil, missing
	}
	n, position := id.SlotAt(uint32(size))                                                                    //nolint:gosec // 1 to 1000
	at := place{relief.RollPlace{Programme: id.Programme, County: id.County, Segment: n, Size: uint32(size)}} //nolint:gosec // 1 to 1000
	values, err := ctx.getAll([]relief.Key{at.key(), relief.LinesKey(id.Programme, id.County, id.Period, n)})
	if err != nil {
		return nil, err
	}
	roll, err := relief.ParseRollSegment(values[0])
	if err != nil {
		return nil, err
	}
	seg, err := relief.ParseLineSegment(values[1])
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
		seg, err := relief.ParseLineSegment(b)
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
