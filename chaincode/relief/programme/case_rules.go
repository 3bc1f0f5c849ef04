package programme

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// CaseRules is how a programme's cases are handled: what practice varies, as settings of the programme's version.
type CaseRules struct {
	// DecisionDays are the working days for a decision after the notice, ObjectionDays those for the answer to an
	// objection and for a decision after a repeated notice.
	DecisionDays  int `json:"decision_days,omitempty"`
	ObjectionDays int `json:"objection_days,omitempty"`
	// AppealDays are the days in which a decision can be appealed, AppealDecisionDays those for deciding the appeal.
	AppealDays         int    `json:"appeal_days,omitempty"`
	AppealDecisionDays int    `json:"appeal_decision_days,omitempty"`
	AppealGuide        string `json:"appeal_guide,omitempty"` // how to appeal, for whoever is refused (R58)
	// RecheckMonthsRural stand in place of RecheckMonths for rural households.
	RecheckMonthsRural map[string]int `json:"recheck_months_rural,omitempty"`
	// RequiredMatches are the sources whose statement about every member of the household a decision needs (R8), no
	// older than MatchValidDays if that is set.
	RequiredMatches []relief.DepartmentID `json:"required_matches,omitempty"`
	MatchValidDays  int                   `json:"match_valid_days,omitempty"`
	// ClassAmounts are what a class pays a person and month. Without them a grant's amount is free within the bounds.
	ClassAmounts map[string]relief.Fen `json:"class_amounts,omitempty"`
	// EntitledFrom says whether a decision gives money from the next period on or from that of the decision.
	EntitledFrom EntitledFrom `json:"entitled_from,omitempty"`
	// OverlapRefused are programmes beside which nobody of a household can be helped by this one, OverlapFlagged those
	// of which the application takes note. The programme itself is always refused (R9).
	OverlapRefused []relief.ProgrammeID `json:"overlap_refused,omitempty"`
	OverlapFlagged []relief.ProgrammeID `json:"overlap_flagged,omitempty"`
	// ImportUntil is the last day on which a roll can be imported: afterwards only decisions put people on it.
	ImportUntil relief.Day `json:"import_until,omitempty"`
}

// EntitledFrom says which period is the first one that a decision pays.
type EntitledFrom string

// The first periods.
const (
	FromNextPeriod EntitledFrom = "next_period" // the month after approval
	FromSamePeriod EntitledFrom = "same_period"
)

// setDefaults are what the regulation's practice says where a programme does not.
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

func (v *Version) checkCases() error {
	for _, n := range []int{v.DecisionDays, v.ObjectionDays, v.AppealDays, v.AppealDecisionDays} {
		if n < 1 || n > 365 {
			return relief.FieldErrorf("decision_days", "decisions, objections and appeals have 1 to 365 days")
		}
	}
	switch {
	case v.EntitledFrom != FromNextPeriod && v.EntitledFrom != FromSamePeriod:
		return relief.FieldErrorf("entitled_from", "money is given from next_period or same_period")
	case v.MatchValidDays < 0 || v.MatchValidDays > 3650:
		return relief.FieldErrorf("match_valid_days", "a match is valid for 1 to 3650 days, or 0 for ever")
	case len(v.RequiredMatches) > 20 || form.HasDuplicate(v.RequiredMatches):
		return relief.FieldErrorf("required_matches", "a programme requires at most 20 sources, each once")
	case len(v.OverlapRefused)+len(v.OverlapFlagged) > 20 || form.HasDuplicate(slices.Concat([]relief.ProgrammeID{v.ID}, v.OverlapRefused, v.OverlapFlagged)):
		return relief.FieldErrorf("overlap_refused", "a programme looks at up to 20 others, each refused or flagged")
	case len(v.ClassAmounts) > 26:
		return relief.FieldErrorf("class_amounts", "a programme has at most 26 classes")
	}
	return v.checkClasses()
}

func (v *Version) checkClasses() error {
	for class, amount := range v.ClassAmounts { // order does not matter: any bad one refuses
		if !form.IsClass(class) || amount <= 0 || amount > relief.MaxFen/99 {
			return relief.FieldErrorf("class_amounts", "a class is one letter A–Z, its amount above zero")
		}
	}
	if err := checkRecheck("recheck_months_rural", v.RecheckMonthsRural); err != nil {
		return err
	}
	return relief.CheckText("appeal_guide", v.AppealGuide, 0, 500)
}

func checkRecheck(field string, months map[string]int) error {
	for class, n := range months { // order does not matter: any bad one refuses
		if !form.IsClass(class) || n < 1 || n > 60 {
			return relief.FieldErrorf(field, "a class is one letter A–Z, its re-check every 1 to 60 months")
		}
	}
	return nil
}

// RecheckInterval is how often a class is checked again, 0 for never (R11).
func (v *Version) RecheckInterval(class string, s relief.Residence) int {
	if n := v.RecheckMonthsRural[class]; s == relief.Rural && n > 0 {
		return n
	}
	return v.RecheckMonths[class]
}

// FirstPeriod is the first period that a decision of a day gives money for.
func (v *Version) FirstPeriod(decided relief.Day) relief.Period {
	month := decided.Month()
	this := relief.MonthPeriod(month)
	if v.Cycle == CycleQuarterly {
		this = relief.QuarterOf(month)
	}
	if v.EntitledFrom == FromNextPeriod {
		month = this.LastMonth() + 1
		this = relief.MonthPeriod(month)
		if v.Cycle == CycleQuarterly {
			this = relief.QuarterOf(month)
		}
	}
	if this.Before(v.Starts) {
		return v.Starts
	}
	return this
}

// Parameters are fixed by the founding of the registry and never change.
type Parameters struct {
	// MinNoticeDays is the least that a programme's public notice may last. 0 is for networks of tests.
	MinNoticeDays int `json:"min_notice_days"`
}

// DefaultParameters hold where the founding named none.
var DefaultParameters = Parameters{MinNoticeDays: 7}

// Allowed reports whether a founding may say so. Nothing lies between the regulation's days (R16) and none.
func (p Parameters) Allowed() bool {
	return p.MinNoticeDays == 0 || p.MinNoticeDays >= DefaultParameters.MinNoticeDays && p.MinNoticeDays <= 60
}

// AllowNotice refuses a version whose public notice is shorter than the ledger's bound (R16).
func (p Parameters) AllowNotice(v *Version) error {
	if v.NoticeDays < p.MinNoticeDays {
		return relief.FieldErrorf("notice_days", "the public notice lasts at least %d days on this ledger", p.MinNoticeDays)
	}
	return nil
}

// NoticeDays is how long a notice lasts: the programme's days, and never less than the ledger's bound.
func (p Parameters) NoticeDays(v *Version) int { return max(v.NoticeDays, p.MinNoticeDays) }

// CaseVersion is the version that cases are handled under: the one in force for 0, or an earlier one that a case was
// noticed or reviewed under.
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
	v.setDefaults() // a version of before cases were kept has none
	return &v, nil
}

// Beside are the keys that an application reads to find its household elsewhere.
func (v *Version) Beside(members []relief.SubjectRef) []relief.Key {
	var keys []relief.Key
	for _, ref := range members {
		keys = append(keys, relief.MemberKey(ref))
		for _, p := range v.Rolls() {
			keys = append(keys, relief.RollIndexKey(ref, p))
		}
	}
	return keys
}

// Rolls are the programmes on whose rolls an application looks for the members.
func (v *Version) Rolls() []relief.ProgrammeID {
	return append(append([]relief.ProgrammeID{v.ID}, v.OverlapRefused...), v.OverlapFlagged...)
}

func (v *Version) RefusesBeside(p relief.ProgrammeID) bool {
	if p == v.ID {
		return true
	}
	for _, other := range v.OverlapRefused {
		if other == p {
			return true
		}
	}
	return false
}
