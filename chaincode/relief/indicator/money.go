package indicator

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/stored"
)

// passDownDays are the days in which money is passed down or used (预算法 §52).
const passDownDays = 30

// ofTranche gives the facts of a tranche, once for each programme that it pays for: the money of a pool is not divided.
func ofTranche(value []byte, _ []Fact, w *World) (facts []Fact, err error) {
	t, err := stored.Read[fund.Tranche](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	targets := map[Code]*fund.Percent{
		Coverage: t.Targets.Coverage, Timeliness: t.Targets.Timeliness, Accuracy: t.Targets.Accuracy, Satisfaction: t.Targets.Satisfaction,
	}
	for name, p := range t.Targets.Others { // Facts puts them in order
		targets[Code(name)] = &p
	}
	for _, p := range t.Pool() {
		fact := func(code Code, due relief.Day, num, den int64) {
			facts = append(facts, Fact{
				Name: string(p) + " " + string(code), Code: code, Programme: p, Region: t.Region, First: t.FiscalYear * 12, Last: t.FiscalYear*12 + 11,
				Due: due, Ratio: Ratio{num, den},
			})
		}
		came, first := cameTo(t)
		b := &t.Balances
		fact(BudgetExecution, "", int64(b.Paid+refundedInYear(t, w)), int64(came))
		fact(BudgetExecutionFirst, "", int64(b.Paid), int64(first))
		fact(Unspent, "", int64(b.Available+b.Reserved+b.CarriedOver), int64(came))
		due, inTime := passedDown(t, w)
		fact(PassedDown, due, inTime, 1)
		for code, percent := range targets { // likewise
			if percent != nil {
				fact(target+code, "", int64(*percent), 10_000)
			}
		}
	}
	return facts, nil
}

// cameTo is the money that lies at the tranche, without what went to the tranches below: all of it, and of what was first issued.
func cameTo(t *fund.Tranche) (all, first relief.Fen) {
	b := &t.Balances
	all = b.Issued + b.ToppedUp + b.Recovered - b.TakenBack - b.Allocated
	first = b.Issued
	for i := range t.Moves {
		if m := &t.Moves[i]; m.Kind == fund.Allocated && m.From == t.ID {
			first -= m.Amount
		}
	}
	return all, first
}

// refundedInYear is what went back to where it came from by the end of the budget year.
func refundedInYear(t *fund.Tranche, w *World) (sum relief.Fen) {
	for i := range t.Moves {
		m := &t.Moves[i]
		if m.Kind == fund.Refunded && m.From == t.ID && m.Act < len(t.Acts) && w.day(t.Acts, m.Act).Month()/12 <= t.FiscalYear {
			sum += m.Amount
		}
	}
	return sum
}

// passedDown is the last day on which a tranche is passed down or used in time, and 1 when it was.
func passedDown(t *fund.Tranche, w *World) (due relief.Day, inTime int64) {
	if len(t.Acts) == 0 {
		return "", 0
	}
	due = w.day(t.Acts, 0).Add(passDownDays)
	i := slices.IndexFunc(t.Acts[1:], func(a relief.HistoryEntry) bool {
		return a.Act == relief.ActPaymentSeal || a.Act == relief.ActFundAllocate
	})
	if i >= 0 && w.day(t.Acts, i+1) <= due {
		inTime = 1
	}
	return due, inTime
}
