package overpayment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Deductions are the plans by which the payments of a roll segment's people are reduced, and the payments that were. A list of
// payments reads them with the segment: few segments have any.
type Deductions struct {
	Plans []Plan `json:"plans"` // in the order of the roll numbers
}

// Plan is one entry's. The lines say what was deducted and whether it stands; the plan says where to look.
type Plan struct {
	Number uint32        `json:"number"`
	Amount relief.Fen    `json:"amount"` // at most so much of a month's payment; 0.00: the plan has ended
	From   relief.Period `json:"from"`
	Taken  []Taken       `json:"taken,omitempty"`
}

// Taken names a payment of which something was deducted.
type Taken struct {
	Period  relief.Period `json:"period"`
	Attempt uint8         `json:"attempt"`
}

// Find is the plan of a roll number; nil for none.
func (d *Deductions) Find(number uint32) *Plan {
	if i, ok := d.search(number); ok {
		return &d.Plans[i]
	}
	return nil
}

func (d *Deductions) search(number uint32) (int, bool) {
	return slices.BinarySearchFunc(d.Plans, number, func(p Plan, number uint32) int { return int(p.Number) - int(number) })
}

// With has a confirmed deduction in force for a roll number. What was deducted before stays.
func (d Deductions) With(number uint32, m *Measure) Deductions {
	d.Plans = slices.Clone(d.Plans)
	i, known := d.search(number)
	if !known {
		d.Plans = slices.Insert(d.Plans, i, Plan{Number: number})
	}
	d.Plans[i].Amount, d.Plans[i].From = m.Amount, m.From
	return d
}

// Clone is a copy whose plans may be changed.
func (d *Deductions) Clone() Deductions { return Deductions{slices.Clone(d.Plans)} }

// Take notes a payment of which something was deducted. It reports whether it was not noted before: a line that was taken out
// and is listed again has the same number.
func (p *Plan) Take(t Taken) bool {
	if slices.Contains(p.Taken, t) {
		return false
	}
	p.Taken = append(slices.Clip(p.Taken), t)
	return true
}

// Of is what is deducted of a payment: at most the plan's amount for each month of the period, less what the period's payments
// had deducted before, and never more than is outstanding or than the payment.
func (p *Plan) Of(period relief.Period, before, outstanding, amount relief.Fen) relief.Fen {
	if period.Before(p.From) {
		return 0
	}
	months := relief.Fen(period.LastMonth() - period.FirstMonth() + 1)
	most := p.Amount
	if most < relief.MaxFen/months {
		most *= months
	}
	return max(min(most-before, outstanding, amount), 0)
}

// Valid reports whether the plans are in the order of their numbers and each has a first period.
func (d *Deductions) Valid() bool {
	for i := range d.Plans {
		p := &d.Plans[i]
		if p.Number > relief.MaxRollNumber || p.From.IsZero() || i > 0 && d.Plans[i-1].Number >= p.Number {
			return false
		}
		if slices.ContainsFunc(p.Taken, func(t Taken) bool { return t.Period.IsZero() || t.Attempt == 0 }) {
			return false
		}
	}
	return len(d.Plans) > 0
}
