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

// Suspend stops payments from a period on. The period must not be over.
func Suspend(c Case, cal *relief.Calendar, from relief.Period, reason string, actor relief.Actor) (Case, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return c, false, err
	}
	same := func() bool { return c.Suspended != nil && c.Suspended.From == from && c.Suspended.Reason == reason }
	next, repeated, err := c.step(relief.ActCaseSuspend, relief.ActCaseSuspend, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if from.IsZero() || from.LastMonth() < cal.Day(actor.At).Month() {
		return c, false, relief.FieldErrorf("from", "relief can be suspended from the current period on or a later one")
	}
	c.Suspended = &Suspension{from, reason, len(c.Acts)}
	c.record(next, relief.ActCaseSuspend, actor)
	return c, true, nil
}

// Resume pays relief again from a period on, which may be a suspended period.
func Resume(c Case, from relief.Period, actor relief.Actor) (Case, bool, error) {
	next, repeated, err := c.step(relief.ActCaseResume, relief.ActCaseResume, actor, always)
	if err != nil || repeated {
		return c, false, err
	}
	if from.IsZero() {
		return c, false, relief.FieldErrorf("from", "the period from which relief is paid again is missing")
	}
	c.Suspended = nil
	c.record(next, relief.ActCaseResume, actor)
	return c, true, nil
}

// Ending records how a case ended (R12).
type Ending struct {
	Reason      roll.ExitReason `json:"reason"`
	On          relief.Day      `json:"on,omitempty"` // the day of a death
	LastPeriod  relief.Period   `json:"last_period"`
	AppealUntil relief.Day      `json:"appeal_until"`
	Act         int             `json:"act"`
}

// Exit ends a case. The caller ends the roll entry with roll.Exit.
func Exit(c Case, v *programme.Version, cal *relief.Calendar, reason roll.ExitReason, died relief.Day, last relief.Period, actor relief.Actor) (Case, bool, error) {
	same := func() bool {
		return c.Ended != nil && c.Ended.Reason == reason && c.Ended.LastPeriod == last && c.Ended.On == died
	}
	next, repeated, err := c.step(relief.ActRollExit, relief.ActRollExit, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	c.end(reason, died, last, v, cal, actor)
	c.record(next, relief.ActRollExit, actor)
	return c, true, nil
}

func (c *Case) end(reason roll.ExitReason, died relief.Day, last relief.Period, v *programme.Version, cal *relief.Calendar, actor relief.Actor) {
	c.Ended = &Ending{reason, died, last, cal.Day(actor.At).Add(v.AppealDays), len(c.Acts)}
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
	if c.State == CaseExited {
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
	others := append([]relief.Act{relief.ActCaseDecide, relief.ActCaseConfirm, relief.ActRollExit}, preparing...)
	if err := c.requireOther(actor, relief.ActCaseDecideAppeal, others...); err != nil {
		return c, false, err
	}
	if !upheld { // the case is live again
		if _, err := h.check(c.Members, v, c.ID, actor.At); err != nil {
			return c, false, err
		}
		c.Ended = nil
	}
	c.Appeals = slices.Clone(c.Appeals)
	c.Appeals[n].Answer = &AppealAnswer{upheld, sha256, len(c.Acts)}
	c.Due = ""
	c.record(next, relief.ActCaseDecideAppeal, actor)
	return c, true, nil
}
