package screen

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/screenrule"
	"relieftrail/chaincode/relief/stored"
)

// horizonMonths is how far back rules look: what is older was asked in its time.
const horizonMonths = 12

// screening is one run of all rules.
type screening struct {
	Question
	ledger     Ledger
	today      relief.Day
	calendar   relief.Calendar
	fixed      programme.Parameters
	programmes map[relief.ProgrammeID]*programme.Programme
	terms      map[screenrule.ID]*screenrule.Terms
	alerts     []Alert
	looked     map[lookedAt]int

	cases   caseBook
	changes changeBook
	batches map[relief.BatchID]*batchFacts
	months  []monthFacts
	lists   map[string]listFacts
	towns   map[relief.Region]*townFacts
}

type lookedAt struct {
	rule   screenrule.ID
	county relief.Region
}

// Run carries out all rules that are on. today is the day of the block.
func Run(q Question, today relief.Day, l Ledger) (*Report, error) {
	s := &screening{
		Question: q, ledger: l, today: today, calendar: relief.DefaultCalendar, fixed: programme.DefaultParameters,
		programmes: map[relief.ProgrammeID]*programme.Programme{}, terms: map[screenrule.ID]*screenrule.Terms{}, looked: map[lookedAt]int{},
		batches: map[relief.BatchID]*batchFacts{}, lists: map[string]listFacts{}, towns: map[relief.Region]*townFacts{},
	}
	s.cases.init()
	s.changes.init()
	terms, err := s.settings()
	if err != nil {
		return nil, err
	}
	for _, read := range []func() error{s.readCases, s.readChanges, s.readNeeds, s.readBatches, s.readTranches, s.readMonths, s.readPlans, s.readRolls} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	s.officials()
	s.grants()
	s.villages()
	s.lateBatches()
	s.townships()
	return s.report(terms), nil
}

func (s *screening) report(terms []screenrule.Terms) *Report {
	r := &Report{Schema: schema, Question: s.Question, Today: s.today, Rules: []Outcome{}, Alerts: []Alert{}}
	slices.SortFunc(s.alerts, inOrder)
	s.alerts = slices.CompactFunc(s.alerts, func(a, b Alert) bool { return a.ID == b.ID }) // two statements of one day ask the same
	for _, t := range terms {
		o := Outcome{Terms: t}
		for at, n := range s.looked { // in any order: a sum
			if at.rule == t.Rule {
				o.Looked += n
			}
		}
		for i := range s.alerts {
			if s.alerts[i].Rule == t.Rule {
				o.Found++
			}
		}
		r.Rules = append(r.Rules, o)
	}
	r.Alerts = append(r.Alerts, s.folded(s.alerts)...)
	slices.SortFunc(r.Alerts, inOrder)
	return r
}

// settings reads what the rules rest on: thresholds, calendar, parameters, programmes.
func (s *screening) settings() ([]screenrule.Terms, error) {
	thresholds := map[string]int64{}
	if err := each(s, relief.KindThresholds, func(t *map[string]int64) { thresholds = *t }); err != nil {
		return nil, err
	}
	if err := each(s, relief.KindCalendar, func(c *relief.Calendar) { s.calendar = *c }); err != nil {
		return nil, err
	}
	if err := each(s, relief.KindParameters, func(p *programme.Parameters) { s.fixed = *p }); err != nil {
		return nil, err
	}
	if err := each(s, relief.KindProgramme, func(p *programme.Programme) { s.programmes[p.ID] = p }); err != nil {
		return nil, err
	}
	terms := screenrule.AllTerms(thresholds)
	for i := range terms {
		s.terms[terms[i].Rule] = &terms[i]
	}
	return terms, nil
}

// each visits the records of a kind.
func each[T any](s *screening, kind string, visit func(*T)) error {
	return s.ledger.Each(kind, func(value []byte) error { //nolint:wrapcheck // the ledger says what it could not read
		v, err := stored.Read[T](value)
		if err != nil {
			return fmt.Errorf("a record of kind %s: %w", kind, err)
		}
		visit(v)
		return nil
	})
}

// on reports whether a rule is carried out, and counts what it looks at.
func (s *screening) on(id screenrule.ID, region relief.Region, n int) bool {
	t := s.terms[id]
	if t == nil || !t.On {
		return false
	}
	s.looked[lookedAt{id, countyOf(region)}] += n
	return true
}

func (s *screening) limit(id screenrule.ID, name string) int64 { return s.terms[id].Limits[name] }

// raise adds an alert, with what its rule says.
func (s *screening) raise(id screenrule.ID, a Alert) {
	r, t := screenrule.Find(id), s.terms[id]
	a.Rule, a.Version, a.Severity, a.Answers = id, r.Version, t.Severity, r.Answers
	if a.Step.Act == "" {
		a.Step.Act = r.Step
	}
	if a.Step.Record == "" {
		a.Step.Record = a.About[0]
	}
	a.AnswerBy = s.calendar.AddWorkdays(s.today, t.AnswerWorkdays)
	a.identify()
	s.alerts = append(s.alerts, a)
}

// answeredBy is raise for a step that another agency answers for than the catalogue says.
func (s *screening) answeredBy(id screenrule.ID, who screenrule.Answerer, a Alert) {
	s.raise(id, a)
	s.alerts[len(s.alerts)-1].Answers = who
}

// stepOf is the act of a record as a step.
func stepOf(record string, h *relief.HistoryEntry) Step {
	official := h.By.ID
	if official == "" {
		official = h.By.Name
	}
	return Step{Record: record, Act: h.Act, Agency: h.By.Agency, Official: official, Tx: h.Tx}
}

// day is the local day of an act.
func (s *screening) day(h *relief.HistoryEntry) relief.Day { return s.calendar.Day(h.At) }

// recent reports whether a day lies in the horizon.
func (s *screening) recent(d relief.Day) bool { return d > s.today.AddMonths(-horizonMonths) }

// workdaysPast reports whether today is later than so many working days after a day.
func (s *screening) workdaysPast(since relief.Day, n int64) bool {
	return s.today > s.calendar.AddWorkdays(since, int(n))
}

func (s *screening) inside(r relief.Region) bool { return s.Region.Covers(r) }

func entryName(r Roll, number uint32) string {
	return fmt.Sprintf("entry/%s-%s-%07d", r.Programme, r.County, number)
}
