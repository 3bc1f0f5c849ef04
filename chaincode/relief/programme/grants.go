package programme

import "relieftrail/chaincode/relief"

// GrantRules are the settings of a programme of single grants (cycle grant, 一次性): emergencies, medical bills, seasonal
// help. Each decision is one grant, and a grant is one payment. No other programme has any of them.
type GrantRules struct {
	// GrantsAMonth is how many grants a person may have for one month.
	GrantsAMonth int `json:"grants_a_month,omitempty"`
	// BillRequired says that each grant is for a bill (票据), named by hospital and number. A bill is granted once, in all counties.
	BillRequired bool `json:"bill_required,omitempty"`
	// Township says which sums a township decides; nil for none.
	Township *TownshipRule `json:"township,omitempty"`
	// PapersWorkdays has help come first (先行救助): the decision needs no notice, and evidence and matches follow within so
	// many working days, with the notice after them. 0 for a programme that decides on papers and notice.
	PapersWorkdays int `json:"papers_workdays,omitempty"`
}

// TownshipRule says which sums a township decides, and what makes its decision the work of two.
type TownshipRule struct {
	MaxAmount relief.Fen `json:"max_amount"` // of one grant
	// MaxYear is the largest sum of all grants of the programme to one person in the twelve months that end with the decision.
	MaxYear         relief.Fen       `json:"max_year"`
	By              TownshipDecision `json:"by"`
	ConfirmWorkdays int              `json:"confirm_workdays,omitempty"` // for the county's confirmation
}

// TownshipDecision says who takes a township's decision.
type TownshipDecision string

// The ways.
const (
	// TownshipTwo: an official of the township decides on what another one has taken and prepared.
	TownshipTwo TownshipDecision = "two"
	// TownshipCountyConfirms: one official may prepare and decide, and the county confirms it afterwards.
	TownshipCountyConfirms TownshipDecision = "county_confirms"
)

// The bounds of the settings of grants.
const (
	maxGrantsAMonth    = 31
	maxPapersWorkdays  = 60
	maxConfirmWorkdays = 30
)

// HelpFirst reports whether the programme helps before papers and notice are there.
func (r *GrantRules) HelpFirst() bool { return r.PapersWorkdays > 0 }

// setDefaults fills in what a programme of grants leaves out.
func (r *GrantRules) setDefaults(cycle PayCycle) {
	if cycle == CycleGrant && r.GrantsAMonth == 0 {
		r.GrantsAMonth = 1
	}
	if r.Township == nil {
		return
	}
	t := *r.Township // the caller's stays
	if t.By == "" {
		t.By = TownshipTwo
	}
	if t.By == TownshipCountyConfirms && t.ConfirmWorkdays == 0 {
		t.ConfirmWorkdays = 2
	}
	r.Township = &t
}

func (v *Version) checkGrants() error {
	if v.Cycle != CycleGrant {
		if v.GrantRules != (GrantRules{}) {
			return relief.FieldErrorf("cycle", "grants_a_month, bill_required, township and papers_workdays are for programmes of the cycle grant")
		}
		return nil
	}
	switch {
	case v.GrantsAMonth < 1 || v.GrantsAMonth > maxGrantsAMonth:
		return relief.FieldErrorf("grants_a_month", "a person has 1 to %d grants a month", maxGrantsAMonth)
	case v.PapersWorkdays < 0 || v.PapersWorkdays > maxPapersWorkdays:
		return relief.FieldErrorf("papers_workdays", "the papers follow within 1 to %d working days; 0 for papers before the decision", maxPapersWorkdays)
	case v.ImportUntil != "":
		return relief.FieldErrorf("import_until", "a programme of single grants has no roll to import")
	case v.Township != nil:
		return v.Township.check(v)
	}
	return nil
}

func (t *TownshipRule) check(v *Version) error {
	switch {
	case t.MaxAmount < v.MinAmount || t.MaxAmount > v.MaxAmount:
		return relief.FieldErrorf("township.max_amount", "a township decides sums within the programme's bounds, %s to %s", v.MinAmount, v.MaxAmount)
	case t.MaxYear < t.MaxAmount || t.MaxYear > relief.MaxFen:
		return relief.FieldErrorf("township.max_year", "the sum of twelve months must be at least that of one grant, %s", t.MaxAmount)
	case t.By != TownshipTwo && t.By != TownshipCountyConfirms:
		return relief.FieldErrorf("township.by", "a township decides by two, or by one whom the county confirms: two or county_confirms")
	case t.By == TownshipTwo && t.ConfirmWorkdays != 0:
		return relief.FieldErrorf("township.confirm_workdays", "the county confirms nothing where two of the township decide")
	case t.By == TownshipCountyConfirms && (t.ConfirmWorkdays < 1 || t.ConfirmWorkdays > maxConfirmWorkdays):
		return relief.FieldErrorf("township.confirm_workdays", "the county confirms within 1 to %d working days", maxConfirmWorkdays)
	}
	return nil
}
