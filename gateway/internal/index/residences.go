package index

import (
	"cmp"
	"context"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// residence is a run of months for which the roll says where somebody lives, in memory beside the regions of a segment's people. One
// without an end has the zero period.
type residence struct {
	position uint16
	is       uint8 // relief.Residence.Code
	from, to relief.Period
}

// residencesOf are the residences that a segment says, in the order of its entries.
func residencesOf(s roll.Segment) (all []residence) {
	for i := range s.Len() {
		for _, r := range s.Residences(i) {
			all = append(all, residence{uint16(i), r.Residence.Code(), r.From, r.Until})
		}
	}
	return all
}

// residenceIn is the code of where the person in a position lives in a month; 0 where the roll does not say it.
func (s *segmentRegions) residenceIn(position int, month relief.Period) uint8 {
	at, _ := slices.BinarySearchFunc(s.residences, position, func(r residence, position int) int { return cmp.Compare(int(r.position), position) })
	for ; at < len(s.residences) && int(s.residences[at].position) == position; at++ {
		if r := &s.residences[at]; !month.Before(r.from) && (r.to.IsZero() || !r.to.Before(month)) {
			return r.is
		}
	}
	return 0
}

// bookLines keeps where the roll says, at a listing, that the household lives in the last month of the batch's accounting period. A
// later change of the roll moves nothing that was booked.
func (w *writer) bookLines(ctx context.Context, at roll.SegmentAddr, low int64, changes []payment.LineChange) error {
	regions, err := w.regionsOf(ctx, at)
	if err != nil {
		return err
	}
	months := map[relief.BatchID]relief.Period{}
	for i := range changes {
		c := &changes[i]
		again := relisted(c)
		if !again && (c.Before.Attempt != 0 || len(regions.residences) == 0) {
			continue
		}
		n := paymentNumber(low, at.First()+uint32(c.After.Position), c.After.Attempt) //nolint:gosec // below 1000
		is := uint8(0)
		if len(regions.residences) > 0 {
			month, err := w.accountingMonth(ctx, months, c.After.Batch)
			if err != nil {
				return err
			}
			is = regions.residenceIn(c.After.Position, month)
		}
		switch {
		case is != 0:
			err = w.exec(ctx, "INSERT INTO residences (n, residence) VALUES ($1, $2) ON CONFLICT (n) DO UPDATE SET residence = excluded.residence", n, int64(is))
		case again:
			err = w.exec(ctx, "DELETE FROM residences WHERE n = $1", n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// accountingMonth is the last month of a batch's accounting period; the zero period while the index cannot read the batch. known has
// those that were looked up before.
func (w *writer) accountingMonth(ctx context.Context, known map[relief.BatchID]relief.Period, id relief.BatchID) (relief.Period, error) {
	if month, ok := known[id]; ok {
		return month, nil
	}
	s, err := w.statement(ctx, "SELECT period FROM batches WHERE id = $1")
	if err != nil {
		return relief.Period{}, err
	}
	var code int64
	if err := noRows(s.QueryRowContext(ctx, string(id)).Scan(&code)); err != nil {
		return relief.Period{}, err
	}
	period, err := relief.PeriodFromCode(uint16(code)) //nolint:gosec // 16 bits on the ledger
	if err != nil {
		return relief.Period{}, err
	}
	month := period.End()
	known[id] = month
	return month, nil
}
