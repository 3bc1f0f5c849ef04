package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Notice is one public notice (公示, R16). Until the decision the public may object to the terms that the household
// would get.
type Notice struct {
	Terms  roll.Terms `json:"terms"`
	Opened time.Time  `json:"opened"`
	Closes time.Time  `json:"closes"`
	Act    int        `json:"act"`
}

// OpenNotice puts a case on public notice for the programme's days, and again after an objection was answered. No act
// closes a notice early. v is the programme's version in force.
func OpenNotice(c Case, v *programme.Version, p programme.Parameters, cal *relief.Calendar, t roll.Terms, actor relief.Actor) (Case, bool, error) {
	same := func() bool { return c.Terms == t }
	next, repeated, err := c.step(relief.ActCaseNotice, relief.ActCaseNotice, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if c.Grant != nil {
		return c.noticeAfter(next, v, p, t, actor)
	}
	if err := t.Fit(v, len(c.Members)); err != nil {
		return c, false, err
	}
	if err := c.requireEvidence(v); err != nil {
		return c, false, err
	}
	if err := c.requireMatches(v, c.Members, actor.At, true); err != nil {
		return c, false, err
	}
	if len(c.Notices) >= MaxNotices {
		return c, false, relief.Errorf(relief.CodeInvalid, "a case has at most %d notices", MaxNotices)
	}
	n := c.newNotice(v, p, t, actor)
	days := v.DecisionDays
	if c.objectedSince() {
		days = v.ObjectionDays
	}
	c.Version, c.Terms, c.Due = v.Version, t, cal.AddWorkdays(cal.Day(n.Closes), days)
	c.Notices = append(slices.Clip(c.Notices), n)
	c.record(next, relief.ActCaseNotice, actor)
	return c, true, nil
}

// newNotice is a notice that begins now.
func (c *Case) newNotice(v *programme.Version, p programme.Parameters, t roll.Terms, actor relief.Actor) Notice {
	opened := actor.At.UTC().Truncate(time.Millisecond)
	return Notice{t, opened, opened.Add(time.Duration(p.NoticeDays(v)) * 24 * time.Hour), len(c.Acts)}
}

// noticeAfter opens the notice that follows a decision which came first. No decision waits for it.
func (c Case) noticeAfter(
	next CaseState, v *programme.Version, p programme.Parameters, t roll.Terms, actor relief.Actor,
) (Case, bool, error) {
	n := c.newNotice(v, p, t, actor)
	if err := n.mayFollow(&c); err != nil {
		return c, false, err
	}
	c.Notices = append(slices.Clip(c.Notices), n)
	c.record(next, relief.ActCaseNotice, actor)
	return c, true, nil
}

// objectedSince reports whether there was an objection since the examination of the case last began.
func (c *Case) objectedSince() bool {
	for i := len(c.Acts) - 1; i >= 0; i-- {
		switch c.Acts[i].Act {
		case relief.ActCaseObject:
			return true
		case relief.ActCaseApply, relief.ActCaseDecideAppeal:
			return false
		}
	}
	return false
}

// PublicNotice is the last notice of a case that the public may object to, nil for none.
func (c *Case) PublicNotice() *Notice {
	if n := len(c.Notices); n > 0 && (c.State == CaseNoticed || c.State == CaseObjected || c.State == CaseGranted) {
		return &c.Notices[n-1]
	}
	return nil
}

// requireNoticeOver refuses, with NOTICE, a decision before the last notice is over.
func (c *Case) requireNoticeOver(at time.Time) error {
	if len(c.Notices) == 0 {
		return relief.Errorf(relief.CodeNotice, "the case was never on public notice")
	}
	if closes := c.Notices[len(c.Notices)-1].Closes; at.Before(closes) {
		return relief.Errorf(relief.CodeNotice, "the public notice lasts until %s", closes.Format(time.RFC3339))
	}
	return nil
}

// ObjectionChannel says how the public objected (R17, R27).
type ObjectionChannel string

var objectionChannels = []ObjectionChannel{"hotline", "letter", "in-person", "online"}

// Objection is what a member of the public says against a notice. The decision waits until the objection is answered.
type Objection struct {
	Channel ObjectionChannel `json:"channel"`
	SHA256  string           `json:"sha256"` // salted, of the text of the objection
	Act     int              `json:"act"`
	Answer  *ObjectionAnswer `json:"answer,omitempty"`
}

// ObjectionAnswer is the official answer to an objection.
type ObjectionAnswer struct {
	Founded bool   `json:"founded"`
	SHA256  string `json:"sha256"` // salted, of the official's account
	Act     int    `json:"act"`
}

// Object records an objection against a notice.
func Object(c Case, v *programme.Version, cal *relief.Calendar, channel ObjectionChannel, sha256 string, actor relief.Actor) (Case, bool, error) {
	if !slices.Contains(objectionChannels, channel) {
		return c, false, relief.FieldErrorf("channel", "the channel must be hotline, letter, in-person or online")
	}
	if !form.IsSHA256(sha256) {
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	if slices.ContainsFunc(c.Objections, func(o Objection) bool { return o.SHA256 == sha256 && o.Channel == channel }) {
		return c, false, relief.RequireRegion(actor.By, c.Region)
	}
	next, _, err := c.step(relief.ActCaseObject, relief.ActCaseObject, actor, nil)
	if err != nil {
		return c, false, err
	}
	if len(c.Objections) >= MaxObjections {
		return c, false, relief.Errorf(relief.CodeInvalid, "a case has at most %d objections", MaxObjections)
	}
	c.Objections = append(slices.Clip(c.Objections), Objection{Channel: channel, SHA256: sha256, Act: len(c.Acts)})
	c.Due = cal.AddWorkdays(cal.Day(actor.At), v.ObjectionDays)
	c.record(next, relief.ActCaseObject, actor)
	return c, true, nil
}

// AnswerObjection records the answer to an objection; n is its index among the case's objections. After the last answer
// the case may go on notice again.
func AnswerObjection(c Case, n int, founded bool, sha256 string, actor relief.Actor) (Case, bool, error) {
	if err := relief.RequireRegion(actor.By, c.Region); err != nil {
		return c, false, err
	}
	if n < 0 || n >= len(c.Objections) {
		return c, false, relief.FieldErrorf("objection", "the case has %d objections, counted from 0", len(c.Objections))
	}
	if !form.IsSHA256(sha256) {
		return c, false, relief.FieldErrorf("sha256", "a SHA-256 is 64 hexadecimal digits in small letters")
	}
	old := c.Objections[n].Answer
	same := func() bool { return old != nil && old.Founded == founded && old.SHA256 == sha256 }
	act := actAnswerLast
	for i, o := range c.Objections {
		if i != n && o.Answer == nil {
			act = relief.ActCaseAnswer
		}
	}
	next, repeated, err := c.step(act, relief.ActCaseAnswer, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if old != nil {
		return c, false, relief.Errorf(relief.CodeConflict, "objection %d is answered already", n)
	}
	c.Objections = slices.Clone(c.Objections)
	c.Objections[n].Answer = &ObjectionAnswer{founded, sha256, len(c.Acts)}
	if act == actAnswerLast && c.Grant != nil {
		c.Due = "" // no decision follows
	}
	c.record(next, relief.ActCaseAnswer, actor)
	return c, true, nil
}
