package oversight

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// RowsOf makes the rows of the batches of one accounting period.
type RowsOf struct {
	// Holds says of which batches the accounting period is the month's.
	Holds func(relief.BatchID) bool
}

// Of lists the rows of the people of one region in a segment of the roll, in their order: by roll number; of one person by period,
// the period's regular payment first, then by number.
func (r RowsOf) Of(region relief.Region, entries roll.Segment, values []payment.Value) ([]Row, error) {
	held, err := linesOf(entries, values)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for position := range entries.Len() {
		own := held.take(position)
		if !entries.InRegion(position, region) {
			continue
		}
		for i := range own {
			if row, listed := r.row(entries, position, &own[i]); listed {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// Each gives all rows of a segment of the roll with their people's positions in it, in the order of Of.
func (r RowsOf) Each(entries roll.Segment, values []payment.Value, listed func(position int, row Row)) error {
	held, err := linesOf(entries, values)
	if err != nil {
		return err
	}
	for position := range entries.Len() {
		own := held.take(position)
		for i := range own {
			if row, ok := r.row(entries, position, &own[i]); ok {
				listed(position, row)
			}
		}
	}
	return nil
}

// row is the row of a payment; false for one that is not credited, or is of another accounting period.
func (r RowsOf) row(entries roll.Segment, position int, l *heldLine) (Row, bool) {
	if l.State != payment.LineCredited || !r.Holds(l.Batch) {
		return Row{}, false
	}
	class, persons := entries.HouseholdIn(position, l.period)
	return Row{
		Period: l.period, Kind: l.Kind, Class: string(rune(class)), Persons: persons, Amount: l.Amount, Deducted: l.Deducted,
		PaidOn: relief.DayOfNumber(int(l.Day)), Leaf: hexOf(l.Leaf), Schema: RowSchema,
	}, true
}

// heldLine is a payment with the period that it is for.
type heldLine struct {
	payment.Line
	period  relief.Period
	further bool
}

// heldLines are the payments of a segment that were not taken yet, in the order of its people.
type heldLines []heldLine

// linesOf puts the payments of a segment's values together. CORRUPT when one is to nobody on the roll.
func linesOf(entries roll.Segment, values []payment.Value) (heldLines, error) {
	var all heldLines
	for i := range values {
		v := &values[i]
		payment.Visit(v.Payments, func(l *payment.Line) { all = append(all, heldLine{*l, v.Period, v.Further}) })
	}
	order := func(a, b heldLine) int {
		further := func(l *heldLine) int {
			if l.further {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.period.FirstMonth(), b.period.FirstMonth()),
			cmp.Compare(further(&a), further(&b)), cmp.Compare(a.Attempt, b.Attempt))
	}
	if !slices.IsSortedFunc(all, order) {
		slices.SortFunc(all, order)
	}
	if n := len(all); n > 0 && all[n-1].Position >= entries.Len() {
		return nil, relief.Errorf(relief.CodeCorrupt, "a payment is to nobody on the roll")
	}
	return all, nil
}

// take takes the payments of a position, which are the first ones.
func (h *heldLines) take(position int) []heldLine {
	n := 0
	for n < len(*h) && (*h)[n].Position == position {
		n++
	}
	own := (*h)[:n]
	*h = (*h)[n:]
	return own
}
