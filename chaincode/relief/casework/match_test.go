package casework

import (
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// An adverse finding waits until it is answered; a confirmed one of a household that is helped, until the case is over
// or the department has taken it back.
func TestAdverseSince(t *testing.T) {
	head, spouse := relief.SubjectRef{1, 1}, relief.SubjectRef{1, 2}
	at := func(day int) time.Time { return time.Date(2026, 11, day, 20, 0, 0, 0, time.UTC) } // the next day in China
	said := func(who relief.SubjectRef, day int, adverse bool) Match {
		return Match{MatchStatement: registry.MatchStatement{Source: "registry", Subject: who, Adverse: adverse, QueriedAt: at(day)}}
	}
	answered := func(m Match, outcome MatchOutcome) Match {
		m.Answer = &MatchAnswer{Outcome: outcome}
		return m
	}
	for name, c := range map[string]struct {
		state   CaseState
		matches []Match
		want    relief.Day
	}{
		"nothing":                      {CaseInForce, nil, ""},
		"nothing adverse":              {CaseInForce, []Match{said(head, 1, false)}, ""},
		"one without an answer":        {CaseApplied, []Match{said(head, 1, false), said(spouse, 2, true)}, "2026-11-03"},
		"the earliest of two":          {CaseInForce, []Match{said(head, 9, true), said(spouse, 2, true)}, "2026-11-03"},
		"cleared":                      {CaseInForce, []Match{answered(said(head, 1, true), MatchCleared)}, ""},
		"confirmed, in force":          {CaseInForce, []Match{answered(said(head, 1, true), MatchConfirmed)}, "2026-11-02"},
		"confirmed, suspended":         {CaseSuspended, []Match{answered(said(head, 1, true), MatchConfirmed)}, "2026-11-02"},
		"confirmed, not decided yet":   {CaseApplied, []Match{answered(said(head, 1, true), MatchConfirmed)}, ""},
		"confirmed, then taken back":   {CaseInForce, []Match{answered(said(head, 1, true), MatchConfirmed), said(head, 5, false)}, ""},
		"of somebody who left":         {CaseInForce, []Match{said(relief.SubjectRef{1, 3}, 1, true)}, ""},
		"the case is over":             {CaseExited, []Match{said(head, 1, true)}, ""},
		"the application is withdrawn": {CaseWithdrawn, []Match{said(head, 1, true)}, ""},
	} {
		k := Case{State: c.state, Members: []relief.SubjectRef{head, spouse}, Matches: c.matches}
		if got := k.AdverseSince(); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}
