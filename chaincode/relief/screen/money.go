package screen

import (
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/screenrule"
)

func (s *screening) readNeeds() error {
	return each(s, relief.KindNeed, func(n *casework.Need) {
		if !s.inside(n.Region) || n.State != casework.NeedFound || len(n.Acts) == 0 || !s.on("S18", n.Region, 1) {
			return
		}
		if found := s.day(&n.Acts[0]); s.workdaysPast(found, s.limit("S18", "workdays")) {
			name := "need/" + string(n.ID)
			s.raise("S18", Alert{Programme: n.Programme, Region: n.Region, About: []string{name}, Step: Step{Record: name}, Values: []Value{{"days", daysFrom(found, s.today)}}})
		}
	})
}

// readTranches looks for money that stands still, is left over, or is behind the year (S35, S36).
func (s *screening) readTranches() error {
	return each(s, relief.KindTranche, func(t *fund.Tranche) {
		if !s.inside(t.Region) || len(t.Acts) == 0 {
			return
		}
		b := &t.Balances
		came := int64(b.Issued + b.ToppedUp + b.Recovered)
		name, issued := "tranche/"+string(t.ID), s.day(&t.Acts[0])
		about := Alert{Programme: t.Programme, Region: t.Region, About: []string{name}, Step: stepOf(name, &t.Acts[0])}
		if t.State == fund.TrancheIssued && s.recent(issued) && s.on("S35", t.Region, 1) {
			used := came - int64(b.Available)
			if age := daysFrom(issued, s.today); age > s.limit("S35", "days") && used*100 < s.limit("S35", "percent")*came {
				a := about
				a.Step, a.Values = Step{Record: name}, []Value{{"days", age}, {"used_fen", used}, {"came_fen", came}}
				s.raise("S35", a)
			}
		}
		s.leftOver(t, came, issued, about)
	})
}

func (s *screening) leftOver(t *fund.Tranche, came int64, issued relief.Day, about Alert) {
	year, _ := strconv.Atoi(string(s.today[:4]))
	b := &t.Balances
	about.Period = strconv.Itoa(t.FiscalYear)
	switch {
	case t.FiscalYear == year-1 && s.on("S36", t.Region, 1):
		if left := int64(b.Available); left*100 > s.limit("S36", "left_percent")*came {
			about.Values = []Value{{"available_fen", left}, {"came_fen", came}}
			s.raise("S36", about)
		}
	case t.FiscalYear == year && s.on("S36", t.Region, 1):
		// Money that came in the middle of the year has the months from then on.
		start := max(year*12, issued.Month())
		of, over := int64(year*12+12-start), int64(s.today.Month()-start)
		base := came - int64(b.Allocated+b.TakenBack+b.Refunded+b.CarriedOver)
		if over < 3 || base <= 0 || int64(b.Paid)*100*of >= (over*100-s.limit("S36", "behind_points")*of)*base {
			return
		}
		about.Values = []Value{{"paid_fen", int64(b.Paid)}, {"of_fen", base}, {"months_over", over}, {"of_months", of}}
		s.raise("S36", about)
	}
}

// monthFacts is a closed month.
type monthFacts struct {
	at     Roll
	period relief.Period
	month  *oversight.Month
}

// listFacts is how a published list stands.
type listFacts struct {
	due, first relief.Day
}

func listName(p relief.ProgrammeID, county relief.Region, period relief.Period) string {
	return strings.Join([]string{string(p), string(county), period.String()}, "/")
}

// readMonths looks for lists that are missing or late (S32), and keeps the closed months.
func (s *screening) readMonths() error {
	if err := each(s, relief.KindPublication, func(p *oversight.Publication) {
		s.lists[listName(p.Programme, p.County, p.Period)] = listFacts{p.Due, p.First}
	}); err != nil {
		return err
	}
	return each(s, relief.KindMonth, func(m *oversight.Month) {
		if !s.inside(m.County) || m.Period.LastMonth() < s.today.Month()-horizonMonths {
			return
		}
		s.months = append(s.months, monthFacts{Roll{m.Programme, m.County}, m.Period, m})
		name := listName(m.Programme, m.County, m.Period)
		l, known := s.lists[name]
		if p := s.programmes[m.Programme]; !known && p != nil {
			l.due, _ = oversight.ListDue(p, s.fixed, m.Period, &s.calendar)
		}
		shown := l.first
		if shown == "" {
			shown = s.today
		}
		if l.due != "" && s.on("S32", m.County, 1) && shown > l.due {
			s.raise("S32", Alert{
				Programme: m.Programme, Region: m.County, About: []string{"month/" + name}, Step: Step{Record: "publication/" + name},
				Values: []Value{{"days", daysFrom(l.due, shown)}},
			})
		}
	})
}

// readPlans looks for agencies that withheld a nonce (S37).
func (s *screening) readPlans() error {
	kinds := map[string]registry.AgencyKind{}
	if err := each(s, relief.KindAgencies, func(agencies *[]registry.Agency) {
		for _, a := range *agencies {
			kinds[a.MSPID] = a.Kind
		}
	}); err != nil {
		return err
	}
	return each(s, relief.KindPlan, func(p *draw.Plan) {
		if !s.inside(p.County) || !s.on("S37", p.County, 1) {
			return
		}
		for i := range p.Nonces {
			n := &p.Nonces[i]
			if !n.Withheld {
				continue
			}
			step := Step{Record: "plan/" + string(p.ID), Act: relief.ActOversightReveal, Agency: n.Agency}
			if n.Commitment.IsZero() {
				step.Act = relief.ActOversightCommit
			}
			s.answeredBy("S37", screenrule.Answerer{Kind: string(kinds[n.Agency]), Role: "approver"}, Alert{
				Region: p.County, About: []string{"plan/" + string(p.ID), "agency/" + n.Agency}, Step: step, Values: []Value{},
			})
		}
	})
}

// batchFacts is how a batch stands, and what of it was late.
type batchFacts struct {
	b          *payment.Batch
	payBy      relief.Day
	late, last int64
	sum        relief.Fen
}

// next is the step that a batch waits for, and who takes it.
var next = map[payment.BatchState]struct {
	act relief.Act
	by  screenrule.Answerer
}{
	payment.BatchSealed:     {relief.ActPaymentApprove, screenrule.Civil},
	payment.BatchApproved:   {relief.ActPaymentAuthorise, screenrule.Finance},
	payment.BatchAuthorised: {relief.ActPaymentInstruct, screenrule.Finance},
}

// readBatches looks for batches that stand still (S39).
func (s *screening) readBatches() error {
	return each(s, relief.KindBatch, func(b *payment.Batch) {
		if !s.inside(b.Region) || len(b.Acts) == 0 {
			return
		}
		f := &batchFacts{b: b}
		if p := s.programmes[b.Programme]; p != nil {
			f.payBy, _, _ = oversight.PayBy(p, b.Period)
		}
		s.batches[b.ID] = f
		waits, stands := next[b.State]
		if !stands || !s.on("S39", b.Region, 1) {
			return
		}
		since := s.day(&b.Acts[len(b.Acts)-1])
		if s.workdaysPast(since, s.limit("S39", "workdays")) {
			name := "batch/" + string(b.ID)
			s.answeredBy("S39", waits.by, Alert{
				Programme: b.Programme, Region: b.Region, About: []string{name}, Period: string(since), Step: Step{Record: name, Act: waits.act},
				Values: []Value{{"days", daysFrom(since, s.today)}},
			})
		}
	})
}

// lateBatches names the step by which the payments of a batch were late: the first one after the pay-by day, else the bank's answers (S20).
func (s *screening) lateBatches() {
	for id, f := range s.batches { // in any order: alerts are sorted
		if f.late == 0 {
			continue
		}
		name := "batch/" + string(id)
		step, answers := Step{Record: name, Act: relief.ActPaymentSettle}, screenrule.Finance
		for i := range f.b.Acts {
			a := &f.b.Acts[i]
			if by, known := lateSteps[a.Act]; known && s.day(a) > f.payBy {
				step, answers = stepOf(name, a), by
				break
			}
		}
		s.answeredBy("S20", answers, Alert{
			Programme: f.b.Programme, Region: f.b.Region, About: []string{name}, Step: step,
			Values: []Value{{"payments", f.late}, {"sum_fen", int64(f.sum)}, {"longest_days", f.last}},
		})
	}
}

// lateSteps are the steps of a batch on its way to the bank, and who answers for them.
var lateSteps = map[relief.Act]screenrule.Answerer{
	relief.ActPaymentOpen: screenrule.Civil, relief.ActPaymentSeal: screenrule.Civil, relief.ActPaymentApprove: screenrule.Civil,
	relief.ActPaymentMakeFile: screenrule.Finance, relief.ActPaymentAuthorise: screenrule.Finance, relief.ActPaymentInstruct: screenrule.Finance,
}
