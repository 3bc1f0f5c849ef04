package screen

import (
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
)

func (s *screening) readCases() error {
	return each(s, relief.KindCase, func(c *casework.Case) {
		if !s.inside(c.Region) || len(c.Acts) == 0 {
			return
		}
		s.adverse(c)
		s.outOfDate(c)
		s.recheckOverdue(c)
		s.helpedLate(c)
		s.objections(c)
		s.decisionOverdue(c)
		s.afterwards(c)
		s.cases.add(s, c)
	})
}

func caseName(c *casework.Case) string { return "case/" + string(c.ID) }

// act is an act of a case by its place; false for one that the history does not have.
func act(c *casework.Case, i int) (*relief.HistoryEntry, bool) {
	if i < 0 || i >= len(c.Acts) {
		return nil, false
	}
	return &c.Acts[i], true
}

func of(c *casework.Case, period string, step Step, values ...Value) Alert {
	if step.Record == "" {
		step.Record = caseName(c)
	}
	return Alert{Programme: c.Programme, Region: c.Region, About: []string{caseName(c)}, Period: period, Step: step, Values: values}
}

// adverse looks for statements that wait for an answer, and for those that were confirmed, while the household is paid (S03, S04).
func (s *screening) adverse(c *casework.Case) {
	if !c.InForce() || c.Roll == nil {
		return
	}
	at := Roll{c.Programme, c.Roll.County}
	unanswered, confirmed := s.on("S03", c.Region, 1), s.on("S04", c.Region, 1)
	for i := range c.Matches {
		m := &c.Matches[i]
		if !m.Adverse || !slices.Contains(c.Members, m.Subject) {
			continue
		}
		if m.Answer == nil {
			if since, ok := act(c, m.Act); ok && unanswered && s.workdaysPast(s.day(since), s.limit("S03", "workdays")) {
				s.cases.watch(at, c.Roll.Number, watch{"S03", s.day(since), 0, of(c, string(s.day(since)), Step{})})
			}
			continue
		}
		answered, ok := act(c, m.Answer.Act)
		if ok && confirmed && m.Answer.Outcome == casework.MatchConfirmed && !overtaken(c, m) {
			s.cases.watch(at, c.Roll.Number, watch{"S04", s.day(answered), 0, of(c, string(s.day(answered)), Step{})})
		}
	}
}

// overtaken reports whether the department has since said something else about the same person.
func overtaken(c *casework.Case, old *casework.Match) bool {
	return slices.ContainsFunc(c.Matches, func(m casework.Match) bool {
		return !m.Adverse && m.Source == old.Source && m.Subject == old.Subject && m.QueriedAt.After(old.QueriedAt)
	})
}

// outOfDate looks for households whose newest statement of a required department is too old (S05).
func (s *screening) outOfDate(c *casework.Case) {
	if !c.InForce() || !s.on("S05", c.Region, 1) {
		return
	}
	v := s.version(c)
	if v == nil || v.MatchValidDays == 0 {
		return
	}
	oldest := int64(0)
	for _, source := range v.RequiredMatches {
		for _, member := range c.Members {
			var newest time.Time
			for i := range c.Matches {
				if m := &c.Matches[i]; m.Source == source && m.Subject == member && m.QueriedAt.After(newest) {
					newest = m.QueriedAt
				}
			}
			if !newest.IsZero() {
				oldest = max(oldest, daysFrom(s.calendar.Day(newest), s.today))
			}
		}
	}
	if oldest > int64(v.MatchValidDays) {
		s.raise("S05", of(c, "", Step{}, Value{"days", oldest}, Value{"valid_days", int64(v.MatchValidDays)}))
	}
}

func daysFrom(from, to relief.Day) int64 { return int64(to.Number()) - int64(from.Number()) }

// recheckOverdue looks for re-checks that nobody did (S08).
func (s *screening) recheckOverdue(c *casework.Case) {
	if !c.InForce() || !s.on("S08", c.Region, 1) || c.RecheckOn == "" {
		return
	}
	if late := daysFrom(c.RecheckOn, s.today); late > s.limit("S08", "days") {
		s.raise("S08", of(c, string(c.RecheckOn), Step{}, Value{"days", late}))
	}
}

// helpedLate looks for refusals that were reversed and that no relief followed in the next month (S09).
func (s *screening) helpedLate(c *casework.Case) {
	for i := range c.Appeals {
		answer := c.Appeals[i].Answer
		if answer == nil || answer.Upheld {
			continue
		}
		reversed, ok := act(c, answer.Act)
		if !ok || !slices.ContainsFunc(c.Acts[:answer.Act], decides) || !s.on("S09", c.Region, 1) {
			continue
		}
		next := s.day(reversed).Month() + 1
		began := 0
		if d := c.Decision; d != nil && d.Act > answer.Act {
			if d.Outcome != casework.Granted {
				continue
			}
			began = d.From.FirstMonth()
		}
		switch {
		case began == 0 && i == len(c.Appeals)-1 && c.Undecided() && s.today.Month() > next:
			s.raise("S09", of(c, string(s.day(reversed)), Step{}, Value{"months", int64(s.today.Month() - next)}))
		case began > next && s.recent(s.day(reversed)):
			step, _ := act(c, c.Decision.Act)
			s.raise("S09", of(c, string(s.day(reversed)), stepOf(caseName(c), step), Value{"months", int64(began - next)}))
		}
	}
}

func decides(a relief.HistoryEntry) bool {
	return a.Act == relief.ActCaseDecide || a.Act == relief.ActCaseDecideTownship
}

// objections looks for objections that were answered as unfounded at once (S16).
func (s *screening) objections(c *casework.Case) {
	for i := range c.Objections {
		o := &c.Objections[i]
		raised, ok := act(c, o.Act)
		if !ok || o.Answer == nil || !s.on("S16", c.Region, 1) {
			continue
		}
		answered, ok := act(c, o.Answer.Act)
		if !ok || o.Answer.Founded || o.Answer.Act < o.Act || !s.recent(s.day(answered)) {
			continue
		}
		looked := slices.ContainsFunc(c.Acts[o.Act:o.Answer.Act], func(a relief.HistoryEntry) bool { return a.Act == relief.ActCaseAttach })
		took := answered.At.Sub(raised.At)
		if !looked && took < time.Duration(s.limit("S16", "hours"))*time.Hour {
			a := of(c, string(s.day(raised)), stepOf(caseName(c), answered), Value{"minutes", int64(took / time.Minute)})
			a.About = append(a.About, "objection/"+strconv.Itoa(i))
			s.raise("S16", a)
		}
	}
}

// decisionOverdue looks for decisions and answers past their day, and for applications that took longer than the law allows (S17).
func (s *screening) decisionOverdue(c *casework.Case) {
	if !s.on("S17", c.Region, 1) {
		return
	}
	term, decided := s.firstDecision(c)
	switch {
	case c.Due != "" && c.Due < s.today:
		s.raise("S17", of(c, string(c.Due), Step{}, Value{"days", daysFrom(c.Due, s.today)}))
	case term != "" && decided == nil && c.Undecided() && term < s.today:
		s.raise("S17", of(c, string(term), Step{}, Value{"days", daysFrom(term, s.today)}))
	case decided != nil && s.day(decided) > term:
		s.raise("S17", of(c, string(term), stepOf(caseName(c), decided), Value{"days", daysFrom(term, s.day(decided))}))
	case c.Decision != nil && c.Decision.Late:
		if step, ok := act(c, c.Decision.Act); ok && s.recent(s.day(step)) {
			s.raise("S17", of(c, string(s.day(step)), stepOf(caseName(c), step), Value{"late", 1}))
		}
	}
}

// firstDecision is the last day of the law's term for the first decision, and that decision; nothing of one that was decided long ago,
// and of a case without a term.
func (s *screening) firstDecision(c *casework.Case) (term relief.Day, decided *relief.HistoryEntry) {
	first := slices.IndexFunc(c.Acts, decides)
	if !c.HasDecisionTerm() || first >= 0 && !s.recent(s.day(&c.Acts[first])) {
		return "", nil
	}
	term, _ = c.FirstDecision(&s.calendar)
	if first >= 0 {
		decided = &c.Acts[first]
	}
	return term, decided
}

// afterwards looks for evidence that came long after it was taken, or that was taken while the notice ran (S19). It asks once a day of
// the case, about the oldest.
func (s *screening) afterwards(c *casework.Case) {
	if len(c.Evidence) == 0 || !s.on("S19", c.Region, 1) {
		return
	}
	oldest := map[relief.Day]Alert{}
	for i := range c.Evidence {
		e := &c.Evidence[i]
		attached, ok := act(c, e.Act)
		if !ok || !slices.Contains(gathered, e.Kind) || !s.recent(s.day(attached)) {
			continue
		}
		day, late := s.day(attached), daysFrom(s.calendar.Day(e.TakenAt), s.day(attached))
		if late <= s.limit("S19", "days") && (e.Kind != programme.EvidenceHomeVisit || !duringNotice(c, e)) {
			continue
		}
		if a, asked := oldest[day]; !asked || a.Values[0].N < late {
			oldest[day] = of(c, string(day), stepOf(caseName(c), attached), Value{"days", late})
		}
	}
	for _, a := range oldest { // in any order: alerts are sorted
		s.raise("S19", a)
	}
}

// gathered are the kinds of evidence that officials gather themselves. A paper may be older than the application.
var gathered = []programme.EvidenceKind{programme.EvidenceHomeVisit, programme.EvidenceNeighbour, programme.EvidenceRemoteVideo, programme.EvidenceFaceCheck}

// duringNotice reports whether a home visit was made after the notice began that followed it, and before the decision. To look into an
// objection is right.
func duringNotice(c *casework.Case, e *casework.Evidence) bool {
	for i := range c.Notices {
		n := &c.Notices[i]
		if n.Act < 0 || n.Act >= e.Act || e.Act > len(c.Acts) || !e.TakenAt.After(n.Opened) {
			continue
		}
		if !slices.ContainsFunc(c.Acts[n.Act:e.Act], func(a relief.HistoryEntry) bool { return decides(a) || a.Act == relief.ActCaseObject }) {
			return true
		}
	}
	return false
}
