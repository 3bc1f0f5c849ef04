package casework

import (
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// ClaimState is how a case's claim on a person stands with another county that knows the person.
type ClaimState string

// The states.
const (
	ClaimPending   ClaimState = "pending"   // the other county has not answered
	ClaimConfirmed ClaimState = "confirmed" // the other county agrees: the person belongs to this household
	ClaimContested ClaimState = "contested" // the other county does not: the case cannot be granted
)

// The acts by which a county answers another county's claim. They change no state of the case.
const (
	ActConfirmClaim relief.Act = "case.confirm_claim"
	ActContestClaim relief.Act = "case.contest_claim"
)

// ContestDays is how long a contest keeps a case from being granted. In that time the two counties agree, or the office above both
// decides one of the cases. A county contests a claim once: nobody is locked out by contests that never end.
const ContestDays = 30

// The limits of claims.
const (
	MaxClaimAnswers = 80  // that a case holds
	MaxPending      = 200 // claims of one official in one day on people whom other counties know
)

// ClaimAnswer is what another county says of a case's claim on a person.
type ClaimAnswer struct {
	Subject relief.SubjectRef `json:"subject"`
	County  relief.Region     `json:"county"`
	State   ClaimState        `json:"state"`
	Act     int               `json:"act"` // the index of the act in the case's history, from 0
}

// ClaimTerms is the input of an answer to a claim: on whom, and for which county the official speaks.
type ClaimTerms struct {
	Subject relief.SubjectRef `json:"subject"`
	County  relief.Region     `json:"county"`
}

// AnswerClaim records that a county confirms or contests a case's claim on a person whom the county knows. The official is
// none who took or prepared the case, nor the one on whose word alone the county knows the person. What an official has said
// whose region covers both counties only such an official changes.
func AnswerClaim(c Case, t ClaimTerms, state ClaimState, v *programme.Version, h *Households, actor relief.Actor) (Case, bool, error) {
	if err := t.validate(&c, actor); err != nil {
		return c, false, err
	}
	act := ActConfirmClaim
	if state == ClaimContested {
		act = ActContestClaim
	}
	last := c.answer(t.Subject, t.County)
	if last != nil && last.State == state && relief.SameOfficial(c.Acts[last.Act].By, actor.By) {
		return c, false, nil
	}
	if !c.Live() {
		return c, false, relief.Errorf(relief.CodeWrongState, "the case is %s and claims nobody", c.State)
	}
	if err := c.requireOther(actor, act, preparing...); err != nil {
		return c, false, err
	}
	if err := c.mayAnswer(last, t, state, actor); err != nil {
		return c, false, err
	}
	if err := h.requireKnown(&c, t, act, v, actor); err != nil {
		return c, false, err
	}
	if err := actor.Follows(c.Acts); err != nil {
		return c, false, err
	}
	c.Answers = append(slices.Clip(c.Answers), ClaimAnswer{t.Subject, t.County, state, len(c.Acts)})
	c.record(c.State, act, actor)
	return c, true, nil
}

func (t *ClaimTerms) validate(c *Case, actor relief.Actor) error {
	switch {
	case t.County == "" || t.County.County() != t.County || t.County == c.Region.County():
		return relief.FieldErrorf("county", "the county must be another one than the case's, six digits")
	case !slices.Contains(c.concerned(), t.Subject):
		return relief.FieldErrorf("subject", "the case claims nobody of this reference")
	}
	return relief.RequireRegion(actor.By, t.County)
}

// mayAnswer refuses a second contest of a county, and an answer that would undo the word of an official over both counties.
func (c *Case) mayAnswer(last *ClaimAnswer, t ClaimTerms, state ClaimState, actor relief.Actor) error {
	if last != nil && c.Acts[last.Act].By.Region.Covers(c.Region) && !actor.By.Region.Covers(c.Region) {
		return relief.Errorf(relief.CodeRegion, "%s, whose region covers both counties, has answered this claim", c.Acts[last.Act].By.Name)
	}
	again := func(a ClaimAnswer) bool {
		return a.Subject == t.Subject && a.County == t.County && a.State == ClaimContested
	}
	if state == ClaimContested && slices.ContainsFunc(c.Answers, again) {
		return relief.Errorf(relief.CodeLate, "county %s has contested this claim: a contest holds for %d days, once", t.County, ContestDays)
	}
	if len(c.Answers) >= MaxClaimAnswers {
		return relief.Errorf(relief.CodeInvalid, "a case has at most %d answers to its claims", MaxClaimAnswers)
	}
	return nil
}

// requireKnown refuses, with NOT_FOUND, a county that does not know the person; with SAME_PERSON an official on whose word
// alone it does.
func (h *Households) requireKnown(c *Case, t ClaimTerms, act relief.Act, v *programme.Version, actor relief.Actor) error {
	found, err := h.ties(t.Subject, v.Rolls(), v.ID, c.ID, actor.At, v.FirstPeriod(relief.DefaultCalendar.Day(actor.At)))
	if err != nil {
		return err
	}
	var own error = relief.Errorf(relief.CodeNotFound, "county %s has no case and no roll entry of this person", t.County)
	for i := range found {
		if found[i].County != t.County {
			continue
		}
		if found[i].decided || found[i].record == nil {
			return nil
		}
		if own = found[i].record.requireOther(actor, act, preparing...); own == nil {
			return nil
		}
	}
	return own
}

// answer is a county's last answer to the claim on a person, nil for none.
func (c *Case) answer(ref relief.SubjectRef, county relief.Region) *ClaimAnswer {
	for i := len(c.Answers) - 1; i >= 0; i-- {
		if a := &c.Answers[i]; a.Subject == ref && a.County == county {
			return a
		}
	}
	return nil
}

// contested reports whether a county contests the claim on a person at a time.
func (c *Case) contested(ref relief.SubjectRef, county relief.Region, at time.Time) bool {
	a := c.answer(ref, county)
	return a != nil && a.State == ClaimContested && daysBetween(c.Acts[a.Act].At, at) < ContestDays
}

// applied reports whether the person of a tie applies as the head of a household in another county, in a case in which two officials
// have had a hand. What one official alone writes down weighs on nobody in another county, nor does a claim that the county which
// asks contests.
func (t *tie) applied(county relief.Region, at time.Time) bool {
	return t.record != nil && t.leads && t.record.byTwo() && !t.record.contested(t.Subject, county, at)
}

// byTwo reports whether another official than the one who took the application has prepared the case.
func (c *Case) byTwo() bool {
	taken := c.Acts[0].By
	return slices.ContainsFunc(c.Acts, func(a relief.HistoryEntry) bool {
		return slices.Contains(preparing, a.Act) && a.By.Region.Covers(c.Region) && !relief.SameOfficial(a.By, taken)
	})
}

// weighs reports whether a tie to another county keeps a case from being granted until that county has confirmed the case's claim.
// What is decided there weighs; for the head of the case, who has come to apply, only relief that excludes the programme
// does. An application there weighs on those whom others name when they lead it. So to be named by somebody elsewhere weighs on
// nobody, and the first who names a person gains nothing by it.
func (t *tie) weighs(c *Case, v *programme.Version, at time.Time) bool {
	named := t.Subject != c.Members[0]
	if t.decided {
		return named || v.RefusesBeside(t.Programme)
	}
	return named && t.applied(c.Region.County(), at)
}

// check looks for other claims on people whom a case is about to claim. It returns DUPLICATE for one in the same county that the
// programme forbids beside it, and for such relief that a person receives elsewhere as the head of a household. It gives the others as
// overlaps: an application elsewhere locks nobody out. Relief of another programme that has ended counts up to its last
// period, since a decision of the day may pay for that period, too. A return to the same programme is the roll's matter.
func (h *Households) check(people []relief.SubjectRef, c *Case, v *programme.Version, at time.Time) ([]Overlap, error) {
	var overlaps []Overlap
	from := v.FirstPeriod(relief.DefaultCalendar.Day(at))
	for _, ref := range people {
		found, err := h.ties(ref, v.Rolls(), v.ID, c.ID, at, from)
		if err != nil {
			return nil, err
		}
		for i := range found {
			t := &found[i]
			here := t.County == c.Region.County()
			if v.RefusesBeside(t.Programme) && (here || t.decided && t.leads) {
				return nil, t.duplicate(c)
			}
			o := t.Overlap
			if !here && t.weighs(c, v, at) {
				o.State = ClaimPending
			}
			overlaps = append(overlaps, o)
		}
	}
	return overlaps, nil
}

// requireFree refuses a decision for people of whom one receives such relief already (R9), with DUPLICATE, or whom another county
// contests or has to confirm, with PENDING. The relief of two households that share a person is then never granted twice: the
// second decision finds the first.
func (h *Households) requireFree(people []relief.SubjectRef, c *Case, v *programme.Version, at time.Time) error {
	return h.requireFreeFrom(people, c, v, at, v.FirstPeriod(relief.DefaultCalendar.Day(at)))
}

// requireFreeFrom is requireFree for relief that begins with a period.
func (h *Households) requireFreeFrom(people []relief.SubjectRef, c *Case, v *programme.Version, at time.Time, from relief.Period) error {
	for _, ref := range people {
		found, err := h.ties(ref, v.Rolls(), v.ID, c.ID, at, from)
		if err != nil {
			return err
		}
		for i := range found {
			t := &found[i]
			if v.RefusesBeside(t.Programme) && (t.decided || t.County == c.Region.County()) {
				return t.duplicate(c)
			}
			if t.County == c.Region.County() {
				continue
			}
			if v.HelpFirst() {
				continue // the other county's word comes with the papers
			}
			a := c.answer(ref, t.County)
			switch {
			case c.contested(ref, t.County, at):
				return t.pending(c, "contests")
			case (a == nil || a.State != ClaimConfirmed) && t.weighs(c, v, at):
				return t.pending(c, "has not confirmed")
			}
		}
	}
	return nil
}

// duplicate refuses a case because of a tie of one of its household.
func (t *tie) duplicate(c *Case) error {
	where := "is on its roll"
	if t.Case != "" {
		where = "is in case " + string(t.Case)
	}
	return &relief.Error{
		Code: relief.CodeDuplicate, Field: "members",
		Detail: t.member(c) + " of the household " + where + " of programme " + string(t.Programme) + " in " + string(t.County),
	}
}

// pending refuses a decision because of what a tie's county says, or has not said, of a claim.
func (t *tie) pending(c *Case, says string) error {
	return &relief.Error{
		Code: relief.CodePending, Field: "members",
		Detail: "county " + string(t.County) + " " + says + " the claim on " + t.member(c) + " of the household, who is in its programme " + string(t.Programme),
	}
}

func (t *tie) member(c *Case) string {
	return "member " + strconv.Itoa(slices.Index(c.Members, t.Subject)+1)
}

// Pending counts the claims of an application that wait for another county, at the time when it was taken.
func (c *Case) Pending() (n int) {
	for i := range c.Overlaps {
		if c.Overlaps[i].State == ClaimPending {
			n++
		}
	}
	return n
}

// CountyClaim is how a case's claims on people stand with one other county that knows some of them.
type CountyClaim struct {
	County relief.Region
	State  ClaimState
}

// ClaimsElsewhere says how a live case's claims stand with other counties, each county once: contested when it contests one, else
// pending when it has not answered one.
func (c *Case) ClaimsElsewhere() []CountyClaim {
	if !c.Live() {
		return nil
	}
	var list []CountyClaim
	weight := map[ClaimState]int{ClaimConfirmed: 0, ClaimPending: 1, ClaimContested: 2}
	add := func(county relief.Region, state ClaimState) {
		i := slices.IndexFunc(list, func(l CountyClaim) bool { return l.County == county })
		if i < 0 {
			list = append(list, CountyClaim{county, state})
		} else if weight[state] > weight[list[i].State] {
			list[i].State = state
		}
	}
	for i := range c.Overlaps {
		if o := &c.Overlaps[i]; o.State != "" && c.answer(o.Subject, o.County) == nil && !c.InForce() {
			add(o.County, o.State)
		}
	}
	for i := range c.Answers {
		if a := &c.Answers[i]; c.answer(a.Subject, a.County) == a {
			add(a.County, a.State)
		}
	}
	return list
}

// PendingCount counts what one official has claimed in one day of people whom other counties know.
type PendingCount struct {
	Claims int `json:"claims"`
}

// Add counts more claims. It refuses, with PENDING, more than MaxPending: nobody alone fills other counties' work lists.
func (p PendingCount) Add(claims int) (PendingCount, error) {
	if p.Claims += claims; p.Claims > MaxPending {
		return p, relief.Errorf(relief.CodePending,
			"an official claims at most %d people of other counties in a day: those counties answer first", MaxPending)
	}
	return p, nil
}
