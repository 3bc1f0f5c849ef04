package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// SingleGrant is what a case of a programme of single grants has of its grant (一次性救助): which payment it is, and what is
// still to come when the decision came first.
type SingleGrant struct {
	Payment relief.PaymentID `json:"payment,omitzero"`
	// Township says that a township decided, ConfirmDue until which day the county confirms that.
	Township   bool          `json:"township,omitempty"`
	ConfirmDue relief.Day    `json:"confirm_due,omitempty"`
	Confirmed  *Confirmation `json:"confirmed,omitempty"`
	// PapersDue is the day until which the papers follow a decision that came first.
	PapersDue relief.Day `json:"papers_due,omitempty"`
	Papers    *Papers    `json:"papers,omitempty"`
}

// GrantTerms are the input of a decision on a single grant.
type GrantTerms struct {
	// Amount is what is granted, 0 for what was on notice or, where help comes first, what was applied for.
	Amount relief.Fen `json:"amount,omitempty"`
}

// GrantedBefore are the grants that a person has had from the programme, under each reference of theirs.
type GrantedBefore []GrantRecord

// GrantRecord holds the grants of one reference from one programme, the oldest first.
type GrantRecord struct {
	Grants []GrantEntry `json:"grants"`
}

// GrantEntry is one grant of a record.
type GrantEntry struct {
	Case    relief.CaseID    `json:"case"`
	On      relief.Day       `json:"on"` // the day of the decision
	Payment relief.PaymentID `json:"payment"`
	Amount  relief.Fen       `json:"amount"`
}

// keepGrants is for how many months a record holds a grant: a payment of an earlier period is listed at most 36 periods later.
const keepGrants = 37

// With is the record with another grant, without those that nothing asks for any more.
func (r GrantRecord) With(e GrantEntry) GrantRecord {
	oldest := e.On.AddMonths(-keepGrants)
	kept := slices.DeleteFunc(slices.Clone(r.Grants), func(old GrantEntry) bool { return old.On <= oldest })
	return GrantRecord{append(kept, e)}
}

// Without is the record without a case's grant, which was revoked.
func (r GrantRecord) Without(id relief.CaseID) GrantRecord {
	return GrantRecord{slices.DeleteFunc(slices.Clone(r.Grants), func(e GrantEntry) bool { return e.Case == id })}
}

// sumOfYear is the sum of the grants in the twelve months that end with a day: one of the same day a year before is over.
func (g GrantedBefore) sumOfYear(day relief.Day) (sum relief.Fen) {
	before := day.AddMonths(-12)
	for _, r := range g {
		for i := range r.Grants {
			if r.Grants[i].On > before {
				sum += r.Grants[i].Amount
			}
		}
	}
	return sum
}

// requireRoom refuses, with DUPLICATE, a grant beyond those that a person may have for a month.
func (g GrantedBefore) requireRoom(v *programme.Version, period relief.Period) error {
	n, last := 0, relief.CaseID("")
	for _, r := range g {
		for i := range r.Grants {
			if r.Grants[i].Payment.Period == period {
				n, last = n+1, r.Grants[i].Case
			}
		}
	}
	if n < v.GrantsAMonth {
		return nil
	}
	return relief.Errorf(relief.CodeDuplicate,
		"该对象 %s 已获 %d 次救助（最近为 %s），项目每月最多 %d 次 · the person has %d grants for %s, the last one in case %s; the programme allows %d a month",
		period, n, last, v.GrantsAMonth, n, period, last, v.GrantsAMonth)
}

// The outcomes of a decision in the transition table, after the act.
const (
	outcomeRefuse    = "refuse"
	outcomeSingle    = "single grant"
	outcomeHelpFirst = "help first"
)

// row is an act with its outcome, as the transition table has it.
func row(act relief.Act, outcome string) relief.Act {
	return act + relief.Act(" ("+outcome+")")
}

// GrantOnce decides a single grant of a programme of grants. On papers and a notice that is over, it grants what the notice
// said; where help comes first, it grants at once what the decision says, and the papers follow. The case ends with it: the person
// may apply again. before are the person's earlier grants. The caller puts the person on the roll and makes the payment.
func GrantOnce(
	c Case, v *programme.Version, cal *relief.Calendar, h *Households, t GrantTerms, before GrantedBefore, actor relief.Actor,
) (Case, bool, error) {
	return c.grantOnce(relief.ActCaseDecide, v, cal, h, t, before, actor)
}

func (c Case) grantOnce(
	duty relief.Act, v *programme.Version, cal *relief.Calendar, h *Households, t GrantTerms, before GrantedBefore, actor relief.Actor,
) (Case, bool, error) {
	first := v.HelpFirst() && c.State == CaseApplied
	complete := !first || c.papersComplete(v, actor.At)
	outcome := singleOutcome(v, first, complete)
	same := func() bool { return c.Grant != nil && (t.Amount == 0 || t.Amount == c.Terms.Amount) }
	next, repeated, err := c.step(row(duty, outcome), duty, actor, same)
	if err != nil || repeated {
		return c, false, err
	}
	if err := c.requireSecond(duty, v, actor); err != nil {
		return c, false, err
	}
	if c.Terms, err = c.grantTerms(v, t, first); err != nil {
		return c, false, err
	}
	if err := c.mayGrantOnce(v, h, first, actor); err != nil {
		return c, false, err
	}
	day := cal.Day(actor.At)
	period := v.FirstPeriod(day)
	if err := before.requireRoom(v, period); err != nil {
		return c, false, err
	}
	g, err := c.singleGrant(duty, v, cal, before, day)
	if err != nil {
		return c, false, err
	}
	if first {
		g.askPapers(cal.AddWorkdays(day, v.PapersWorkdays), day, complete, len(c.Acts))
	}
	c.Decision = &Decision{Outcome: Granted, From: period, Until: period, Late: c.Due != "" && day > c.Due, Act: len(c.Acts)}
	c.Grant, c.Version, c.Due, c.RecheckOn = g, v.Version, "", ""
	c.record(next, duty, actor)
	return c, true, nil
}

// singleOutcome says whether a grant ends the case at once, or papers or a notice follow.
func singleOutcome(v *programme.Version, first, complete bool) string {
	if !complete || first && v.NoticeDays > 0 {
		return outcomeHelpFirst
	}
	return outcomeSingle
}

// askPapers says when the papers of help that came first are due, and that they are there if they are.
func (g *SingleGrant) askPapers(due, day relief.Day, complete bool, act int) {
	g.PapersDue = due
	if complete {
		g.Papers = &Papers{On: day, Act: act}
	}
}

// requireSecond refuses whoever prepared the case. Where the county confirms, a township's official may decide alone.
func (c *Case) requireSecond(duty relief.Act, v *programme.Version, actor relief.Actor) error {
	if duty == relief.ActCaseDecideTownship && v.Township.By != programme.TownshipTwo {
		return nil
	}
	return c.requireOther(actor, duty, preparing...)
}

// singleGrant is a grant decided on a day, within a township's limits if a township decides.
func (c *Case) singleGrant(
	duty relief.Act, v *programme.Version, cal *relief.Calendar, before GrantedBefore, day relief.Day,
) (*SingleGrant, error) {
	g := &SingleGrant{Township: duty == relief.ActCaseDecideTownship}
	if !g.Township {
		return g, nil
	}
	if err := mayDecide(v.Township, c.Terms.Amount, before.sumOfYear(day)); err != nil {
		return nil, err
	}
	if v.Township.By == programme.TownshipCountyConfirms {
		g.ConfirmDue = cal.AddWorkdays(day, v.Township.ConfirmWorkdays)
	}
	return g, nil
}

// grantTerms are what a decision grants: what was on notice, or what the decision says.
func (c *Case) grantTerms(v *programme.Version, t GrantTerms, first bool) (roll.Terms, error) {
	if !first {
		if t.Amount != 0 && t.Amount != c.Terms.Amount {
			return c.Terms, relief.FieldErrorf("amount", "公示金额为 %s，决定不能更改 · the notice said %s: a decision grants that", c.Terms.Amount, c.Terms.Amount)
		}
		return c.Terms, nil
	}
	terms := roll.Terms{Class: "A", Persons: uint8(len(c.Members)), Amount: t.Amount} //nolint:gosec // at most MaxMembers
	if v.Unit == programme.UnitPerson {
		terms.Persons = 1
	}
	if t.Amount == 0 {
		terms.Amount = c.Asked
	}
	if terms.Amount == 0 {
		return terms, relief.FieldErrorf("amount", "the amount is missing: neither the application nor the decision has one")
	}
	return terms, terms.Fit(v, len(c.Members))
}

// mayGrantOnce refuses a grant that the rules of all decisions do not allow. Where help comes first, nothing that may still come
// holds it up, but an adverse finding and other relief do.
func (c *Case) mayGrantOnce(v *programme.Version, h *Households, first bool, actor relief.Actor) error {
	if first {
		if err := c.requireAnswered(c.Members, true); err != nil {
			return err
		}
		return h.requireFree(c.Members, c, v, actor.At)
	}
	if err := c.requireEvidence(v); err != nil {
		return err
	}
	if err := c.requireMatches(v, c.Members, actor.At, true); err != nil {
		return err
	}
	if err := c.requireNoticeOver(actor.At); err != nil {
		return err
	}
	return h.requireFree(c.Members, c, v, actor.At)
}

// Paid is the case with the payment that its grant is.
func (c Case) Paid(id relief.PaymentID) Case {
	g := *c.Grant
	g.Payment = id
	c.Grant, c.Roll = &g, &roll.Number{County: id.County, Number: id.Number}
	return c
}

// Entry is the case's grant as the person's record holds it.
func (c *Case) Entry(on relief.Day) GrantEntry {
	return GrantEntry{Case: c.ID, On: on, Payment: c.Grant.Payment, Amount: c.Terms.Amount}
}

// EnrolForGrant gives the person of a granted case a number on the roll, or finds the one that they have: see roll.EnrolForGrant.
func EnrolForGrant(c *Case, part roll.Part, current *roll.IndexEntry) (roll.Part, roll.IndexEntry, error) {
	in := roll.Input{Ref: c.Head(), Region: c.Region, Persons: c.Terms.Persons, Class: c.Terms.Class[0], Payee: c.Payee}
	after, entry, code := roll.EnrolForGrant(part, &in, c.Decision.From, current)
	if err := enrolRefusal(code, &part); err != nil {
		return part, roll.IndexEntry{}, err
	}
	if !entry.SameDetails(current) {
		entry.Case = c.ID
	}
	return after, *entry, nil
}
