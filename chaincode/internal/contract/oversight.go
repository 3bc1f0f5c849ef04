// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// oversightContract holds what the ledger works out about payments for those who watch over them.
type oversightContract struct{ contractapi.Contract }

// CloseMonth closes an accounting period. It reads the roll, the payments and the names of the batches as closed ranges: when a
// payment, an answer or a batch comes in between, the ledger refuses one of the two.
func (*oversightContract) CloseMonth(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightCloseMonth, closeMonth)
}

func closeMonth(w *work, in api.MonthInput) (oversight.Month, error) {
	var none oversight.Month
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return none, err
	}
	days, err := w.days()
	if err != nil {
		return none, err
	}
	if err := oversight.Check(&p, in.County, in.Period, days.Day(w.Actor.At), w.Actor.By); err != nil {
		return none, err
	}
	key := relief.MonthKey(in.Programme, in.County, in.Period)
	before, err := uow.Find[oversight.Month](w.Work, key)
	if err != nil {
		return none, err
	}
	now, err := w.closing(&p, in)
	if err != nil {
		return none, err
	}
	out, err := oversight.Close(before, now, w.Actor)
	if err != nil {
		return none, err
	}
	return out, w.Put(key, out)
}

// closing works a month out from what the ledger has now.
func (w *work) closing(p *programme.Programme, in api.MonthInput) (oversight.Month, error) {
	values, err := w.monthValues(in, uint32(p.Versions[0].SegmentSize)) //nolint:gosec // 1 to 1000
	if err != nil {
		return oversight.Month{}, err
	}
	closing, err := oversight.NewClosing(p, in.County, in.Period, values.holds, w.batchState)
	if err != nil {
		return oversight.Month{}, err
	}
	for i := range values.segments {
		if err := closing.Add(values.segments[i].entries, values.of(i)); err != nil {
			return oversight.Month{}, err
		}
	}
	return closing.Month(), nil
}

// Month gives a closed month.
func (*oversightContract) Month(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightMonth, func(w *work, in api.MonthInput) (oversight.Month, error) {
		return w.month(in)
	})
}

// Rows gives the rows of a village.
func (*oversightContract) Rows(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightRows, villageRows)
}

func villageRows(w *work, in api.VillageInput) (api.VillageRows, error) {
	out := api.VillageRows{MonthInput: in.MonthInput, Rows: []oversight.Row{}}
	if err := w.requireCovers(in.Village); err != nil { // before a whole county is read
		return out, err
	}
	month, err := w.month(in.MonthInput)
	if err != nil {
		return out, err
	}
	village, ok := month.Village(in.Village)
	if !ok {
		return out, relief.Errorf(relief.CodeNotFound, "the month has no rows of this village")
	}
	size, err := w.segmentSize(in.Programme)
	if err != nil {
		return out, err
	}
	values, err := w.monthValues(in.MonthInput, size)
	if err != nil {
		return out, err
	}
	for i := range values.segments {
		rows, err := (oversight.RowsOf{Holds: values.holds}).Of(in.Village, values.segments[i].entries, values.of(i))
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, rows...)
	}
	if err := village.Is(out.Rows); err != nil {
		return out, err
	}
	out.Version, out.Village = month.Version, village
	return out, nil
}

func (w *work) month(in api.MonthInput) (oversight.Month, error) {
	return uow.Get[oversight.Month](w.Work, relief.MonthKey(in.Programme, in.County, in.Period))
}

// monthValues are the values that a month is worked out from.
type monthValues struct {
	segments []monthSegment // of the roll
	payments map[uint32][]payment.Value
	batches  map[relief.BatchID]bool // of the accounting period; only looked up, never ranged over
}

type monthSegment struct {
	number  uint32
	entries roll.Segment
}

func (m *monthValues) holds(id relief.BatchID) bool { return m.batches[id] }

// of are the payments of the i-th segment.
func (m *monthValues) of(i int) []payment.Value { return m.payments[m.segments[i].number] }

// monthValues reads the roll, all payments for the period, and what else the batches of the accounting period hold.
func (w *work) monthValues(in api.MonthInput, size uint32) (*monthValues, error) {
	m := &monthValues{payments: map[uint32][]payment.Value{}, batches: map[relief.BatchID]bool{}}
	err := w.Scan(relief.Key{Kind: relief.KindRoll, Attrs: []string{string(in.Programme), string(in.County)}}, func(attrs []string, value []byte) error {
		n, err := relief.ParseSegment(attrs[2])
		if err != nil {
			return err
		}
		if _, err := segmentAddr(in.Programme, in.County, n, size); err != nil {
			return err
		}
		entries, err := roll.ParseSegment(value)
		m.segments = append(m.segments, monthSegment{n, entries})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(m.segments) == 0 {
		return nil, relief.Errorf(relief.CodeNotFound, "the county has no roll of programme %s", in.Programme)
	}
	for _, further := range []bool{false, true} {
		if err := w.scanPeriod(in, further, m); err != nil {
			return nil, err
		}
	}
	return m, w.accountedElsewhere(in, m)
}

// scanPeriod reads the lines for a period, or the further payments.
func (w *work) scanPeriod(in api.MonthInput, further bool, m *monthValues) error {
	v := payment.ValueAddr{Period: in.Period, Further: further}
	prefix := v.Key(in.Programme, in.County)
	prefix.Attrs = prefix.Attrs[:3]
	return w.Scan(prefix, func(attrs []string, value []byte) (err error) {
		if v.Segment, err = relief.ParseSegment(attrs[3]); err != nil {
			return err
		}
		p, err := v.Parse(value)
		m.payments[v.Segment] = append(m.payments[v.Segment], payment.Value{ValueAddr: v, Payments: p})
		return err
	})
}

// accountedElsewhere finds the batches of the accounting period, and reads those of their payments that are for other periods.
func (w *work) accountedElsewhere(in api.MonthInput, m *monthValues) error {
	var keys []relief.Key
	prefix := relief.AccountingKey(in.Programme, in.County, in.Period, "")
	prefix.Attrs = prefix.Attrs[:3]
	err := w.Scan(prefix, func(attrs []string, _ []byte) error {
		id := relief.BatchID(attrs[3])
		m.batches[id] = true
		keys = append(keys, relief.BatchKey(id))
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.Fetch(keys...); err != nil {
		return err
	}
	var elsewhere []payment.ValueAddr
	for _, k := range keys {
		b, err := w.holder(relief.BatchID(k.Attrs[0]))
		if err != nil {
			return err
		}
		elsewhere = append(elsewhere, b.ValuesElsewhere()...)
	}
	slices.SortFunc(elsewhere, payment.ValueAddr.Compare)
	elsewhere = slices.Compact(elsewhere)
	values, err := w.readValues(&payment.Batch{Programme: in.Programme, Region: in.County}, elsewhere)
	for _, v := range values {
		m.payments[v.Segment] = append(m.payments[v.Segment], v)
	}
	return err
}
