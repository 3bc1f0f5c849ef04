package indicator

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

const (
	needDays             = 10 // working days in which a need is followed up
	deathMonths          = 3  // in which a household is settled after a death
	recheckPrefix        = "recheck "
	decisionName         = "decision"
	waitingName          = "waiting"
	notYet, inTime int64 = 0, 1
)

// ofCase gives the facts of a case: its decision, its re-checks, and whether it waits. Earlier re-checks stay.
func ofCase(value []byte, before []Fact, w *World) ([]Fact, error) {
	c, err := stored.Read[casework.Case](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	facts := rechecks(c, before, w)
	if c.HasDecisionTerm() {
		facts = append(facts, decision(c, w)...)
	}
	if n := len(c.Appeals); n > 0 && c.Appeals[n-1].Answer != nil && !c.Appeals[n-1].Answer.Upheld && c.Undecided() {
		facts = append(facts, Fact{Name: waitingName + " appeal", Code: Waiting, Programme: c.Programme, Region: c.Region, Ratio: Ratio{0, 1}})
	}
	return facts, nil
}

// decision gives the fact of an application's first decision, and that it waits while there is none. One that was withdrawn has none.
func decision(c *casework.Case, w *World) []Fact {
	due, i := c.FirstDecision(w.Calendar)
	f := Fact{
		Name: decisionName, Code: Decision, Programme: c.Programme, Region: c.Region, First: due.Month(), Last: due.Month(), Due: due, Ratio: Ratio{notYet, 1},
	}
	switch {
	case i < 0 && !c.Undecided():
		return nil
	case i < 0:
		return []Fact{f, {Name: waitingName, Code: Waiting, Programme: c.Programme, Region: c.Region, Due: due, Ratio: Ratio{0, 1}}}
	case w.day(c.Acts, i) <= due && (c.Decision == nil || c.Decision.Act != i || !c.Decision.Late):
		f.Num = inTime
	}
	return []Fact{f}
}

// rechecks keeps the facts of earlier re-checks, settles the one that was open, and opens the next.
func rechecks(c *casework.Case, before []Fact, w *World) (facts []Fact) {
	open := recheckPrefix + string(c.RecheckOn)
	last := len(c.Acts) - 1
	for _, f := range before {
		switch {
		case f.Code != Recheck || f.Name == open:
			continue
		case f.Num == notYet && last >= 0 && f.Due >= w.day(c.Acts, last):
			if c.Acts[last].Act != relief.ActCaseConfirm {
				continue // the case ended before its re-check was due
			}
			f.Num = inTime
		}
		facts = append(facts, f)
	}
	if c.RecheckOn != "" {
		month := c.RecheckOn.Month()
		facts = append(facts, Fact{
			Name: open, Code: Recheck, Programme: c.Programme, Region: c.Region, First: month, Last: month, Due: c.RecheckOn, Ratio: Ratio{notYet, 1},
		})
	}
	return facts
}

// ofChange gives the fact of a recorded death: whether the household was settled in time.
func ofChange(value []byte, _ []Fact, w *World) ([]Fact, error) {
	c, err := stored.Read[roll.Change](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	if c.DiedOn == "" || c.State != roll.ChangeProposed && c.State != roll.ChangeConfirmed {
		return nil, nil
	}
	due := c.DiedOn.AddMonths(deathMonths)
	f := Fact{
		Name: "death", Code: ExitDeath, Programme: c.Programme, Region: c.Region, First: due.Month(), Last: due.Month(), Due: due, Ratio: Ratio{notYet, 1},
	}
	if last := len(c.Acts) - 1; c.State == roll.ChangeConfirmed && w.day(c.Acts, last) <= due {
		f.Num = inTime
	}
	return []Fact{f}, nil
}

// ofNeed gives the fact that somebody in need waits.
func ofNeed(value []byte, _ []Fact, w *World) ([]Fact, error) {
	n, err := stored.Read[casework.Need](value)
	if err != nil {
		return nil, err //nolint:wrapcheck // Facts does
	}
	if n.State != casework.NeedFound || len(n.Acts) == 0 {
		return nil, nil
	}
	due := w.Calendar.AddWorkdays(w.day(n.Acts, 0), needDays)
	return []Fact{{Name: waitingName, Code: Waiting, Programme: n.Programme, Region: n.Region, Due: due, Ratio: Ratio{0, 1}}}, nil
}
