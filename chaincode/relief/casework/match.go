package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
)

// Match is a department's statement in a case, and the answer to it if it is adverse (R8, R10).
type Match struct {
	registry.MatchStatement
	Act    int          `json:"act"` // the index of the act in the case's history, from 0
	Answer *MatchAnswer `json:"answer,omitempty"`
}

// MatchAnswer is an official's answer to an adverse statement.
type MatchAnswer struct {
	Outcome MatchOutcome `json:"outcome"`
	SHA256  string       `json:"sha256"` // salted, of the official's account
	Act     int          `json:"act"`
}

// MatchOutcome says whether an adverse statement is true.
type MatchOutcome string

// The outcomes.
const (
	MatchCleared   MatchOutcome = "cleared"   // it is an error, or compatible with relief
	MatchConfirmed MatchOutcome = "confirmed" // it is true: the household gets no grant
)

// RecordMatch adds a department's statement to a case: about a member, or about somebody whom the open review adds. A
// statement from before the newest one of the same department about the same person is refused: what counts is the newest.
func RecordMatch(c Case, st registry.MatchStatement, sources []registry.Department, actor relief.Actor) (Case, bool, error) {
	if slices.ContainsFunc(c.Matches, func(m Match) bool { return m.MatchStatement == st }) {
		return c, false, relief.RequireRegion(actor.By, c.Region)
	}
	next, _, err := c.step(relief.ActCaseMatch, relief.ActCaseMatch, actor, nil)
	if err != nil {
		return c, false, err
	}
	if !slices.Contains(c.concerned(), st.Subject) {
		return c, false, relief.FieldErrorf("subject", "the statement is not about a member of the household")
	}
	if newest := c.newest(st.Source, st.Subject); st.QueriedAt.Before(newest) {
		return c, false, relief.FieldErrorf("queried_at", "the case has a statement of %s about this person from %s: an older one does not count",
			st.Source, newest.UTC().Format(time.RFC3339))
	}
	if len(c.Matches) >= MaxStatements {
		return c, false, relief.Errorf(relief.CodeInvalid, "a case has at most %d statements", MaxStatements)
	}
	if err := st.Verify(sources, actor.At); err != nil {
		return c, false, err
	}
	c.Matches = append(slices.Clip(c.Matches), Match{MatchStatement: st, Act: len(c.Acts)})
	c.record(next, relief.ActCaseMatch, actor)
	return c, true, nil
}

// newest is the time of a department's newest statement about a person, the zero time for none.
func (c *Case) newest(source relief.DepartmentID, subject relief.SubjectRef) (at time.Time) {
	for i := range c.Matches {
		if m := &c.Matches[i]; m.Source == source && m.Subject == subject && m.QueriedAt.After(at) {
			at = m.QueriedAt
		}
	}
	return at
}

// AnswerMatch records the answer to an adverse statement; n is its index among the case's matches.
func AnswerMatch(c Case, n int, outcome MatchOutcome, sha256 string, actor relief.Actor) (Case, bool, error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return c, false, err
	}
	if n < 0 || n >= len(c.Matches) {
		return c, false, relief.FieldErrorf("match", "the case has %d matches, counted from 0", len(c.Matches))
	}
	switch {
	case outcome != MatchCleared && outcome != MatchConfirmed:
		return c, false, relief.FieldErrorf("outcome", "the outcome must be cleared or confirmed")
	case !form.IsSHA256(sha256):
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	case !c.Matches[n].Adverse:
		return c, false, relief.FieldErrorf("match", "match %d is not adverse", n)
	}
	old := c.Matches[n].Answer
	same := func() bool { return old != nil && old.Outcome == outcome && old.SHA256 == sha256 }
	next, repeated, err := c.step(relief.ActCaseAnswerMatch, relief.ActCaseAnswerMatch, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if old != nil {
		return c, false, relief.Errorf(relief.CodeConflict, "match %d is answered already", n)
	}
	c.Matches = slices.Clone(c.Matches)
	c.Matches[n].Answer = &MatchAnswer{outcome, sha256, len(c.Acts)}
	c.record(next, relief.ActCaseAnswerMatch, actor)
	return c, true, nil
}

// requireMatches refuses, with MATCH, a case in which a required statement is missing or out of date, an adverse statement has
// no answer, or a department was asked and its answer is not there. For a grant it also refuses a case in which an adverse statement was confirmed.
func (c *Case) requireMatches(v *programme.Version, members []relief.SubjectRef, at time.Time, grant bool) error {
	if err := c.requireAnswered(members, grant); err != nil {
		return err
	}
	if err := c.requireStatements(v, members, at); err != nil {
		return err
	}
	return c.requireNoQuestion(v, members, at)
}

// requireAnswered is requireMatches for the adverse statements that are there.
func (c *Case) requireAnswered(members []relief.SubjectRef, grant bool) error {
	for i, m := range c.Matches {
		switch {
		case !slices.Contains(members, m.Subject): // has left the household
		case m.Adverse && m.Answer == nil:
			return relief.Errorf(relief.CodeMatch, "the adverse statement %d of %s is not answered", i, m.Source)
		case m.Adverse && grant && m.Answer.Outcome == MatchConfirmed && !c.superseded(i):
			return relief.Errorf(relief.CodeMatch, "the adverse statement %d of %s was confirmed", i, m.Source)
		}
	}
	return nil
}

// requireStatements is requireMatches for the statements that the programme requires.
func (c *Case) requireStatements(v *programme.Version, members []relief.SubjectRef, at time.Time) error {
	for _, source := range v.RequiredMatches {
		for n, ref := range members {
			asked := c.askedAt(source, ref)
			current := func(m Match) bool {
				return m.Source == source && m.Subject == ref && answers(&m.MatchStatement, asked) && (v.MatchValidDays == 0 || daysBetween(m.QueriedAt, at) <= v.MatchValidDays)
			}
			if !slices.ContainsFunc(c.Matches, current) {
				return relief.Errorf(relief.CodeMatch, "the match of %s for member %d is missing or out of date: it must be of %s or later", source, n+1,
					asked.UTC().Format(time.RFC3339))
			}
		}
	}
	return nil
}

// superseded reports whether the same department has since made a statement about the same person that is not adverse.
func (c *Case) superseded(n int) bool {
	old := &c.Matches[n]
	return slices.ContainsFunc(c.Matches, func(m Match) bool {
		return !m.Adverse && m.Source == old.Source && m.Subject == old.Subject && m.QueriedAt.After(old.QueriedAt)
	})
}

// AdverseSince is the day of the earliest adverse statement that needs an act: a statement without an answer or, while
// the household receives relief, a confirmed one (R10, R12). It is "" when there is none, or the case is over.
func (c *Case) AdverseSince() (since relief.Day) {
	if _, err := relief.Next(CaseTransitions, c.State, relief.ActCaseAnswerMatch); err != nil {
		return ""
	}
	helped := c.InForce()
	for i, m := range c.Matches {
		open := m.Adverse && (m.Answer == nil || helped && m.Answer.Outcome == MatchConfirmed && !c.superseded(i))
		if !open || !slices.Contains(c.concerned(), m.Subject) {
			continue
		}
		if day := relief.DefaultCalendar.Day(m.QueriedAt); since == "" || day < since {
			since = day
		}
	}
	return since
}
