package rules

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// What random officials did is written as it was, but for one thing that peers in league with each other might have forged: the rule
// that it breaks is found, and names it.
func TestTamperedLedgersAreFound(t *testing.T) {
	tests := map[string]struct {
		// tamper changes what a transaction has written, or the state before it; no state when the transaction is not of the kind.
		tamper func(w *randomWorld, records []Record) ([]Record, *State)
		want   string
	}{
		"terms that no change says":                {without(relief.KindRoll, relief.KindChange), "no act says so"},
		"a re-rate of nobody":                      {without(relief.KindRoll, relief.KindRerateSegment), "no act says so"},
		"people whom no import names":              {without(relief.KindRoll, relief.KindImportChunk), "no act says so"},
		"a grant that no case says":                {without(relief.KindFurther, relief.KindCase), "no case says so"},
		"a lower sum without an overpayment":       {without(relief.KindRoll, relief.KindOverpayment), "no overpayment says so"},
		"a lower sum that an open batch lists":     {keptLines, "though less is owed now"},
		"more in a file than in its batch":         {anotherFile, "its payment file has"},
		"a bill that another case was granted":     {anotherBill, "is granted the bill"},
		"a member of two households":               {anotherHousehold, "is in the households of the cases"},
		"one person under two references":          {linkedToAnother, "is owed something for"},
		"another history of a case":                {anotherHistory, "the earlier history of case"},
		"other terms than the change's":            {anotherAmount, "no act says so"},
		"another residence than the change's":      {anotherResidence, "lives changes from"},
		"more recovered, deducted and given up":    {alreadyRecovered, "was recovered, deducted or written off"},
		"a deduction of nothing that was too much": {noOverpayment, "there is no such overpayment"},
		"a month that forgets somebody":            {forgetsOne, "due is"},
		"a month of other rows":                    {otherRows, "with the root"},
		"a batch that no month finds":              {hiddenBatch, "is not of its batch"},
		"a frame without one unit":                 {withoutAUnit, "has other units than the blocks give"},
		"a frame without an act":                   {without(relief.KindFrame, relief.KindPlan), "are written without an act on it"},
		"a seed of choice":                         {anotherSeed, "the blocks give another result"},
		"other units than are drawn":               {anotherDrawn, "the blocks give other units"},
		"a visit that one official confirmed":      {confirmedAlone, "is not possible"},
	}
	for seed := uint64(900); len(tests) > 0 && seed < 920; seed++ {
		w := newRandomWorld(t, seed)
		w.before = func(by *Tx, records []Record) {
			for name, test := range tests {
				tampered, state := test.tamper(w, records)
				if state == nil {
					continue
				}
				delete(tests, name)
				var found []string
				for _, p := range state.Apply(by, tampered) {
					found = append(found, p.String())
				}
				require.Contains(t, strings.Join(found, "\n"), test.want, name)
			}
		}
		for len(tests) > 0 && w.acts.Done < 4000 {
			w.step()
		}
	}
	require.Empty(t, tests, "no such transactions")
}

// clone is a copy of the state to which a transaction may be applied that was tampered with.
func (b *State) clone() *State {
	c := *b
	c.Tranches, c.Batches, c.Sizes, c.Segments = maps.Clone(b.Tranches), maps.Clone(b.Batches), maps.Clone(b.Sizes), maps.Clone(b.Segments)
	c.Officials, c.Overpayments, c.Recovered = maps.Clone(b.Officials), maps.Clone(b.Overpayments), maps.Clone(b.Recovered)
	c.Cycles, c.Excluded, c.Takes, c.Cases, c.Bills = maps.Clone(b.Cycles), maps.Clone(b.Excluded), maps.Clone(b.Takes), maps.Clone(b.Cases), maps.Clone(b.Bills)
	c.Counted, c.Households, c.numbers = map[relief.BatchID]*payment.Totals{}, map[relief.SubjectRef][]relief.CaseID{}, nil
	c.rolls = nil
	for id, t := range b.Counted {
		counted := *t
		c.Counted[id] = &counted
	}
	for ref, cases := range b.Households {
		c.Households[ref] = slices.Clone(cases)
	}
	c.Leaves, c.Statements = slices.Clone(b.Leaves), slices.Clone(b.Statements)
	return &c
}

// find is the first record of a kind.
func find(records []Record, kind string) int {
	return slices.IndexFunc(records, func(r Record) bool { return r.Key.Kind == kind && r.Value != nil })
}

// without leaves the records of a kind out of a transaction that writes them beside another kind.
func without(beside, kind string) func(*randomWorld, []Record) ([]Record, *State) {
	return func(w *randomWorld, records []Record) ([]Record, *State) {
		n, i := find(records, beside), find(records, kind)
		if n < 0 || i < 0 || beside == relief.KindRoll && !w.changesOwed(&records[n]) || kind == relief.KindCase && !w.grantsNew(&records[n]) {
			return nil, nil
		}
		if kind == relief.KindOverpayment && w.Overpayments[relief.OverpaymentID(records[i].Key.Attrs[0])] != nil {
			return nil, nil // one that was there before
		}
		return slices.DeleteFunc(slices.Clone(records), func(r Record) bool {
			return r.Key.Kind == kind || r.Key.Kind == relief.KindCase && kind == relief.KindChange
		}), w.clone()
	}
}

// changesOwed reports whether a roll segment changes what somebody is owed.
func (w *randomWorld) changesOwed(r *Record) bool {
	after, err := roll.ParseSegment(r.Value)
	require.NoError(w.t, err)
	before, err := roll.ParseSegment(w.Segments[r.Name])
	require.NoError(w.t, err)
	for i := range after.Len() {
		c := changedEntry{position: i, before: before, after: after}
		if !before.SameEntry(after, i) && len(c.owedChanges()) > 0 {
			return true
		}
	}
	return false
}

// grantsNew reports whether a value has a payment that is granted just now.
func (w *randomWorld) grantsNew(r *Record) bool {
	after, err := payment.ParseFurther(r.Value)
	require.NoError(w.t, err)
	before, err := payment.ParseFurther(w.Segments[r.Name])
	require.NoError(w.t, err)
	return slices.ContainsFunc(after.Changes(&before), func(c payment.LineChange) bool {
		return c.Before.Attempt == 0 && c.After.State == payment.LineGranted
	})
}

// keptLines has an open batch keep what a change of an entry takes out.
func keptLines(w *randomWorld, records []Record) ([]Record, *State) {
	n, i := find(records, relief.KindRoll), find(records, relief.KindLines)
	if n < 0 || i < 0 || !w.changesOwed(&records[n]) {
		return nil, nil
	}
	return slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return r.Key.Kind == relief.KindLines || r.Key.Kind == relief.KindFurther }), w.clone()
}

// altered changes the record of a kind that a transaction has written, and the state before it; not when change gives nothing.
func altered[T any](w *randomWorld, records []Record, kind string, change func(v *T) func(*State)) ([]Record, *State) {
	i := find(records, kind)
	var v T
	if i < 0 || stored.Into(records[i].Value, &v) != nil {
		return nil, nil
	}
	before := change(&v)
	if before == nil {
		return nil, nil
	}
	records, state := slices.Clone(records), w.clone()
	value, err := stored.Format(v)
	require.NoError(w.t, err)
	records[i].Value = value
	before(state)
	return records, state
}

// asItWas leaves the state before a transaction as it is.
func asItWas(*State) {}

func anotherFile(w *randomWorld, records []Record) ([]Record, *State) {
	return altered(w, records, relief.KindBatch, func(b *payment.Batch) func(*State) {
		if b.File == nil || b.Acts[len(b.Acts)-1].Act != relief.ActPaymentMakeFile {
			return nil
		}
		b.File.Sum++
		return asItWas
	})
}

func anotherBill(w *randomWorld, records []Record) ([]Record, *State) {
	return altered(w, records, relief.KindCase, func(c *casework.Case) func(*State) {
		if c.Grant == nil || (c.Bill == relief.Tag{}) {
			return nil
		}
		return func(s *State) { s.Bills[c.Bill] = "another" }
	})
}

func anotherHousehold(w *randomWorld, records []Record) ([]Record, *State) {
	return altered(w, records, relief.KindCase, func(c *casework.Case) func(*State) {
		if c.State != casework.CaseInForce {
			return nil
		}
		return func(s *State) {
			s.Cases["another"] = &CaseState{Programme: c.Programme}
			s.Households[c.Members[0]] = append(s.Households[c.Members[0]], "another")
		}
	})
}

func anotherHistory(w *randomWorld, records []Record) ([]Record, *State) {
	return altered(w, records, relief.KindCase, func(c *casework.Case) func(*State) {
		if len(c.Acts) < 3 || w.Cases[c.ID] == nil {
			return nil
		}
		c.Acts[0].By.Name = "somebody-else"
		return asItWas
	})
}

func anotherAmount(w *randomWorld, records []Record) ([]Record, *State) {
	if i := find(records, relief.KindRoll); i < 0 || !w.changesOwed(&records[i]) {
		return nil, nil
	}
	records, state := altered(w, records, relief.KindChange, func(c *roll.Change) func(*State) {
		if c.Kind != roll.ChangeGrant || c.State != roll.ChangeConfirmed {
			return nil
		}
		c.Amount += 100
		return asItWas
	})
	return slices.DeleteFunc(records, func(r Record) bool { return r.Key.Kind == relief.KindCase }), state
}

func anotherResidence(w *randomWorld, records []Record) ([]Record, *State) {
	if find(records, relief.KindRoll) < 0 {
		return nil, nil
	}
	return altered(w, records, relief.KindChange, func(c *roll.Change) func(*State) {
		if c.Kind != roll.ChangeResidence || c.State != roll.ChangeConfirmed {
			return nil
		}
		c.Residence = map[relief.Residence]relief.Residence{relief.Urban: relief.Rural, relief.Rural: relief.Urban}[c.Residence]
		return asItWas
	})
}

// linkedToAnother makes somebody who is put on a roll another reference of somebody who is in force there.
func linkedToAnother(w *randomWorld, records []Record) ([]Record, *State) {
	i := find(records, relief.KindRoll)
	if i < 0 {
		return nil, nil
	}
	after, err := roll.ParseSegment(records[i].Value)
	require.NoError(w.t, err)
	before, err := roll.ParseSegment(w.Segments[records[i].Name])
	require.NoError(w.t, err)
	if find(records, relief.KindLinked) >= 0 || before.Len() == 0 || after.Len() == before.Len() || w.grantsOnly(relief.ProgrammeID(records[i].Key.Attrs[0])) {
		return nil, nil
	}
	month := after.From(before.Len())
	if owedOf(after, before.Len(), month) == 0 || owedOf(before, 0, month) == 0 {
		return nil, nil
	}
	both := []relief.SubjectRef{before.Ref(0), after.Ref(before.Len())}
	state := w.clone()
	state.Segments[relief.LinkedKey(both[1]).String()] = []byte(text(w.t, roll.Linked{Subjects: both}))
	return records, state
}

// deducts finds the overpayment of which a payment of a transaction is deducted.
func (w *randomWorld) deducts(records []Record) (id relief.OverpaymentID, ok bool) {
	for i := range records {
		r := &records[i]
		if r.Key.Kind != relief.KindLines {
			continue
		}
		e := &txChanges{State: w.State}
		p, _ := e.placeOf(*r)
		after, err := payment.ParseLineSegment(r.Value)
		require.NoError(w.t, err)
		before, err := payment.ParseLineSegment(w.Segments[r.Name])
		require.NoError(w.t, err)
		for _, c := range after.Changes(&before) {
			if c.After.Deducted > 0 && c.After.State == payment.LineListed {
				number := p.at.First() + uint32(c.After.Position)
				return relief.NewOverpaymentID(p.at.Programme, p.at.County, number), true
			}
		}
	}
	return "", false
}

func alreadyRecovered(w *randomWorld, records []Record) ([]Record, *State) {
	id, ok := w.deducts(records)
	if !ok {
		return nil, nil
	}
	state, o := w.clone(), *w.Overpayments[id]
	given := overpayment.Measure{State: overpayment.Confirmed, Terms: overpayment.Terms{Kind: overpayment.WriteOff, Amount: relief.MaxFen}}
	o.Measures = append(slices.Clone(o.Measures), given)
	state.Overpayments[id] = &o
	return records, state
}

func noOverpayment(w *randomWorld, records []Record) ([]Record, *State) {
	id, ok := w.deducts(records)
	if !ok {
		return nil, nil
	}
	state := w.clone()
	delete(state.Overpayments, id)
	return records, state
}

// anotherMonth changes a closed month.
func anotherMonth(w *randomWorld, records []Record, change func(*oversight.Month) bool) ([]Record, *State) {
	i := find(records, relief.KindMonth)
	if i < 0 {
		return nil, nil
	}
	m, err := stored.Read[oversight.Month](records[i].Value)
	require.NoError(w.t, err)
	if !change(m) {
		return nil, nil
	}
	tampered := slices.Clone(records)
	tampered[i].Value, err = m.MarshalBinary()
	require.NoError(w.t, err)
	return tampered, w.clone()
}

func forgetsOne(w *randomWorld, records []Record) ([]Record, *State) {
	return anotherMonth(w, records, func(m *oversight.Month) bool {
		m.Due--
		m.Unpaid--
		return m.Unpaid >= m.Returned
	})
}

func otherRows(w *randomWorld, records []Record) ([]Record, *State) {
	return anotherMonth(w, records, func(m *oversight.Month) bool {
		if len(m.Villages) == 0 {
			return false
		}
		m.Villages[0].Root = strings.Repeat("ab", 32)
		return true
	})
}

// withoutAUnit leaves one unit out of a frame.
func withoutAUnit(w *randomWorld, records []Record) ([]Record, *State) {
	i := slices.IndexFunc(records, func(r Record) bool { return r.Key.Kind == relief.KindFrame && len(r.Value) > 2*39 })
	if i < 0 {
		return nil, nil
	}
	tampered := slices.Clone(records)
	units, err := stored.Read[draw.Units](records[i].Value)
	require.NoError(w.t, err)
	tampered[i].Value, err = (*units)[1:].MarshalBinary()
	require.NoError(w.t, err)
	return tampered, w.clone()
}

// anotherSeed has a draw's last nonce lead to another seed.
func anotherSeed(w *randomWorld, records []Record) ([]Record, *State) {
	i := find(records, relief.KindPlan)
	if i < 0 {
		return nil, nil
	}
	p, err := stored.Read[draw.Plan](records[i].Value)
	require.NoError(w.t, err)
	if p.State != draw.Seeded {
		return nil, nil
	}
	p.Seed[0]++
	return rewritten(w, records, i, p)
}

// anotherDrawn has another unit drawn than the one with the smallest ticket.
func anotherDrawn(w *randomWorld, records []Record) ([]Record, *State) {
	i := find(records, relief.KindDrawn)
	if i < 0 {
		return nil, nil
	}
	d, err := stored.Read[draw.DrawnUnits](records[i].Value)
	require.NoError(w.t, err)
	d.Units[0].Leaf[0]++
	return rewritten(w, records, i, d)
}

// confirmedAlone has a visit confirmed by the official who recorded it.
func confirmedAlone(w *randomWorld, records []Record) ([]Record, *State) {
	i := find(records, relief.KindVisit)
	if i < 0 {
		return nil, nil
	}
	v, err := stored.Read[draw.Visit](records[i].Value)
	require.NoError(w.t, err)
	if v.State != draw.VisitConfirmed {
		return nil, nil
	}
	v.Acts[len(v.Acts)-1].By = v.Acts[len(v.Acts)-2].By
	return rewritten(w, records, i, v)
}

// rewritten is what a transaction has written with one record changed.
func rewritten(w *randomWorld, records []Record, i int, record any) ([]Record, *State) {
	tampered := slices.Clone(records)
	value, err := stored.Format(record)
	require.NoError(w.t, err)
	tampered[i].Value = value
	return tampered, w.clone()
}

func hiddenBatch(w *randomWorld, records []Record) ([]Record, *State) {
	i := find(records, relief.KindAccounting)
	if i < 0 {
		return nil, nil
	}
	tampered := slices.Clone(records)
	k := relief.AccountingKey("dibao", "530129", relief.MonthPeriod(2026*12), relief.BatchID(records[i].Key.Attrs[3]))
	tampered[i].Key, tampered[i].Name = k, k.String()
	return tampered, w.clone()
}
