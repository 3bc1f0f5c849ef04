package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Suspension is a pause: nothing is paid from a period on, until it is lifted.
type Suspension struct {
	From   relief.Period `json:"from"`
	Reason string        `json:"reason"`
	Act    int           `json:"act"`
}

// Suspend has nothing paid from a period on, never one that has passed.
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
		return c, false, relief.FieldErrorf("from", "relief is suspended from this period on or a later one")
	}
	c.Suspended = &Suspension{from, reason, len(c.Acts)}
	c.record(next, relief.ActCaseSuspend, actor)
	return c, true, nil
}

// Resume has relief paid again from a period on, which may be one of the suspended.
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

// Ending is how a case ended (R12).
type Ending struct {
	Reason      roll.ExitReason `json:"reason"`
	On          relief.Day      `json:"on,omitempty"` // of a death
	LastPeriod  relief.Period   `json:"last_period"`
	AppealUntil relief.Day      `json:"appeal_until"`
	Act         int             `json:"act"`
}

// Exit ends a case. The caller ends the entry on the roll with roll.Exit.
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

// Appeal is a refused or exited applicant's appeal: a state of its own with its own deadline (R58).
type Appeal struct {
	SHA256 string        `json:"sha256"` // of what was said, salted
	Due    relief.Day    `json:"due"`
	Act    int           `json:"act"`
	Answer *AppealAnswer `json:"answer,omitempty"`
}

// AppealAnswer is what became of an appeal.
type AppealAnswer struct {
	Upheld bool   `json:"upheld"` // the decision stands
	SHA256 string `json:"sha256"` // of the reasons, salted
	Act    int    `json:"act"`
}

// LodgeAppeal records an appeal, in the days that the decision gave for it.
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
		return c, false, relief.Errorf(relief.CodeLate, "an appeal was possible until %s", until)
	}
	a := Appeal{SHA256: sha256, Due: day.Add(v.AppealDecisionDays), Act: len(c.Acts)}
	c.Appeals = append(slices.Clip(c.Appeals), a)
	c.Due = a.Due
	c.record(next, relief.ActCaseAppeal, actor)
	return c, true, nil
}

// DecideAppeal upholds or reverses what was appealed: by nobody who decided it or had a hand in it. A refusal that is
// reversed is examined again, with a public notice of its own; an exit that is reversed never was.
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
	if !upheld { // the household counts again
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
