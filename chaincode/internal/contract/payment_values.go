// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// rollAndPeriods is a segment of the roll and its payments of some periods.
type rollAndPeriods struct {
	roll    roll.Segment
	periods []payment.OfPeriod
}

// linesOfParts reads for each part of a chunk the roll and the lines of the periods that it names, in one message to the peer.
func (w *work) linesOfParts(b *payment.Batch, parts []wire.OfSegment[payment.LineInput]) ([]rollAndPeriods, error) {
	held := b.Periods()
	out := make([]rollAndPeriods, len(parts))
	keys := make([]relief.Key, 0, 2*len(parts))
	for i := range parts {
		part := &parts[i]
		out[i].periods = payment.PeriodsOf(part.Lines, b.Period, held)
		keys = append(keys, rollKey(b.SegmentAddr(part.Segment)))
		for k := range out[i].periods {
			keys = append(keys, relief.LinesKey(b.Programme, b.Region.County(), out[i].periods[k].Period, part.Segment))
		}
	}
	for i := range parts {
		keys = append(keys, deductionsKey(b.SegmentAddr(parts[i].Segment)))
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].roll, err = roll.ParseSegment(values[0]); err != nil {
			return nil, err
		}
		for k := range out[i].periods {
			if out[i].periods[k].Lines, err = payment.ParseLineSegment(values[1+k]); err != nil {
				return nil, err
			}
		}
		values = values[1+len(out[i].periods):]
	}
	return out, nil
}

// paymentsIn reads what a segment's people are paid for some periods, in one message to the peer.
func (w *work) paymentsIn(at roll.SegmentAddr, periods []relief.Period) ([]payment.OfPeriod, error) {
	values, err := w.Values(periodKeys(at, periods)...)
	if err != nil {
		return nil, err
	}
	out := make([]payment.OfPeriod, len(periods))
	for i, period := range periods {
		if out[i], err = payment.ParseOfPeriod(period, values[2*i], values[2*i+1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// periodKeys are the keys of a segment's payments for some periods: for each, the lines and the further payments.
func periodKeys(at roll.SegmentAddr, periods []relief.Period) []relief.Key {
	keys := make([]relief.Key, 0, 2*len(periods))
	for _, p := range periods {
		keys = append(keys, relief.LinesKey(at.Programme, at.County, p, at.Segment), relief.FurtherKey(at.Programme, at.County, p, at.Segment))
	}
	return keys
}

// putPeriods has those values written that an act on a segment's payments changed.
func (w *work) putPeriods(b *payment.Batch, segment uint32, after []payment.OfPeriod) error {
	return w.putPayments(b.SegmentAddr(segment), after)
}

func (w *work) putPayments(at roll.SegmentAddr, after []payment.OfPeriod) error {
	for i := range after {
		p := &after[i]
		keys := periodKeys(at, []relief.Period{p.Period})
		if p.LinesChanged {
			if err := w.PutValue(keys[0], p.Lines.Bytes()); err != nil {
				return err
			}
		}
		if p.FurtherChanged {
			if err := w.PutValue(keys[1], p.Further.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

// readValues reads values of a batch, in one message to the peer.
func (w *work) readValues(b *payment.Batch, addrs []payment.ValueAddr) ([]payment.Value, error) {
	keys := make([]relief.Key, len(addrs))
	for i, v := range addrs {
		keys[i] = v.Key(b.Programme, b.Region.County())
	}
	packed, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	values := make([]payment.Value, len(addrs))
	for i, v := range addrs {
		p, err := v.Parse(packed[i])
		if err != nil {
			return nil, err
		}
		values[i] = payment.Value{ValueAddr: v, Payments: p}
	}
	return values, nil
}

// scanValues finds the payments of an open batch in all segments of its periods, as closed ranges: when a payment comes in
// between, the ledger refuses one of the two.
func (w *work) scanValues(b *payment.Batch) ([]payment.Value, error) {
	var values []payment.Value
	for _, period := range b.Periods() {
		for _, further := range []bool{false, true} {
			v := payment.ValueAddr{Period: period, Further: further}
			prefix := v.Key(b.Programme, b.Region.County())
			prefix.Attrs = prefix.Attrs[:3]
			err := w.Scan(prefix, func(attrs []string, value []byte) (err error) {
				if v.Segment, err = relief.ParseSegment(attrs[len(attrs)-1]); err != nil {
					return err
				}
				p, err := v.Parse(value)
				if err == nil && payment.Has(p, b.ID) {
					values = append(values, payment.Value{ValueAddr: v, Payments: p})
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// payeesIn reads the payees of the segments of some values, in one message to the peer.
func (w *work) payeesIn(b *payment.Batch, values []payment.Value) (map[uint32]roll.Payees, error) {
	segments := payment.SegmentsOf(values)
	keys := make([]relief.Key, len(segments))
	for i, n := range segments {
		keys[i] = payeesKey(b.SegmentAddr(n))
	}
	packed, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	payees := make(map[uint32]roll.Payees, len(segments)) // only looked up, never ranged over
	for i, n := range segments {
		if payees[n], err = roll.ParsePayees(packed[i]); err != nil {
			return nil, err
		}
	}
	return payees, nil
}

// countAll counts an open batch. The payees are those that its digest needs.
func (w *work) countAll(b *payment.Batch) (*payment.BatchCount, error) {
	values, err := w.scanValues(b)
	if err != nil {
		return nil, err
	}
	payees, err := w.payeesIn(b, values)
	if err != nil {
		return nil, err
	}
	return count(b, values, payees)
}

// countSealed counts a batch over the values that it had when it was sealed: no other can come. The sums do not depend on
// who is paid, so the payees are not read.
func (w *work) countSealed(b *payment.Batch) (*payment.BatchCount, error) {
	values, err := w.readValues(b, b.Values())
	if err != nil {
		return nil, err
	}
	return count(b, values, nil)
}

func count(b *payment.Batch, values []payment.Value, payees map[uint32]roll.Payees) (*payment.BatchCount, error) {
	c := &payment.BatchCount{}
	for i := range values {
		v := &values[i]
		if err := c.Add(b, v.ValueAddr, v.Payments, payees[v.Segment]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// requireSealed refuses, with CONFLICT, a batch whose lines or payees are not those that were sealed, or to whose people less is
// owed now: an approval is for exactly them.
func (w *work) requireSealed(b *payment.Batch) error {
	values, err := w.readValues(b, b.Values())
	if err != nil {
		return err
	}
	payees, err := w.payeesIn(b, values)
	if err != nil {
		return err
	}
	now, err := count(b, values, payees)
	if err != nil {
		return err
	}
	if err := b.RequireSealed(now); err != nil {
		return err
	}
	return w.requireOwed(b, values)
}

// requireOwed refuses a sealed batch that lists more for somebody than is owed to them now. Where a regular payment is listed,
// nothing else can be paid for the period, so further payments are read only of periods in which the batch has some, or pays again.
func (w *work) requireOwed(b *payment.Batch, values []payment.Value) error {
	var exceeding []uint32
	done := map[payment.ValueAddr]bool{} // only looked up, never ranged over
	for i := range values {
		of := values[i].ValueAddr
		of.Further = false
		if done[of] {
			continue
		}
		done[of] = true
		at := b.SegmentAddr(of.Segment)
		entries, err := w.segment(at)
		if err != nil {
			return err
		}
		p := payment.OfPeriod{Period: of.Period, Further: &payment.Further{}}
		if lines, ok := values[i].Payments.(*payment.LineSegment); ok && !b.HoldsMore() && b.Purpose != payment.PurposePayAgain {
			p.Lines = *lines
		} else {
			both, err := w.paymentsIn(at, []relief.Period{of.Period})
			if err != nil {
				return err
			}
			p = both[0]
		}
		positions, err := p.Exceeding(b, entries, w.batchState)
		if err != nil {
			return err
		}
		for _, position := range positions {
			exceeding = append(exceeding, at.First()+uint32(position)) //nolint:gosec // < 1000
		}
	}
	return b.RequireOwed(exceeding)
}

// record has the domain record answers of a chunk for a batch in which people have several payments, and has the changed
// values written.
func (w *work) record(
	b *payment.Batch, parts []wire.OfSegment[payment.AnswerInput],
	in func(*payment.Batch, roll.Segment, uint32, []payment.Value, []payment.AnswerInput, string) ([]payment.Value, wire.ChunkResult, error),
) (wire.ChunkResult, error) {
	total := wire.ChunkResult{Refused: []wire.Refusal{}}
	for _, part := range parts {
		values, err := w.readValues(b, b.ValuesIn(part.Segment))
		if err != nil {
			return total, err
		}
		entries, err := w.segment(b.SegmentAddr(part.Segment))
		if err != nil {
			return total, err
		}
		after, result, err := in(b, entries, part.Segment, values, part.Lines, w.Actor.Tx)
		if err != nil {
			return total, err
		}
		total.Add(result)
		for i := range after {
			if !after[i].Changed {
				continue
			}
			if err := w.PutValue(after[i].Key(b.Programme, b.Region.County()), after[i].Payments.Bytes()); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}
