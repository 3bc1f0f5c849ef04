package relief

import "slices"

// Suspension is a pause: nothing is paid from a period on, until it is lifted.
type Suspension struct {
	From   Period `json:"from"`
	Reason string `json:"reason"`
	Act    int    `json:"act"`
}

// Suspend has nothing paid from a period on, never one that has passed.
func Suspend(c Case, cal *Calendar, from Period, reason string, s Stamp) (Case, bool, error) {
	if err := cleanText("reason", reason, 1, 200); err != nil {
		return c, false, err
	}
	same := func() bool { return c.Suspended != nil && c.Suspended.From == from && c.Suspended.Reason == reason }
	next, repeated, err := c.step(ActCaseSuspend, ActCaseSuspend, s, same)
	if err != nil || repeated {
		return c, false, err
	}
	if from.IsZero() || from.LastMonth() < cal.Day(s.At).month() {
		return c, false, FieldErrorf("from", "relief is suspended from this period on or a later one")
	}
	c.Suspended = &Suspension{from, reason, len(c.Acts)}
	c.record(next, ActCaseSuspend, s)
	return c, true, nil
}

// Resume has relief paid again from a period on, which may be one of the suspended.
func Resume(c Case, from Period, s Stamp) (Case, bool, error) {
	next, repeated, err := c.step(ActCaseResume, ActCaseResume, s, always)
	if err != nil || repeated {
		return c, false, err
	}
	if from.IsZero() {
		return c, false, FieldErrorf("from", "the period from which relief is paid again is missing")
	}
	c.Suspended = nil
	c.record(next, ActCaseResume, s)
	return c, true, nil
}

// Ending is how a case ended (R12).
type Ending struct {
	Reason      ExitReason `json:"reason"`
	On          Day        `json:"on,omitempty"` // of a death
	LastPeriod  Period     `json:"last_period"`
	AppealUntil Day        `json:"appeal_until"`
	Act         int        `json:"act"`
}

// ExitDeath is the reason that has a date.
const ExitDeath ExitReason = "death"

func (r ExitReason) known() bool { return r != "" && slices.Contains(exitReasons, r) }

// LastPeriodOf is the last period of entitlement of whoever died on a day: nothing is paid for later ones.
func LastPeriodOf(died Day, quarterly bool) Period {
	if quarterly {
		return quarterOf(died.month())
	}
	return MonthPeriod(died.month())
}

// LastPeriod settles an exit's last period: the one given, or the one of the day of a death.
func LastPeriod(reason ExitReason, died Day, given Period, quarterly bool, cal *Calendar, s Stamp) (Period, error) {
	switch {
	case died == "":
		return given, nil
	case reason != ExitDeath:
		return given, FieldErrorf("died_on", "only a death has a day")
	case died > cal.Day(s.At):
		return given, FieldErrorf("died_on", "the day lies in the future")
	}
	last := LastPeriodOf(died, quarterly)
	if given.IsZero() || given == last {
		return last, nil
	}
	return given, FieldErrorf("last_period", "whoever died on that day is entitled until %s", last)
}

// Exit ends a case. The roll is told by ExitRoll.
func Exit(c Case, v *Version, cal *Calendar, reason ExitReason, died Day, last Period, s Stamp) (Case, bool, error) {
	same := func() bool {
		return c.Ended != nil && c.Ended.Reason == reason && c.Ended.LastPeriod == last && c.Ended.On == died
	}
	next, repeated, err := c.step(ActCaseExit, ActCaseExit, s, same)
	if err != nil || repeated {
		return c, false, err
	}
	c.end(reason, died, last, v, cal, s)
	c.record(next, ActCaseExit, s)
	return c, true, nil
}

func (c *Case) end(reason ExitReason, died Day, last Period, v *Version, cal *Calendar, s Stamp) {
	c.Ended = &Ending{reason, died, last, cal.Day(s.At).Add(v.AppealDays), len(c.Acts)}
	c.Review, c.Suspended, c.Due, c.RecheckOn = nil, nil, "", ""
}

// Appeal is a refused or exited applicant's appeal: a state of its own with its own deadline (R58).
type Appeal struct {
	SHA256 string        `json:"sha256"` // of what was said, salted
	Due    Day           `json:"due"`
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
func LodgeAppeal(c Case, v *Version, cal *Calendar, sha256 string, s Stamp) (Case, bool, error) {
	if !isSHA256(sha256) {
		return c, false, FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	same := func() bool { return len(c.Appeals) > 0 && c.Appeals[len(c.Appeals)-1].SHA256 == sha256 }
	next, repeated, err := c.step(ActCaseAppeal, ActCaseAppeal, s, same)
	if err != nil || repeated {
		return c, false, err
	}
	day, until := cal.Day(s.At), Day("")
	if c.State == CaseExited {
		until = c.Ended.AppealUntil
	} else {
		until = c.Decision.AppealUntil
	}
	if day > until {
		return c, false, Errorf(CodeLate, "an appeal was possible until %s", until)
	}
	a := Appeal{SHA256: sha256, Due: day.Add(v.AppealDecisionDays), Act: len(c.Acts)}
	c.Appeals = append(slices.Clip(c.Appeals), a)
	c.Due = a.Due
	c.record(next, ActCaseAppeal, s)
	return c, true, nil
}

// DecideAppeal upholds or reverses what was appealed: by nobody who decided it or had a hand in it. A refusal that is
// reversed is examined again, with a public notice of its own; an exit that is reversed never was.
func DecideAppeal(c Case, v *Version, h *Households, upheld bool, sha256 string, s Stamp) (Case, bool, error) {
	if !isSHA256(sha256) {
		return c, false, FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	n := len(c.Appeals) - 1
	same := func() bool {
		return n >= 0 && c.Appeals[n].Answer != nil && c.Appeals[n].Answer.Upheld == upheld && c.Appeals[n].Answer.SHA256 == sha256
	}
	act := actReverse
	if upheld {
		act = actUphold
	}
	next, repeated, err := c.step(act, ActCaseDecideAppeal, s, same)
	if err != nil || repeated {
		return c, false, err
	}
	others := append([]Act{ActCaseDecide, ActCaseConfirm, ActCaseExit}, preparing...)
	if err := c.requireOther(s, ActCaseDecideAppeal, others...); err != nil {
		return c, false, err
	}
	if !upheld { // the household counts again
		if _, err := h.check(c.Members, v, c.ID, s.At); err != nil {
			return c, false, err
		}
		c.Ended = nil
	}
	c.Appeals = slices.Clone(c.Appeals)
	c.Appeals[n].Answer = &AppealAnswer{upheld, sha256, len(c.Acts)}
	c.Due = ""
	c.record(next, ActCaseDecideAppeal, s)
	return c, true, nil
}
