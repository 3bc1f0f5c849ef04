package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// TermsReason says why terms change for months that are over.
type TermsReason string

// The reasons.
const (
	ReasonStandard   TermsReason = "standard"   // a raised standard
	ReasonClass      TermsReason = "class"      // a corrected class
	ReasonHousehold  TermsReason = "household"  // the household was larger or smaller
	ReasonAppeal     TermsReason = "appeal"     // an appeal was right
	ReasonCorrection TermsReason = "correction" // any other slip
)

// TermsReasons lists the reasons.
var TermsReasons = []TermsReason{ReasonStandard, ReasonClass, ReasonHousehold, ReasonAppeal, ReasonCorrection}

const (
	// MaxMonthsBack is how far terms may reach into the past.
	MaxMonthsBack = 36
	// maxMonthsAhead is how far ahead terms may be known.
	maxMonthsAhead = 12
	maxDocument    = 100
)

// Terms are the new terms of a change of that kind.
func (t *ChangeTerms) Terms() Terms {
	return Terms{Class: t.Class, Persons: t.Persons, Amount: t.Amount}
}

// CheckFirstMonth refuses a first month of terms that lies too far back or ahead, and one of the past without a reason and the
// number of a paper.
func CheckFirstMonth(from relief.Period, reason TermsReason, document string, today relief.Day) error {
	if err := checkMonthsAway(from, today); err != nil {
		return err
	}
	now := today.Month()
	switch {
	case reason == "" && from.FirstMonth() < now:
		return relief.FieldErrorf("reason", "a month of the past needs a reason: standard, class, household, appeal or correction")
	case reason != "" && !slices.Contains(TermsReasons, reason):
		return relief.FieldErrorf("reason", "the reason is standard, class, household, appeal or correction")
	}
	least := 0
	if from.FirstMonth() < now {
		least = 1
	}
	return relief.CheckText("document", document, least, maxDocument)
}

// checkMonthsAway refuses a first month of terms or of a residence that lies too far back or ahead.
func checkMonthsAway(from relief.Period, today relief.Day) error {
	if err := checkMonth("from", from); err != nil {
		return err
	}
	switch now := today.Month(); {
	case from.FirstMonth() < now-MaxMonthsBack:
		return relief.FieldErrorf("from", "an entry changes from %s on at the earliest: %d months back", relief.MonthPeriod(now-MaxMonthsBack), MaxMonthsBack)
	case from.FirstMonth() > now+maxMonthsAhead:
		return relief.FieldErrorf("from", "an entry changes from %s on at the latest", relief.MonthPeriod(now+maxMonthsAhead))
	}
	return nil
}

// checkTerms refuses terms that cannot take effect on the entry as it is, or that it has already. FitTerms compares them with the
// programme.
func (t *ChangeTerms) checkTerms(part *Part, slot int, today relief.Day) error {
	if err := CheckFirstMonth(t.From, TermsReason(t.Reason), t.Document, today); err != nil {
		return err
	}
	terms := t.Terms()
	if err := terms.checkForm(); err != nil {
		return err
	}
	after, err := SetTerms(part.Segment, slot, terms, t.From)
	if err == nil && after.SameEntry(part.Segment, slot) {
		err = relief.FieldErrorf("amount", "the entry has these terms from %s on already", t.From)
	}
	return err
}

// FitTerms refuses terms that the programme does not allow for their first month, or that are for more people than the household
// has. p is the entry's programme.
func (t *ChangeTerms) FitTerms(p *programme.Programme, members int) error {
	if t.Kind != ChangeGrant {
		return nil
	}
	v, err := p.VersionFor(t.From)
	if err != nil {
		return err
	}
	terms := t.Terms()
	return terms.Fit(v, members)
}
