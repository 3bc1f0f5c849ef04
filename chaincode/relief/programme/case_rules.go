package programme

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// CaseRules are the settings of a programme's version that say how its cases are handled.
type CaseRules struct {
	// DecisionDays is the number of working days for a decision after the notice; ObjectionDays for the answer to an
	// objection, and for a decision after a repeated notice.
	DecisionDays  int `json:"decision_days,omitempty"`
	ObjectionDays int `json:"objection_days,omitempty"`
	// AppealDays is the number of days in which a decision can be appealed; AppealDecisionDays for deciding the appeal.
	AppealDays         int    `json:"appeal_days,omitempty"`
	AppealDecisionDays int    `json:"appeal_decision_days,omitempty"`
	AppealGuide        string `json:"appeal_guide,omitempty"` // tells a refused applicant how to appeal (R58)
	// RecheckMonthsRural replaces RecheckMonths for rural households.
	RecheckMonthsRural map[string]int `json:"recheck_months_rural,omitempty"`
	// RequiredMatches are departments. A decision needs a statement of each about every member of the household (R8),
	// no older than MatchValidDays if that is set.
	RequiredMatches []relief.DepartmentID `json:"required_matches,omitempty"`
	MatchValidDays  int                   `json:"match_valid_days,omitempty"`
	// ClassAmounts is the amount that a class pays for a person and month. Without it a grant may have any amount
	// within the programme's bounds.
	ClassAmounts map[string]relief.Fen `json:"class_amounts,omitempty"`
	// EntitledFrom says whether a decision pays from the next period on or from the period of the decision.
	EntitledFrom EntitledFrom `json:"entitled_from,omitempty"`
	// OverlapRefused are the programmes that exclude this one: an application is refused when a member of the household
	// receives relief from one of them. OverlapFlagged are programmes that the application only notes. The programme
	// itself always excludes a second application (R9).
	OverlapRefused []relief.ProgrammeID `json:"overlap_refused,omitempty"`
	OverlapFlagged []relief.ProgrammeID `json:"overlap_flagged,omitempty"`
	// ExclusionGroups are the groups of programmes in which a person may be on one programme only, whatever its county.
	ExclusionGroups []string `json:"exclusion_groups,omitempty"`
	// ImportUntil is the last day on which a roll can be imported. Afterwards, and without a day, only decisions put people
	// on it.
	ImportUntil relief.Day `json:"import_until,omitempty"`
	// RetentionMonths is how long private details are kept after the last payment and the last decision; 0 for no longer than
	// something needs them.
	RetentionMonths int `json:"retention_months,omitempty"`
}

// EntitledFrom says which period is the first that a decision pays.
type EntitledFrom string

// The first periods.
const (
	FromNextPeriod EntitledFrom = "next_period" // the month after approval
	FromSamePeriod EntitledFrom = "same_period"
)

// setDefaults fills in what the programme leaves out.
func (v *Version) setDefaults() {
	v.CaseRules.setDefaults()
	v.GrantRules.setDefaults(v.Cycle)
	v.RollRules.setDefaults()
}

// setDefaults fills in the usual days of the regulation where the programme names none.
func (p *CaseRules) setDefaults() {
	for _, d := range []struct {
		days  *int
		usual int
	}{{&p.DecisionDays, 3}, {&p.ObjectionDays, 20}, {&p.AppealDays, 60}, {&p.AppealDecisionDays, 60}} {
		if *d.days == 0 {
			*d.days = d.usual
		}
	}
	if p.EntitledFrom == "" {
		p.EntitledFrom = FromNextPeriod
	}
}

// maxRetention is the longest retention of private details, in months.
const maxRetention = 1200

func (v *Version) checkCases() error {
	for _, n := range []int{v.DecisionDays, v.ObjectionDays, v.AppealDays, v.AppealDecisionDays} {
		if n < 1 || n > 365 {
			return relief.FieldErrorf("decision_days", "decisions, objections and appeals have 1 to 365 days")
		}
	}
	switch {
	case v.EntitledFrom != FromNextPeriod && v.EntitledFrom != FromSamePeriod:
		return relief.FieldErrorf("entitled_from", "entitled_from must be next_period or same_period")
	case v.MatchValidDays < 0 || v.MatchValidDays > 3650:
		return relief.FieldErrorf("match_valid_days", "a match is valid for 1 to 3650 days; 0 means that it never expires")
	case len(v.RequiredMatches) > 20 || form.HasDuplicate(v.RequiredMatches):
		return relief.FieldErrorf("required_matches", "a programme requires matches of at most 20 departments, each named once")
	case len(v.OverlapRefused)+len(v.OverlapFlagged) > 20 || form.HasDuplicate(slices.Concat([]relief.ProgrammeID{v.ID}, v.OverlapRefused, v.OverlapFlagged)):
		return relief.FieldErrorf("overlap_refused", "a programme names at most 20 others, each once: refused or flagged")
	case len(v.ExclusionGroups) > maxGroups || form.HasDuplicate(v.ExclusionGroups) || slices.ContainsFunc(v.ExclusionGroups, badGroup):
		return relief.FieldErrorf("exclusion_groups", "a programme is in at most %d groups, each once; a group has 1 to 40 small letters, digits and hyphens", maxGroups)
	case len(v.ClassAmounts) > 26:
		return relief.FieldErrorf("class_amounts", "a programme has at most 26 classes")
	}
	return v.checkClasses()
}

func (v *Version) checkClasses() error {
	if v.RetentionMonths < 0 || v.RetentionMonths > maxRetention {
		return relief.FieldErrorf("retention_months", "private details are kept for 0 to %d months", maxRetention)
	}
	for class, amount := range v.ClassAmounts { // in any order: one bad entry refuses
		if !form.IsClass(class) || amount <= 0 || amount > relief.MaxFen/99 {
			return relief.FieldErrorf("class_amounts", "a class must be one letter A–Z, and its amount above zero")
		}
	}
	if err := checkRecheck("recheck_months_rural", v.RecheckMonthsRural); err != nil {
		return err
	}
	return relief.CheckText("appeal_guide", v.AppealGuide, 0, 500)
}

func checkRecheck(field string, months map[string]int) error {
	for class, n := range months { // in any order: one bad entry refuses
		if !form.IsClass(class) || n < 1 || n > 60 {
			return relief.FieldErrorf(field, "a class must be one letter A–Z, with a re-check every 1 to 60 months")
		}
	}
	return nil
}

// RecheckInterval is the number of months between the re-checks of a class, 0 for none (R11).
func (v *Version) RecheckInterval(class string, s relief.Residence) int {
	if n := v.RecheckMonthsRural[class]; s == relief.Rural && n > 0 {
		return n
	}
	return v.RecheckMonths[class]
}

// FirstPeriod is the first month that a decision of a day pays, also where payment is by the quarter.
func (v *Version) FirstPeriod(decided relief.Day) relief.Period {
	first := relief.MonthPeriod(decided.Month())
	if v.EntitledFrom == FromNextPeriod {
		first = first.Next()
	}
	if first.Before(v.Starts) {
		return v.Starts.Start()
	}
	return first
}

// CaseVersion is a version by its number: 0 for the one in force, or the version under which a case was put on notice
// or reviewed.
func (p *Programme) CaseVersion(number int) (*Version, error) {
	if number == 0 {
		v, err := p.Current()
		if err != nil {
			return nil, err
		}
		number = v.Version.Version
	}
	if number < 1 || number > len(p.Versions) {
		return nil, relief.Errorf(relief.CodeCorrupt, "programme %s has no version %d", p.ID, number)
	}
	v := p.Versions[number-1].Version
	v.setDefaults() // a version older than cases has no case rules
	return &v, nil
}

// RetentionMonths is how many months private details are kept after the last payment and decision, by the version in force or,
// of a programme that has ended, the last that was. Details of earlier versions follow it, too: the law of the day says it.
func (p *Programme) RetentionMonths() int {
	for _, v := range slices.Backward(p.Versions) {
		if v.State != VersionDrafted {
			return v.RetentionMonths
		}
	}
	return 0
}

// Beside lists the keys that an application reads to find the members of its household in other cases and on rolls.
func (v *Version) Beside(members []relief.SubjectRef) []relief.Key {
	var keys []relief.Key
	for _, ref := range members {
		keys = append(keys, relief.MemberKey(ref), relief.LinkedKey(ref))
		for _, p := range v.Rolls() {
			keys = append(keys, relief.RollIndexKey(ref, p))
		}
	}
	return keys
}

// Rolls lists the programmes on whose rolls an application looks for the members of its household.
func (v *Version) Rolls() []relief.ProgrammeID {
	var rolls []relief.ProgrammeID
	if v.Cycle != CycleGrant { // being on the roll of grants says only that there was one
		rolls = append(rolls, v.ID)
	}
	rolls = append(rolls, v.Excluding()...)
	for _, p := range v.OverlapFlagged {
		if !v.RefusesBeside(p) {
			rolls = append(rolls, p)
		}
	}
	return rolls
}

// Excluding lists the other programmes that exclude this one: those that the version names, and those of its groups.
func (v *Version) Excluding() []relief.ProgrammeID {
	return slices.Concat(v.OverlapRefused, v.inGroups)
}

// RefusesBeside reports whether a household cannot receive relief from this programme beside another one. Of the programme itself
// it receives one relief at a time, and single grants as often as the programme says.
func (v *Version) RefusesBeside(p relief.ProgrammeID) bool {
	return p == v.ID && v.Cycle != CycleGrant || slices.Contains(v.OverlapRefused, p) || slices.Contains(v.inGroups, p)
}
