package casework

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Papers say when the papers of a case were complete in which help came first.
type Papers struct {
	On   relief.Day `json:"on"`
	Late bool       `json:"late,omitempty"` // after the day on which they were due
	Act  int        `json:"act"`            // the act that brought the last one: its place in the case's history, from 0
}

// papersComplete reports whether the case has a piece of evidence at least, all that the programme requires, and the statements of
// all departments, none of them adverse without an answer.
func (c *Case) papersComplete(v *programme.Version, at time.Time) bool {
	return len(c.Evidence) > 0 && c.requireEvidence(v) == nil && c.requireMatches(v, c.Members, at, false) == nil
}

// TakePapers notes, after an act that brought a paper, that the papers of a case in which help came first are complete. Where the
// programme asks for no notice the case is at its end.
func TakePapers(c Case, v *programme.Version, cal *relief.Calendar, actor relief.Actor) (Case, error) {
	if c.State != CaseHelped || c.Grant.Papers != nil || !c.papersComplete(v, actor.At) {
		return c, nil
	}
	n := len(c.Acts) - 1
	if v.NoticeDays == 0 {
		next, err := relief.Next(CaseTransitions, c.State, row(c.Acts[n].Act, outcomeLastPaper))
		if err != nil {
			return c, err
		}
		c.State = next
	}
	g, day := *c.Grant, cal.Day(actor.At)
	g.Papers = &Papers{On: day, Late: day > g.PapersDue, Act: n}
	c.Grant = &g
	return c, nil
}

const outcomeLastPaper = "the last paper"

// PapersMissing is the day until which the papers of the case are to follow, "" when none are missing.
func (c *Case) PapersMissing() relief.Day {
	if c.State != CaseHelped || c.Grant.Papers != nil {
		return ""
	}
	return c.Grant.PapersDue
}

// mayFollow refuses a notice after the decision before the papers are there, or with other terms than were granted.
func (n *Notice) mayFollow(c *Case) error {
	switch {
	case c.Grant.Papers == nil:
		return relief.Errorf(relief.CodeEvidence, "先行救助的材料尚未补齐 · the papers that follow the help are not complete")
	case n.Terms != c.Terms:
		return relief.FieldErrorf("amount", "公示须与已确认的内容一致：%s · the notice after the decision says what was granted: %s", c.Terms.Amount, c.Terms.Amount)
	}
	return nil
}
