package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// RequireOver refuses, with PENDING, a case whose facts somebody may still need: one that is not at its end, one that is
// appealed, one that can still be appealed (R58), and a single grant of which the county or the public may still speak.
func (c *Case) RequireOver(cal *relief.Calendar, at time.Time) error {
	day, until := cal.Day(at), relief.Day("")
	switch c.State {
	case CaseWithdrawn, CaseClosed, CaseRevoked:
		return nil
	case CaseGranted:
		return c.requireHeard(at)
	case CaseRefusalAppealed, CaseExitAppealed:
		return relief.Errorf(relief.CodePending, "the appeal in case %s is not decided", c.ID)
	case CaseRefused:
		until = c.Decision.AppealUntil
	case CaseExited, CaseMovedOut:
		until = c.Ended.AppealUntil
	default:
		if only := c.until(); c.State == CaseInForce && !only.IsZero() && only.LastMonth() < day.Month() {
			return nil // one-off relief of an earlier month
		}
		return relief.Errorf(relief.CodePending, "case %s is not at its end", c.ID)
	}
	if day <= until {
		return relief.Errorf(relief.CodePending, "case %s can be appealed until %s", c.ID, until)
	}
	return nil
}

// requireHeard refuses, with PENDING, a single grant that the county has not confirmed yet, whose notice is not over, or against
// which an objection is not answered.
func (c *Case) requireHeard(at time.Time) error {
	n := c.PublicNotice()
	switch {
	case c.Unconfirmed() != "":
		return relief.Errorf(relief.CodePending, "the county has not confirmed the township's decision in case %s", c.ID)
	case n != nil && at.Before(n.Closes):
		return relief.Errorf(relief.CodePending, "the public notice of case %s lasts until %s", c.ID, n.Closes.Format(time.RFC3339))
	case slices.ContainsFunc(c.Objections, func(o Objection) bool { return o.Answer == nil }):
		return relief.Errorf(relief.CodePending, "an objection in case %s is not answered", c.ID)
	}
	return nil
}

// LastDecided is the time of the last act of civil affairs on a case: retention runs from it. Notes of audit do not count.
func (c *Case) LastDecided() time.Time {
	for i := len(c.Acts) - 1; i >= 0; i-- {
		if c.Acts[i].Act != ActNote {
			return c.Acts[i].At
		}
	}
	return time.Time{}
}

// Deciders are the officials who decided on the case.
func (c *Case) Deciders() []relief.Official {
	var officials []relief.Official
	for i := range c.Acts {
		switch c.Acts[i].Act {
		case relief.ActCaseDecide, relief.ActCaseDecideTownship, relief.ActCaseConfirmTownship, relief.ActCaseConfirm, relief.ActCaseDecideAppeal,
			relief.ActRollConfirmChange:
			officials = append(officials, c.Acts[i].By)
		}
	}
	return officials
}

// WithoutFacts is the case after its facts were erased on a day, and without the tags of the head's name and account when the
// head is the one who was erased. refs are the references of the one who was.
func (c *Case) WithoutFacts(refs []relief.SubjectRef, on relief.Day) Case {
	out := *c
	if out.FactsErased == "" {
		out.FactsErased = on
	}
	if slices.Contains(refs, c.Head()) {
		out.Payee = roll.Payee{}
	}
	return out
}
