package programme

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// RollRules are the settings of a programme that takes its people from other rolls (从其他名册提取), such as a price subsidy for all who
// receive relief. Its amounts are by the rate of each period. No other programme has any of them.
type RollRules struct {
	// FromProgrammes are the programmes whose rolls have the people. Somebody who is on several is taken from the first.
	FromProgrammes []relief.ProgrammeID `json:"from_programmes,omitempty"`
	// RateBy says what a rate is for: each person of a household, the household, or each person by class.
	RateBy RateUnit `json:"rate_by,omitempty"`
}

// RateUnit says what the rate of a period is for.
type RateUnit string

// The units.
const (
	RateByPerson    RateUnit = "person"
	RateByHousehold RateUnit = "household"
	RateByClass     RateUnit = "class" // an amount a person for each class of the roll that the person is taken from
)

const maxFromProgrammes = 10 // each is looked up for each person

// FromRolls reports whether the programme takes its people from other rolls.
func (r *RollRules) FromRolls() bool { return len(r.FromProgrammes) > 0 }

func (r *RollRules) setDefaults() {
	if r.FromRolls() && r.RateBy == "" {
		r.RateBy = RateByPerson
	}
}

func (v *Version) checkRolls() error {
	if !v.FromRolls() {
		if v.RateBy != "" {
			return relief.FieldErrorf("rate_by", "only a programme that takes its people from other rolls has rates of periods")
		}
		return nil
	}
	from := v.FromProgrammes
	excludes := func(id relief.ProgrammeID) bool {
		return slices.Contains(v.OverlapRefused, id) || slices.Contains(v.OverlapFlagged, id)
	}
	switch {
	case len(from) > maxFromProgrammes || form.HasDuplicate(from) || slices.Contains(from, v.ID):
		return relief.FieldErrorf("from_programmes", "a programme takes its people from at most %d others, each named once", maxFromProgrammes)
	case v.RateBy != RateByPerson && v.RateBy != RateByHousehold && v.RateBy != RateByClass:
		return relief.FieldErrorf("rate_by", "a rate is by person, household or class")
	case v.Cycle != CycleMonthly:
		return relief.FieldErrorf("cycle", "a programme that takes its people from other rolls pays by the month")
	case len(v.ClassAmounts) > 0:
		return relief.FieldErrorf("class_amounts", "the amounts are the rates of the periods")
	case v.ImportUntil != "":
		return relief.FieldErrorf("import_until", "the people come from other rolls: there is no roll to import")
	case len(v.ExclusionGroups) > 0 || slices.ContainsFunc(from, excludes):
		return relief.FieldErrorf("from_programmes", "a programme does not exclude those from whose rolls it takes its people, and is in no exclusion group")
	}
	return nil
}
