package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Working days from the acceptance of an application to its decision (民发〔2021〕57号 §22, and the notice of 2022-10-20).
const (
	decisionDays = 30
	townshipDays = 20 // where the township decides
	objectedDays = 45 // after an objection
)

// Undecided reports whether an application, or one that an appeal has brought back, waits for a decision.
func (c *Case) Undecided() bool {
	return c.State == CaseApplied || c.State == CaseNoticed || c.State == CaseObjected || c.State == CaseAnswered
}

// HasDecisionTerm reports whether the law says how long the first decision may take: of an application for relief that is paid
// by the period.
func (c *Case) HasDecisionTerm() bool {
	return len(c.Acts) > 0 && c.Acts[0].Act == relief.ActCaseApply && c.Asked == 0 && c.Grant == nil
}

// FirstDecision is the last day on which the law allows the first decision, and the place of that decision in the history; -1 for none
// yet. The case must have a term.
func (c *Case) FirstDecision(cal *relief.Calendar) (due relief.Day, act int) {
	act = slices.IndexFunc(c.Acts, func(a relief.HistoryEntry) bool {
		return a.Act == relief.ActCaseDecide || a.Act == relief.ActCaseDecideTownship
	})
	days, until := decisionDays, len(c.Acts)
	if act >= 0 {
		until = act
	}
	switch {
	case slices.ContainsFunc(c.Acts[:until], func(a relief.HistoryEntry) bool { return a.Act == relief.ActCaseObject }):
		days = objectedDays
	case act >= 0 && c.Acts[act].Act == relief.ActCaseDecideTownship:
		days = townshipDays
	}
	return cal.AddWorkdays(cal.Day(c.Acts[0].At), days), act
}
