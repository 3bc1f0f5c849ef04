package screen

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screenrule"
)

// holding is a range of months for which an entry has terms.
type holding struct {
	ref         relief.SubjectRef
	roll        uint16 // of the rolls read
	number      uint32
	from, until int32 // months; until is 0 while the end is not known
}

// rollPass is what one roll's entries and payments say together.
type rollPass struct {
	at       Roll
	regions  map[uint32]relief.Region
	inForce  map[uint32]bool
	due      map[relief.Period]map[uint32]bool // of closed months: who is owed and was not seen listed yet
	back     map[uint32]map[relief.Period]bool // periods of which payments came back; true where the account is somebody else's
	died     map[uint32]relief.Day             // of those the first that the bank returned with MD07
	payments int
	watched  map[uint32][]int64 // by watch: payments, then fen
}

// readRolls reads the entries and payments of each roll.
func (s *screening) readRolls() error {
	rolls, err := s.ledger.Rolls()
	if err != nil {
		return err //nolint:wrapcheck // the ledger says what it could not read
	}
	slices.SortFunc(rolls, func(a, b Roll) int {
		return cmp.Or(cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.County, b.County))
	})
	var holdings []holding
	for i, at := range rolls {
		if !s.inside(at.County) {
			continue
		}
		p := s.newPass(at)
		err := s.ledger.Entries(at, func(e *roll.Entry) error {
			s.entry(p, e)
			holdings = append(holdings, held(e, uint16(i))...) //nolint:gosec // rolls of a province
			return nil
		})
		if err != nil {
			return err //nolint:wrapcheck // likewise
		}
		if err := s.ledger.Payments(at, s.today.Month()-horizonMonths, func(pay *Payment) error {
			s.payment(p, pay)
			return nil
		}); err != nil {
			return err //nolint:wrapcheck // likewise
		}
		s.afterRoll(p)
	}
	s.quickly()
	return s.twice(rolls, holdings)
}

func (s *screening) newPass(at Roll) *rollPass {
	p := &rollPass{
		at: at, regions: map[uint32]relief.Region{}, inForce: map[uint32]bool{}, due: map[relief.Period]map[uint32]bool{},
		back: map[uint32]map[relief.Period]bool{}, died: map[uint32]relief.Day{}, watched: map[uint32][]int64{},
	}
	if of := s.programmes[at.Programme]; of != nil && s.on("S21", at.County, 0) {
		if v := of.LastInForce(); v != nil && v.Cycle != programme.CycleGrant && !v.FromRolls() {
			for i := range s.months {
				if s.months[i].at == at {
					p.due[s.months[i].period] = map[uint32]bool{}
				}
			}
		}
	}
	return p
}

// entry takes in an entry: where it is, whether it is in force, and for which closed months it is owed something.
func (s *screening) entry(p *rollPass, e *roll.Entry) {
	p.regions[e.Number] = e.Region
	p.inForce[e.Number] = e.State == roll.InForce
	for period, due := range p.due {
		if owedFor(e, period) {
			due[e.Number] = true
		}
	}
}

// owedFor reports whether an entry is owed anything for a period that was not paid before this record began.
func owedFor(e *roll.Entry, period relief.Period) bool {
	for month := period.FirstMonth(); month <= period.LastMonth(); month++ {
		if !e.PaidThrough.IsZero() && month <= e.PaidThrough.LastMonth() {
			continue
		}
		owed := false
		for _, r := range runsOf(e) {
			if month < r.From.FirstMonth() || !r.Until.IsZero() && month > r.Until.LastMonth() {
				continue
			}
			if r.Suspended {
				owed = false
				break
			}
			owed = r.Amount > 0
		}
		if owed {
			return true
		}
	}
	return false
}

func runsOf(e *roll.Entry) []roll.Run {
	if len(e.Runs) > 0 {
		return e.Runs
	}
	return []roll.Run{{From: e.From, Until: e.Until, Amount: e.Amount}}
}

// held are the ranges of months of an entry, without its suspensions.
func held(e *roll.Entry, n uint16) []holding {
	var list []holding
	for _, r := range runsOf(e) {
		if r.Suspended || r.Amount == 0 {
			continue
		}
		h := holding{ref: e.Subject, roll: n, number: e.Number, from: int32(r.From.FirstMonth())} //nolint:gosec // months of this age
		if !r.Until.IsZero() {
			h.until = int32(r.Until.LastMonth()) //nolint:gosec // likewise
		}
		list = append(list, h)
	}
	return list
}

// payment takes in a payment.
func (s *screening) payment(p *rollPass, pay *Payment) {
	batch := s.batches[pay.Batch]
	if batch != nil && batch.b.State == payment.BatchCancelled {
		return
	}
	if due := p.due[pay.Period]; due != nil {
		delete(due, pay.Number)
	}
	town := s.town(p.regions[pay.Number])
	switch pay.State {
	case payment.LineCredited:
		s.paid(p, pay, batch)
		town.answered++
	case payment.LineReturned, payment.LineReversed:
		town.answered++
		town.returned++
		if p.back[pay.Number] == nil {
			p.back[pay.Number] = map[relief.Period]bool{}
		}
		p.back[pay.Number][pay.Period] = p.back[pay.Number][pay.Period] || pay.Reason == reasonOther
		if pay.Reason == reasonDead && (p.died[pay.Number] == "" || pay.Day < p.died[pay.Number]) {
			p.died[pay.Number] = pay.Day
		}
	}
	p.payments++
}

// Reasons for which banks return payments (ISO 20022 ExternalReturnReason).
const (
	reasonDead  = "MD07" // the end customer is deceased
	reasonOther = "BE01" // the name is not that of the account's holder
)

// paid takes in a credit.
func (s *screening) paid(p *rollPass, pay *Payment, batch *batchFacts) {
	if batch != nil && batch.payBy != "" && pay.Period == batch.b.Period && pay.Day > batch.payBy && s.on("S20", p.at.County, 0) {
		late := daysFrom(batch.payBy, pay.Day)
		batch.late, batch.sum, batch.last = batch.late+1, batch.sum+pay.Amount, max(batch.last, late)
	}
	watches := s.cases.watched[p.at][pay.Number]
	for i := range watches {
		if w := &watches[i]; pay.Day > w.after && pay.Period.FirstMonth() > w.month {
			if p.watched[pay.Number] == nil {
				p.watched[pay.Number] = make([]int64, 2*len(watches))
			}
			p.watched[pay.Number][2*i]++
			p.watched[pay.Number][2*i+1] += int64(pay.Amount)
		}
	}
	s.credited(p.at, pay)
}

// afterRoll asks what a roll's entries and payments say together (S01–S04, S21, S24, S26).
func (s *screening) afterRoll(p *rollPass) {
	for number, sums := range p.watched { // in any order, as below: alerts are sorted
		for i, w := range s.cases.watched[p.at][number] {
			if sums[2*i] > 0 {
				w.alert.Values = []Value{{"payments", sums[2*i]}, {"sum_fen", sums[2*i+1]}}
				s.raise(w.rule, w.alert)
			}
		}
	}
	for number, day := range p.died {
		s.saidDead(p, number, day)
	}
	for number, back := range p.back {
		s.cameBack(p, number, back)
	}
	for period, due := range p.due {
		for number := range due {
			if s.on("S21", p.at.County, 0) {
				s.raise("S21", s.entryAlert(p, number, period.String(), Value{"payments", 1}))
			}
		}
	}
	for _, id := range []screenrule.ID{"S02", "S20", "S24", "S26"} {
		s.on(id, p.at.County, p.payments)
	}
	s.on("S21", p.at.County, len(p.regions)*len(p.due))
}

func (s *screening) entryAlert(p *rollPass, number uint32, period string, values ...Value) Alert {
	name := entryName(p.at, number)
	return Alert{Programme: p.at.Programme, Region: p.regions[number], About: []string{name}, Period: period, Step: Step{Record: name}, Values: values}
}

// saidDead looks for an entry that stayed in force after the bank had said that its person is dead (S02).
func (s *screening) saidDead(p *rollPass, number uint32, day relief.Day) {
	if !s.on("S02", p.at.County, 0) {
		return
	}
	until := s.calendar.AddWorkdays(day, int(s.limit("S02", "workdays")))
	ended, known := s.changes.ended[p.at][number]
	if s.today <= until || known && ended <= until || !known && !p.inForce[number] {
		return
	}
	s.raise("S02", s.entryAlert(p, number, string(day), Value{"days", daysFrom(day, s.today)}))
}

// cameBack looks at the payments of an entry that came back (S24, S26).
func (s *screening) cameBack(p *rollPass, number uint32, back map[relief.Period]bool) {
	var other, running int64
	var last relief.Period
	for period, others := range back {
		if others {
			other++
		}
		if _, again := back[period.Next()]; again {
			running++
			if last.IsZero() || last.Before(period.Next()) {
				last = period.Next()
			}
		}
	}
	if other > 0 && s.on("S24", p.at.County, 0) {
		s.raise("S24", s.entryAlert(p, number, "", Value{"payments", other}))
	}
	if running > 0 && s.on("S26", p.at.County, 0) {
		s.raise("S26", s.entryAlert(p, number, last.String(), Value{"periods_running", running + 1}))
	}
}

// twice looks for people who are entitled on two rolls at once that exclude each other (S06).
func (s *screening) twice(rolls []Roll, holdings []holding) error {
	for i := range rolls {
		s.on("S06", rolls[i].County, 0)
	}
	if t := s.terms["S06"]; t == nil || !t.On {
		return nil
	}
	slices.SortFunc(holdings, func(a, b holding) int {
		return cmp.Or(slices.Compare(a.ref[:], b.ref[:]), cmp.Compare(a.from, b.from), cmp.Compare(a.roll, b.roll), cmp.Compare(a.number, b.number))
	})
	excludes, err := s.exclusions()
	if err != nil {
		return err
	}
	now := int32(s.today.Month())  //nolint:gosec // a month of this age
	overlaps := map[[2]int]int64{} // by the first ranges of two entries: months
	for i := range holdings {
		a := &holdings[i]
		s.on("S06", rolls[a.roll].County, 1)
		for k := i + 1; k < len(holdings) && holdings[k].ref == a.ref; k++ {
			b := &holdings[k]
			until := earlier(earlier(a.until, b.until), now)
			first, second := rolls[a.roll], rolls[b.roll]
			if first == second || b.from > until || until <= now-horizonMonths || !excludes(first, second) {
				continue
			}
			x, y := entryOf(holdings, i), entryOf(holdings, k)
			overlaps[[2]int{min(x, y), max(x, y)}] += int64(until - b.from + 1)
		}
	}
	for of, months := range overlaps { // in any order: alerts are sorted
		a, b := &holdings[of[0]], &holdings[of[1]]
		first, second := rolls[a.roll], rolls[b.roll]
		s.raise("S06", Alert{
			Programme: second.Programme, Region: second.County, About: []string{entryName(first, a.number), entryName(second, b.number)},
			Step: Step{Record: entryName(second, b.number)}, Values: []Value{{"months", months}},
		})
	}
	return nil
}

// entryOf is the place of the first range of the entry that a range belongs to. Those of a person lie together.
func entryOf(holdings []holding, i int) int {
	of := &holdings[i]
	first := i
	for k := i - 1; k >= 0 && holdings[k].ref == of.ref; k-- {
		if holdings[k].roll == of.roll && holdings[k].number == of.number {
			first = k
		}
	}
	return first
}

// earlier is the earlier of two months, of which 0 is none.
func earlier(a, b int32) int32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// exclusions says which programmes exclude each other, by themselves or by a group; a programme excludes itself in another county.
func (s *screening) exclusions() (func(a, b Roll) bool, error) {
	var groups []programme.ExclusionGroup
	if err := each(s, relief.KindExclusion, func(g *programme.ExclusionGroup) { groups = append(groups, *g) }); err != nil {
		return nil, err
	}
	refuses := func(a, b relief.ProgrammeID) bool {
		p := s.programmes[a]
		if p == nil {
			return false
		}
		v := p.LastInForce()
		return v != nil && v.RefusesBeside(b)
	}
	return func(a, b Roll) bool {
		return refuses(a.Programme, b.Programme) || refuses(b.Programme, a.Programme) ||
			a.Programme != b.Programme && slices.ContainsFunc(groups, func(g programme.ExclusionGroup) bool {
				return slices.Contains(g.Programmes, a.Programme) && slices.Contains(g.Programmes, b.Programme)
			})
	}, nil
}
