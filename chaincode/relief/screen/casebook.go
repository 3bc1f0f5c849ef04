package screen

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/screenrule"
)

// caseBook is what cases add up to: decisions and visits by official, grants, entries by village.
type caseBook struct {
	officials map[who]*record
	grants    []grant
	entries   map[villageMonth]int64 // decisions that grant relief from a month on
	first     map[Roll]int           // the first such month of a roll
	accounts  map[account][]claim
	watched   map[Roll]map[uint32][]watch
}

// who is an official in a county.
type who struct {
	county           relief.Region
	agency, official string
}

func (w who) name() string { return "official/" + w.agency + "/" + w.official }

// about is the official, and the county: one may work in several.
func (w who) about() []string { return []string{w.name(), "region/" + string(w.county)} }

// step is what an official did many times.
func (w who) step(a relief.Act) Step {
	return Step{Record: w.name(), Act: a, Agency: w.agency, Official: w.official}
}

func byWho(a, b who) int {
	return cmp.Or(cmp.Compare(a.county, b.county), cmp.Compare(a.agency, b.agency), cmp.Compare(a.official, b.official))
}

// record is what an official did in twelve months.
type record struct {
	decided, refused, atNight int64
	free, round               int64 // grants of free amounts, and those that are whole hundreds of yuan
	visits                    []visit
}

type visit struct {
	at       time.Time
	township relief.Region
	of       string // the case
}

// grant is a single grant.
type grant struct {
	c        *casework.Case
	on       relief.Day
	by       who
	step     Step
	limit    relief.Fen // of the township that decided, 0 for the county
	amount   relief.Fen
	freeOnly bool // relief that is paid by the period: its amount counts for first digits only
}

type villageMonth struct {
	roll    Roll
	village relief.Region
	month   int
}

// account is one to which a programme pays.
type account struct {
	programme relief.ProgrammeID
	tag       relief.Tag
}

// claim is a live case with an account.
type claim struct {
	c  *casework.Case
	on relief.Day
}

// watch waits for a credit to a roll number: on a later day than after, for a period that begins after a month.
type watch struct {
	rule  screenrule.ID
	after relief.Day
	month int
	alert Alert
}

func (b *caseBook) init() {
	*b = caseBook{
		officials: map[who]*record{}, entries: map[villageMonth]int64{}, first: map[Roll]int{}, accounts: map[account][]claim{},
		watched: map[Roll]map[uint32][]watch{},
	}
}

func (b *caseBook) watch(at Roll, number uint32, w watch) {
	if b.watched[at] == nil {
		b.watched[at] = map[uint32][]watch{}
	}
	b.watched[at][number] = append(b.watched[at][number], w)
}

func (b *caseBook) of(w who) *record {
	if b.officials[w] == nil {
		b.officials[w] = &record{}
	}
	return b.officials[w]
}

// add takes in a case.
func (b *caseBook) add(s *screening, c *casework.Case) {
	county := countyOf(c.Region)
	for i := range c.Acts {
		if a := &c.Acts[i]; decides(*a) && s.recent(s.day(a)) {
			b.decision(s, c, county, i)
		}
	}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		attached, ok := act(c, e.Act)
		if ok && e.Kind == programme.EvidenceHomeVisit && s.recent(s.calendar.Day(e.TakenAt)) {
			step := stepOf(caseName(c), attached)
			r := b.of(who{county, step.Agency, step.Official})
			r.visits = append(r.visits, visit{e.TakenAt, townshipOf(e.Region), caseName(c)})
		}
	}
	b.granted(s, c, county)
	if c.Live() && c.Account.Valid() && s.on("S07", c.Region, 1) {
		a := account{c.Programme, c.Account}
		b.accounts[a] = append(b.accounts[a], claim{&casework.Case{
			ID: c.ID, Programme: c.Programme, Region: c.Region, Members: c.Members[:min(1, len(c.Members))], Acts: c.Acts[:1],
		}, s.day(&c.Acts[0])})
	}
}

func (b *caseBook) decision(s *screening, c *casework.Case, county relief.Region, i int) {
	a := &c.Acts[i]
	step := stepOf(caseName(c), a)
	r := b.of(who{county, step.Agency, step.Official})
	r.decided++
	switch d := c.Decision; {
	case d != nil && d.Act == i && d.Outcome == casework.Refused, d != nil && d.Act > i: // only a refusal is followed by another decision
		r.refused++
		s.town(c.Region).refused++
	}
	s.town(c.Region).decided++
	local := a.At.UTC().Add(time.Duration(s.calendar.UTCOffset) * time.Minute)
	if h := local.Hour(); h >= nightFrom || h < nightUntil || !s.calendar.Works(s.day(a)) {
		r.atNight++
	}
}

// The hours of the night.
const (
	nightFrom  = 22
	nightUntil = 6
)

// granted takes in what a case was granted.
func (b *caseBook) granted(s *screening, c *casework.Case, county relief.Region) {
	d := c.Decision
	if d == nil || d.Outcome != casework.Granted || c.State == casework.CaseRevoked {
		return
	}
	a, ok := act(c, d.Act)
	if !ok {
		return
	}
	step := stepOf(caseName(c), a)
	g := grant{
		c:  &casework.Case{ID: c.ID, Programme: c.Programme, Region: c.Region, Members: []relief.SubjectRef{c.Applicant()}},
		on: s.day(a), by: who{county, step.Agency, step.Official}, step: step, amount: c.Terms.Amount, freeOnly: c.Grant == nil,
	}
	v := s.version(c)
	free := v != nil && len(v.ClassAmounts) == 0
	if free && s.recent(g.on) {
		r := b.of(g.by)
		r.free++
		if g.amount%hundredYuan == 0 {
			r.round++
		}
	}
	if c.Grant == nil {
		b.entered(Roll{c.Programme, county}, c.Region, d.From.FirstMonth())
	} else if c.Grant.Township && v != nil && v.Township != nil {
		g.limit = v.Township.MaxAmount
	}
	if c.Grant != nil || free {
		b.grants = append(b.grants, g)
	}
}

// entered takes in that a decision brings a household to a roll.
func (b *caseBook) entered(at Roll, village relief.Region, month int) {
	b.entries[villageMonth{at, village, month}]++
	if first, ok := b.first[at]; !ok || month < first {
		b.first[at] = month
	}
}

// version is the one of the programme by which a case was last decided; nil when there is none.
func (s *screening) version(c *casework.Case) *programme.Version {
	p := s.programmes[c.Programme]
	if p == nil {
		return nil
	}
	v, err := p.CaseVersion(c.Version)
	if err != nil {
		return nil
	}
	return v
}

const hundredYuan relief.Fen = 100_00

// townshipOf is the township of a region, "" for a larger one.
func townshipOf(r relief.Region) relief.Region {
	if len(r) < 9 {
		return ""
	}
	return r[:9]
}

// officials looks at what each official did (S07, S10, S11, S13, S28).
func (s *screening) officials() {
	b := &s.cases
	totals := map[relief.Region]*record{}
	all := slices.SortedFunc(maps.Keys(b.officials), byWho)
	for _, w := range all {
		r := b.officials[w]
		t := totals[w.county]
		if t == nil {
			t = &record{}
			totals[w.county] = t
		}
		t.decided, t.refused, t.free, t.round = t.decided+r.decided, t.refused+r.refused, t.free+r.free, t.round+r.round
	}
	for _, w := range all {
		s.habits(w, b.officials[w], totals[w.county])
		s.visits(w, b.officials[w].visits)
	}
	s.splits()
}

func (s *screening) habits(w who, r, county *record) {
	about := Alert{Region: w.county, About: w.about(), Period: string(s.today[:7]), Step: w.step(relief.ActCaseDecide)}
	if r.decided > 0 && s.on("S10", w.county, 1) && r.refused == 0 {
		refused, all := county.refused, county.decided
		if refused*100 < s.limit("S10", "min_refused")*all {
			refused, all = s.limit("S10", "min_refused"), 100
		}
		if never(refused, all, r.decided, s.limit("S10", "one_in")) {
			about.Values = []Value{{"decisions", r.decided}, {"county_refused", county.refused}, {"county_decisions", county.decided}}
			s.raise("S10", about)
		}
	}
	if r.decided > 0 && s.on("S11", w.county, 1) && r.decided >= s.limit("S11", "min") && r.atNight*100 > s.limit("S11", "percent")*r.decided {
		about.Values = []Value{{"decisions", r.decided}, {"off_hours", r.atNight}}
		s.raise("S11", about)
	}
	if r.free > 0 && s.on("S28", w.county, 1) && r.free >= s.limit("S28", "min") && r.round*100 > s.limit("S28", "percent")*r.free {
		free, round := county.free-r.free, county.round-r.round // of the others
		if r.round*free > 2*round*r.free {
			about.Values = []Value{{"grants", r.free}, {"round", r.round}, {"others_grants", free}, {"others_round", round}}
			s.raise("S28", about)
		}
	}
}

// visits looks for days with more visits than anybody makes (S13).
func (s *screening) visits(w who, visits []visit) {
	if len(visits) == 0 || !s.on("S13", w.county, 1) {
		return
	}
	slices.SortFunc(visits, func(a, b visit) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.of, b.of)) })
	households := map[relief.Day]map[string]bool{}
	hasty := map[relief.Day]int64{}
	for i, v := range visits {
		d := s.calendar.Day(v.at)
		if households[d] == nil {
			households[d] = map[string]bool{}
		}
		households[d][v.of] = true
		if i == 0 {
			continue
		}
		before := &visits[i-1]
		if v.township != "" && before.township != "" && v.township != before.township &&
			v.at.Sub(before.at) < time.Duration(s.limit("S13", "minutes"))*time.Minute {
			hasty[d]++
		}
	}
	for _, d := range slices.Sorted(maps.Keys(households)) {
		if n := int64(len(households[d])); n > s.limit("S13", "max") || hasty[d] > 0 {
			s.raise("S13", Alert{
				Region: w.county, About: w.about(), Period: string(d), Step: w.step(relief.ActCaseAttach), Values: []Value{{"households", n}, {"hasty", hasty[d]}},
			})
		}
	}
}

// splits looks for live cases of different heads with one account (S07).
func (s *screening) splits() {
	for _, claims := range s.cases.accounts { // in any order: alerts are sorted
		slices.SortFunc(claims, func(a, b claim) int { return cmp.Or(cmp.Compare(a.on, b.on), cmp.Compare(a.c.ID, b.c.ID)) })
		for i := 1; i < len(claims); i++ {
			before, later := &claims[i-1], &claims[i]
			if before.c.Head() == later.c.Head() {
				continue
			}
			if apart := daysFrom(before.on, later.on); apart <= s.limit("S07", "days") {
				a := of(later.c, "", stepOf(caseName(later.c), &later.c.Acts[0]), Value{"days_apart", apart})
				a.About = append(a.About, caseName(before.c))
				s.raise("S07", a)
			}
		}
	}
}
