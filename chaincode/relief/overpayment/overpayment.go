package overpayment

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Overpayment is what one roll entry was paid too much (多发款): of which periods, and what was decided about it. There is one a
// roll entry, from the first act on that leaves more listed or credited than is owed.
type Overpayment struct {
	ID        relief.OverpaymentID  `json:"id"`
	Programme relief.ProgrammeID    `json:"programme"`
	County    relief.Region         `json:"county"`
	Number    uint32                `json:"number"`
	Subject   relief.SubjectRef     `json:"subject"`
	Region    relief.Region         `json:"region"`
	Periods   []relief.Period       `json:"periods"` // of which an act left more listed or credited than is owed; ascending
	Measures  []Measure             `json:"measures"`
	Acts      []relief.HistoryEntry `json:"acts"`
}

// Open is the record of an entry after an act that lowered what is owed for some periods below what is listed or credited for
// them. existing is the record that the entry has, nil for none.
func Open(e *roll.Entry, periods []relief.Period, existing *Overpayment, act relief.Act, actor relief.Actor) (Overpayment, error) {
	o := Overpayment{
		ID: relief.NewOverpaymentID(e.Programme, e.County, e.Number), Programme: e.Programme, County: e.County, Number: e.Number,
		Subject: e.Subject, Region: e.Region, Measures: []Measure{},
	}
	if existing != nil {
		o = *existing
	}
	for _, p := range periods {
		if i, known := slices.BinarySearchFunc(o.Periods, p, comparePeriods); !known {
			o.Periods = slices.Insert(slices.Clone(o.Periods), i, p)
		}
	}
	return o.record(act, actor)
}

func comparePeriods(a, b relief.Period) int { return a.FirstMonth() - b.FirstMonth() }

func (o Overpayment) record(act relief.Act, actor relief.Actor) (Overpayment, error) {
	if err := actor.Follows(o.Acts); err != nil {
		return o, err
	}
	o.Acts = append(slices.Clip(o.Acts), actor.Entry(act))
	return o, nil
}

// Payment is a credited payment of an entry and period.
type Payment struct {
	Attempt     uint8      // its number within the period
	Amount      relief.Fen // what counts towards what is owed
	Transferred relief.Fen // what the bank paid of it: the amount less what was deducted
	Shares      []Share    // of what was transferred, by tranches
}

// Share is what a tranche pays, or has again, of a payment.
type Share struct {
	Tranche relief.TrancheID
	Amount  relief.Fen
}

// Paid is what is owed and was credited for a period of the entry.
type Paid struct {
	Period   relief.Period
	Owed     relief.Fen
	Payments []Payment // in the order of their numbers
}

// excess is what was credited above what is owed.
func (p *Paid) excess() relief.Fen {
	excess := -p.Owed
	for i := range p.Payments {
		excess += p.Payments[i].Amount
	}
	return max(excess, 0)
}

// Standing says how much of an overpayment is outstanding, by what was credited and what is owed now.
type Standing struct {
	Excess      relief.Fen     `json:"excess"` // credited above what is owed, over all periods
	Recovered   relief.Fen     `json:"recovered"`
	Deducted    relief.Fen     `json:"deducted"`
	WrittenOff  relief.Fen     `json:"written_off"`
	Outstanding relief.Fen     `json:"outstanding"` // excess − recovered − deducted − written off, never below zero
	Periods     []PeriodExcess `json:"by_period"`
}

// PeriodExcess is what was credited above what is owed for one period.
type PeriodExcess struct {
	Period    relief.Period `json:"period"`
	Owed      relief.Fen    `json:"owed"`
	Excess    relief.Fen    `json:"excess"`
	Recovered relief.Fen    `json:"recovered"`
}

// Standing works out what is outstanding. paid has the periods of the record, deducted is what the entry's payments that stand
// had deducted.
func (o *Overpayment) Standing(paid []Paid, deducted relief.Fen) Standing {
	s := Standing{Deducted: deducted, Periods: []PeriodExcess{}}
	for i := range paid {
		p := &paid[i]
		of := PeriodExcess{Period: p.Period, Owed: p.Owed, Excess: p.excess(), Recovered: o.recoveredOf(p.Period)}
		s.Excess += of.Excess
		s.Periods = append(s.Periods, of)
	}
	for i := range o.Measures {
		switch m := &o.Measures[i]; {
		case m.State != Confirmed:
		case m.Kind == Recovery:
			s.Recovered += m.Amount
		case m.Kind == WriteOff:
			s.WrittenOff += m.Amount
		}
	}
	s.Outstanding = max(s.Excess-s.Recovered-s.Deducted-s.WrittenOff, 0)
	return s
}

// recoveredOf is what was recovered of a period's payments.
func (o *Overpayment) recoveredOf(period relief.Period) (sum relief.Fen) {
	o.eachPart(func(p *Part) {
		if p.Period == period {
			sum += p.Amount
		}
	})
	return sum
}

// eachPart visits what was recovered of each payment's share.
func (o *Overpayment) eachPart(visit func(*Part)) {
	for i := range o.Measures {
		for j := range o.Measures[i].Parts {
			visit(&o.Measures[i].Parts[j])
		}
	}
}
