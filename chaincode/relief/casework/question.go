package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
)

// Question is what a department was last asked about a person. It is on the ledger before the department is asked, so that an answer
// that is left out leaves an open question. A statement from before it does not answer it.
type Question struct {
	Source  relief.DepartmentID `json:"source"`
	Subject relief.SubjectRef   `json:"subject"`
	At      time.Time           `json:"at"`
	Act     int                 `json:"act"` // the index of the act in the case's history
}

// QuestionTerms say which department is asked, and about whom.
type QuestionTerms struct {
	Source   relief.DepartmentID `json:"source"`
	Subjects []relief.SubjectRef `json:"subjects,omitempty"` // left out: everybody of the household
}

// SilentDays are the days after which a department that the programme does not require, and that has not answered, keeps no
// decision waiting.
const SilentDays = 30

// Ask puts questions about members of a household, or about those whom the open review adds. A question without an answer stays as it
// is: asking again does not take the first one's place.
func Ask(c Case, q QuestionTerms, sources []registry.Department, actor relief.Actor) (Case, bool, error) {
	next, _, err := c.step(relief.ActCaseAsk, relief.ActCaseAsk, actor, nil)
	if err != nil {
		return c, false, err
	}
	if !slices.ContainsFunc(sources, func(d registry.Department) bool { return d.ID == q.Source }) {
		return c, false, relief.FieldErrorf("source", "%q is no department of the registry", q.Source)
	}
	about := q.Subjects
	if about == nil {
		about = c.concerned()
	}
	if len(about) < 1 || len(about) > MaxMembers {
		return c, false, relief.FieldErrorf("subjects", "a question is about 1 to %d members of the household", MaxMembers)
	}
	questions, changed := slices.Clone(c.Questions), false
	for _, ref := range about {
		if !slices.Contains(c.concerned(), ref) {
			return c, false, relief.FieldErrorf("subjects", "the question is not about a member of the household")
		}
		asked := Question{Source: q.Source, Subject: ref, At: actor.At.UTC().Truncate(time.Second), Act: len(c.Acts)}
		i := slices.IndexFunc(questions, func(old Question) bool { return old.Source == q.Source && old.Subject == ref })
		switch {
		case i < 0:
			questions, changed = append(questions, asked), true
		case c.answered(&questions[i]) && questions[i].Act != asked.Act:
			questions[i], changed = asked, true
		}
	}
	if !changed {
		return c, false, nil
	}
	if len(questions) > MaxStatements {
		return c, false, relief.Errorf(relief.CodeInvalid, "a case has at most %d questions", MaxStatements)
	}
	c.Questions = questions
	c.record(next, relief.ActCaseAsk, actor)
	return c, true, nil
}

// answers reports whether a statement was made after somebody was asked at a time. Clocks differ: as much as a transaction's time may.
func answers(st *registry.MatchStatement, asked time.Time) bool {
	return !st.QueriedAt.Before(asked.Add(-relief.MaxBackdating))
}

func (c *Case) answered(q *Question) bool {
	return slices.ContainsFunc(c.Matches, func(m Match) bool {
		return m.Source == q.Source && m.Subject == q.Subject && answers(&m.MatchStatement, q.At)
	})
}

// OpenQuestions are the questions that no statement answers, about members of the household or those whom the review adds.
func (c *Case) OpenQuestions() (open []Question) {
	for i := range c.Questions {
		if q := &c.Questions[i]; slices.Contains(c.concerned(), q.Subject) && !c.answered(q) {
			open = append(open, *q)
		}
	}
	return open
}

// askedAt is when a department was last asked about a member. The case itself asks those that the programme requires: a statement
// counts from when the household applied or was taken on, and of somebody whom a review adds, from the review.
func (c *Case) askedAt(source relief.DepartmentID, ref relief.SubjectRef) time.Time {
	at := c.Acts[0].At
	if c.Review != nil && !slices.Contains(c.Members, ref) {
		at = c.Acts[c.Review.Act].At
	}
	for i := range c.Questions {
		if q := &c.Questions[i]; q.Source == source && q.Subject == ref && q.At.After(at) {
			at = q.At
		}
	}
	return at
}

// requireNoQuestion refuses, with MATCH, a case with an open question about one of the members.
func (c *Case) requireNoQuestion(v *programme.Version, members []relief.SubjectRef, at time.Time) error {
	for _, q := range c.OpenQuestions() {
		required := slices.Contains(v.RequiredMatches, q.Source)
		if n := slices.Index(members, q.Subject); n >= 0 && (required || daysBetween(q.At, at) <= SilentDays) {
			return relief.Errorf(relief.CodeMatch, "the question of %s to %s about member %d has no answer", q.At.Format(time.RFC3339), q.Source, n+1)
		}
	}
	return nil
}
