package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Suspension stops payments from a period on, until the case is resumed.
type Suspension struct {
	From   relief.Period `json:"from"`
	Reason string        `json:"reason"`
	Act    int           `json:"act"`
}

// Suspend stops payments from a period on. The caller suspends the roll entry with roll.Suspend, which checks the period.
func Suspend(c Case, from relief.Period, reason string, actor relief.Actor) (Case, error) {
	next, _, err := c.step(roll.ActConfirmSuspend, relief.ActRollConfirmChange, actor, nil)
	if err != nil {
		return c, err
	}
	c.Suspended = &Suspension{from, reason, len(c.Acts)}
	c.record(next, relief.ActRollConfirmChange, actor)
	return c, nil
}

// Resume pays relief again. The caller resumes the roll entry with roll.Resume, from a period on that may be a suspended
// one.
func Resume(c Case, actor relief.Actor) (Case, error) {
	next, _, err := c.step(roll.ActConfirmResume, relief.ActRollConfirmChange, actor, nil)
	if err != nil {
		return c, err
	}
	c.Suspended = nil
	c.record(next, relief.ActRollConfirmChange, actor)
	return c, nil
}

// ChangeTerms has a case follow a change of its roll entry's terms. The caller changes the roll entry with roll.SetTerms.
func ChangeTerms(c Case, by *roll.Change, actor relief.Actor) (Case, error) {
	next, _, err := c.step(roll.ActConfirmTerms, relief.ActRollConfirmChange, actor, nil)
	if err != nil {
		return c, err
	}
	c.Terms = by.Terms()
	c.record(next, relief.ActRollConfirmChange, actor)
	return c, nil
}

// Ending records how a case ended (R12).
type Ending struct {
	Reason      roll.ExitReason `json:"reason"`
	On          relief.Day      `json:"on,omitempty"` // the day of a death
	LastPeriod  relief.Period   `json:"last_period"`
	AppealUntil relief.Day      `json:"appeal_until"`
	Act         int             `json:"act"`
	Change      relief.ChangeID `json:"change,omitempty"` // of the roll entry, by which the case ended
}

// Exit ends a case by a change of its roll entry. The caller ends the roll entry with roll.Exit.
func Exit(c Case, v *programme.Version, cal *relief.Calendar, by *roll.Change, actor relief.Actor) (Case, error) {
	next, _, err := c.step(roll.ActConfirmExit, relief.ActRollConfirmChange, actor, nil)
	if err != nil {
		return c, err
	}
	c.Acts = append(slices.Clip(c.Acts), by.Acts[0]) // who proposed the exit has a part in it
	c.end(roll.ExitReason(by.Reason), by.DiedOn, by.LastPeriod, v, cal, actor)
	c.Ended.Change = by.ID
	c.record(next, relief.ActRollConfirmChange, actor)
	return c, nil
}

func (c *Case) end(reason roll.ExitReason, died relief.Day, last relief.Period, v *programme.Version, cal *relief.Calendar, actor relief.Actor) {
	c.Ended = &Ending{Reason: reason, On: died, LastPeriod: last, AppealUntil: cal.Day(actor.At).Add(v.AppealDays), Act: len(c.Acts)}
	c.Review, c.Suspended, c.Due, c.RecheckOn = nil, nil, "", ""
}

// Appeal is the appeal of an applicant who was refused or has exited. It has a state and a deadline of its own (R58).
type Appeal struct {
	SHA256 string        `json:"sha256"` // salted, of the text of the appeal
	Due    relief.Day    `json:"due"`
	Act    int           `json:"act"`
	Answer *AppealAnswer `json:"answer,omitempty"`
}

// AppealAnswer is the decision on an appeal.
type AppealAnswer struct {
	Upheld bool   `json:"upheld"` // the decision under appeal is upheld
	SHA256 string `json:"sha256"` // salted, of the reasons
	Act    int    `json:"act"`
}

// LodgeAppeal records an appeal. LATE after the days that the decision allowed for it.
func LodgeAppeal(c Case, v *programme.Version, cal *relief.Calendar, sha256 string, actor relief.Actor) (Case, bool, error) {
	if !form.IsSHA256(sha256) {
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	same := func() bool { return len(c.Appeals) > 0 && c.Appeals[len(c.Appeals)-1].SHA256 == sha256 }
	next, repeated, err := c.step(relief.ActCaseAppeal, relief.ActCaseAppeal, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	day, until := cal.Day(actor.At), relief.Day("")
	if c.State == CaseExited || c.State == CaseMovedOut {
		until = c.Ended.AppealUntil
	} else {
		until = c.Decision.AppealUntil
	}
	if day > until {
		return c, false, relief.Errorf(relief.CodeLate, "the last day for an appeal was %s", until)
	}
	a := Appeal{SHA256: sha256, Due: day.Add(v.AppealDecisionDays), Act: len(c.Acts)}
	c.Appeals = append(slices.Clip(c.Appeals), a)
	c.Due = a.Due
	c.record(next, relief.ActCaseAppeal, actor)
	return c, true, nil
}

// DecideAppeal upholds or reverses the decision under appeal. An official who took or prepared that decision may not
// decide the appeal. A case whose refusal is reversed is examined again, with another public notice. An exit that is
// reversed has no effect from the beginning.
func DecideAppeal(c Case, v *programme.Version, h *Households, upheld bool, sha256 string, actor relief.Actor) (Case, bool, error) {
	if !form.IsSHA256(sha256) {
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	n := len(c.Appeals) - 1
	same := func() bool {
		return n >= 0 && c.Appeals[n].Answer != nil && c.Appeals[n].Answer.Upheld == upheld && c.Appeals[n].Answer.SHA256 == sha256
	}
	act := actReverse
	if upheld {
		act = actUphold
	}
	next, repeated, err := c.step(act, relief.ActCaseDecideAppeal, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	others := append([]relief.Act{relief.ActCaseDecide, relief.ActCaseDecideTownship, relief.ActCaseConfirm, relief.ActRollExit, relief.ActRollConfirmChange}, preparing...)
	if err := c.requireOther(actor, relief.ActCaseDecideAppeal, others...); err != nil {
		return c, false, err
	}
	if !upheld { // the case is live again
		if c.Overlaps, err = h.check(c.Members, &c, v, actor.At); err != nil {
			return c, false, err
		}
		if next == CaseInForce {
			if err := h.requireFree(c.Members, &c, v, actor.At); err != nil {
				return c, false, err
			}
		}
		c.Ended = nil
	}
	c.Appeals = slices.Clone(c.Appeals)
	c.Appeals[n].Answer = &AppealAnswer{upheld, sha256, len(c.Acts)}
	c.Due = ""
	c.record(next, relief.ActCaseDecideAppeal, actor)
	return c, true, nil
}
