package indicator

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/stored"
)

const listName = "list" // of the fact that a list was published, among those of its month

// ofMonth gives the facts of a closed month. The fact of its list stays.
func ofMonth(value []byte, before []Fact, w *World) ([]Fact, error) {
	m, err := stored.Read[oversight.Month](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	var facts []Fact
	add := func(code Code, num, den int64) {
		facts = append(facts, Fact{
			Name: string(code), Code: code, Programme: m.Programme, Region: m.County, First: m.Period.FirstMonth(), Last: m.Period.LastMonth(), Ratio: Ratio{num, den},
		})
	}
	credited := int64(m.Due - m.Unpaid)
	add(closedMonth, int64(m.Version), int64(m.Version))
	add(Timeliness, int64(m.OnTime), int64(m.Due))
	add(TimelinessAmount, int64(m.OnTimeSum), int64(m.DueSum))
	add(SocialPayment, int64(m.Rows), int64(m.Rows))
	add(ReturnedAgain, int64(m.PaidAgain), int64(m.PaidAgain+m.Returned))
	add(AccuracyKnown, credited, credited)
	add(LevelHousehold, int64(m.Sum), int64(m.Households))
	add(LevelPerson, int64(m.Sum), int64(m.Persons))
	add(helped, int64(m.Households), int64(m.Households))
	if w.Programme == nil {
		return append(facts, listOf(before)...), nil
	}
	if n := m.ProgrammeVersion; n >= 1 && n <= len(w.Programme.Versions) && len(w.Programme.Versions[n-1].ClassAmounts) > 0 {
		add(ByClass, int64(m.Rows), int64(m.Rows))
	}
	if kept := listOf(before); len(kept) > 0 {
		return append(facts, kept...), nil
	}
	if due, err := oversight.ListDue(w.Programme, w.Parameters, m.Period, w.Calendar); err == nil { // else the programme was never in force
		facts = append(facts, list(m.Programme, m.County, m.Period, due, 0))
	}
	return facts, nil
}

func listOf(facts []Fact) []Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f Fact) bool { return f.Name != listName })
}

func list(p relief.ProgrammeID, county relief.Region, period relief.Period, due relief.Day, inTime int64) Fact {
	return Fact{
		Name: listName, Code: Published, Programme: p, Region: county, First: period.FirstMonth(), Last: period.LastMonth(), Due: due, Ratio: Ratio{inTime, 1},
	}
}

// ofPublication says in the facts of a month whether its list was published in time.
func ofPublication(value []byte, before []Fact, _ *World) ([]Fact, error) {
	p, err := stored.Read[oversight.Publication](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	inTime := int64(0)
	if p.First != "" && p.First <= p.Due {
		inTime = 1
	}
	others := slices.DeleteFunc(slices.Clone(before), func(f Fact) bool { return f.Name == listName })
	return append(others, list(p.Programme, p.County, p.Period, p.Due, inTime)), nil
}

// ofBatch says that a programme pays for an accounting period in a county: whether the month was closed can be asked then.
func ofBatch(value []byte, _ []Fact, _ *World) ([]Fact, error) {
	b, err := stored.Read[payment.Batch](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	if b.State == payment.BatchCancelled || b.Region.County() == "" {
		return nil, nil
	}
	return []Fact{{
		Name: string(listedMonth), Code: listedMonth, Programme: b.Programme, Region: b.Region.County(), First: b.Period.FirstMonth(), Last: b.Period.LastMonth(),
		Ratio: Ratio{1, 1},
	}}, nil
}

// ofOverpayment counts, of each period, that somebody was found to be paid too much.
func ofOverpayment(value []byte, _ []Fact, _ *World) (facts []Fact, err error) {
	o, err := stored.Read[overpayment.Overpayment](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	for _, p := range o.Periods {
		facts = append(facts, Fact{
			Name: p.String(), Code: AccuracyKnown, Programme: o.Programme, Region: o.County, First: p.FirstMonth(), Last: p.LastMonth(), Ratio: Ratio{-1, 0},
		})
	}
	return facts, nil
}
