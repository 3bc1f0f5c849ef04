package programme

import (
	"reflect"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// Unit says whether a payment is for a household or a person.
type Unit string

// PayCycle says how often a programme pays: monthly, quarterly, once, or by single grants.
type PayCycle string

// Units and cycles.
const (
	UnitHousehold Unit = "household"
	UnitPerson    Unit = "person"

	CycleMonthly   PayCycle = "monthly"
	CycleQuarterly PayCycle = "quarterly"
	CycleOnce      PayCycle = "once"
	CycleGrant     PayCycle = "grant"
)

// DefaultSegmentSize is the number of neighbouring roll entries in one segment unless the programme says otherwise. It
// is also the largest size.
const DefaultSegmentSize = 1000

// Version holds the rules of a programme (救助项目) from one moment on. Rules that vary in practice are settings here
// and not constants in code.
type Version struct {
	ID               relief.ProgrammeID `json:"id"`
	Version          int                `json:"version"`
	Name             string             `json:"name"`
	NameEn           string             `json:"name_en,omitempty"`
	Region           relief.Region      `json:"region"`
	Unit             Unit               `json:"unit"`
	Cycle            PayCycle           `json:"cycle"`
	MinAmount        relief.Fen         `json:"min_amount"`
	MaxAmount        relief.Fen         `json:"max_amount"`
	Starts           relief.Period      `json:"starts"`
	NoticeDays       int                `json:"notice_days"`              // days of public notice (R16)
	RecheckMonths    map[string]int     `json:"recheck_months,omitempty"` // class → months (R11)
	RequiredEvidence []EvidenceKind     `json:"required_evidence,omitempty"`
	PayByDay         int                `json:"pay_by_day"`             // day of the month
	PayByMonth       int                `json:"pay_by_month,omitempty"` // 1 to 3: month of the quarter by whose pay-by day it is paid; 0 is the last
	Budget           BudgetCodes        `json:"budget"`
	SegmentSize      int                `json:"segment_size"`
	CaseRules
	GrantRules
	RollRules
	PublicationRules
	ScoreRules

	inGroups []relief.ProgrammeID // the other programmes of ExclusionGroups, which JoinGroups fills in
}

// BudgetCodes are the budget subjects that the money is booked under: where urban and rural households are booked apart, such as
// 2081901 and 2081902 for subsistence allowances, rural ones have a subject of their own.
type BudgetCodes struct {
	Functional      string `json:"functional"`
	FunctionalRural string `json:"functional_rural,omitempty"` // in place of functional for rural households
	Economic        string `json:"economic"`
}

// FunctionalOf is the functional budget subject of a household.
func (b *BudgetCodes) FunctionalOf(r relief.Residence) string {
	if r == relief.Rural && b.FunctionalRural != "" {
		return b.FunctionalRural
	}
	return b.Functional
}

// Check refuses codes that are not written as those of the budget are.
func (b *BudgetCodes) Check() error {
	if len(b.Functional) != 7 || !form.IsDigits(b.Functional) {
		return relief.FieldErrorf("budget.functional", "a functional budget subject must have 7 digits, such as 2081901")
	}
	if b.FunctionalRural != "" && (len(b.FunctionalRural) != 7 || !form.IsDigits(b.FunctionalRural)) {
		return relief.FieldErrorf("budget.functional_rural", "a functional budget subject must have 7 digits, such as 2081902")
	}
	if len(b.Economic) != 5 || !form.IsDigits(b.Economic) {
		return relief.FieldErrorf("budget.economic", "an economic budget class must have 5 digits, such as 50901")
	}
	return nil
}

// VersionRecord is a version with its state and history.
type VersionRecord struct {
	Version
	State VersionState          `json:"state"`
	Acts  []relief.HistoryEntry `json:"acts"`
}

// Programme is a programme with all its versions, the newest last.
type Programme struct {
	ID       relief.ProgrammeID    `json:"id"`
	State    VersionState          `json:"state"`    // in_force, or else drafted, or else ended
	InForce  int                   `json:"in_force"` // the number of the version in force, 0 for none
	Versions []VersionRecord       `json:"versions"`
	Acts     []relief.HistoryEntry `json:"acts"`
}

// Current is the version in force.
func (p *Programme) Current() (*VersionRecord, error) {
	if p.InForce == 0 {
		return nil, relief.Errorf(relief.CodeWrongState, "programme %s is not in force", p.ID)
	}
	return &p.Versions[p.InForce-1], nil
}

// Draft adds a version to a programme, nil for a new programme. changed is false when the same draft exists already.
func Draft(p *Programme, v Version, actor relief.Actor) (out Programme, changed bool, err error) {
	if v.SegmentSize == 0 {
		v.SegmentSize = DefaultSegmentSize
	}
	v.setDefaults()
	if err := v.validate(); err != nil {
		return Programme{}, false, err
	}
	if err := relief.RequireRegion(actor.By, v.Region); err != nil {
		return Programme{}, false, err
	}
	if p == nil {
		p = &Programme{ID: v.ID, State: VersionDrafted}
	}
	if v.Version < 1 {
		return Programme{}, false, relief.FieldErrorf("version", "the next version of programme %s is %d", v.ID, len(p.Versions)+1)
	}
	if v.Version <= len(p.Versions) {
		old := p.Versions[v.Version-1]
		old.setDefaults() // a version older than cases has no case rules
		if reflect.DeepEqual(old.Version, v) && relief.SameOfficial(old.Acts[0].By, actor.By) {
			return *p, false, nil
		}
		return Programme{}, false, relief.Errorf(relief.CodeConflict, "version %d of programme %s exists; a change is version %d", v.Version, v.ID, len(p.Versions)+1)
	}
	if err := p.extendable(v, actor); err != nil {
		return Programme{}, false, err
	}
	out = p.clone()
	acted := actor.Entry(relief.ActProgrammeDraft)
	out.Versions = append(out.Versions, VersionRecord{v, VersionDrafted, []relief.HistoryEntry{acted}})
	out.Acts = append(out.Acts, acted)
	return out, true, nil
}

func (p *Programme) extendable(v Version, actor relief.Actor) error {
	n := len(p.Versions)
	switch {
	case v.Version != n+1:
		return relief.FieldErrorf("version", "the next version of programme %s is %d", v.ID, n+1)
	case p.State == VersionEnded:
		return relief.Errorf(relief.CodeWrongState, "programme %s has ended", v.ID)
	case n > 0 && p.Versions[0].SegmentSize != v.SegmentSize:
		return relief.FieldErrorf("segment_size", "all versions of a programme have the same segment size, here %d", p.Versions[0].SegmentSize)
	case n > 0 && p.Versions[0].Cycle != v.Cycle:
		return relief.FieldErrorf("cycle", "all versions of a programme have the same cycle, here %s", p.Versions[0].Cycle)
	case n > 0 && p.Versions[0].FromRolls() != v.FromRolls():
		return relief.FieldErrorf("from_programmes", "either all versions of a programme take their people from other rolls, or none")
	case n > 0 && p.Versions[0].Region != v.Region:
		return relief.FieldErrorf("region", "all versions of a programme have the same region, here %s", p.Versions[0].Region)
	}
	return actor.Follows(p.Acts)
}

// Enact puts a drafted version in force and supersedes the one before. SAME_PERSON for the agency that drafted it.
func Enact(p Programme, version int, actor relief.Actor) (Programme, bool, error) {
	if version < 1 || version > len(p.Versions) {
		return p, false, relief.Errorf(relief.CodeNotFound, "programme %s has no version %d", p.ID, version)
	}
	p = p.clone()
	v := &p.Versions[version-1]
	if v.State == VersionInForce && actor.Repeats(v.Acts, relief.ActProgrammeEnact) {
		return p, false, nil
	}
	next, err := relief.Next(Transitions, v.State, relief.ActProgrammeEnact)
	if err != nil {
		return p, false, err
	}
	if err := relief.RequireRegion(actor.By, v.Region); err != nil {
		return p, false, err
	}
	if drafter, _ := relief.LastBy(v.Acts, relief.ActProgrammeDraft); relief.SameOfficial(drafter, actor.By) || drafter.Agency == actor.By.Agency {
		return p, false, relief.Errorf(relief.CodeSamePerson, "the agency that drafted a programme may not put it in force")
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	acted := actor.Entry(relief.ActProgrammeEnact)
	if p.InForce > 0 {
		old := &p.Versions[p.InForce-1]
		if old.State, err = relief.Next(Transitions, old.State, actSupersede); err != nil {
			return p, false, err
		}
		old.Acts = append(old.Acts, acted)
	}
	v.State, p.InForce, p.State = next, version, VersionInForce
	v.Acts = append(v.Acts, acted)
	p.Acts = append(p.Acts, acted)
	return p, true, nil
}

// EndDays is how many days a proposal to end a programme counts.
const EndDays = 90

// End proposes to end a programme, or ends it when another official has proposed that in the last EndDays days and the programme
// has not changed since. No new batches are opened under a programme that has ended: nobody alone stops what a whole roll is paid.
func End(p Programme, actor relief.Actor) (Programme, bool, error) {
	if p.State == VersionEnded && actor.Repeats(p.Acts, relief.ActProgrammeEnd) {
		return p, false, nil
	}
	if _, err := relief.Next(Transitions, p.State, relief.ActProgrammeEnd); err != nil {
		return p, false, err
	}
	if err := relief.RequireRegion(actor.By, p.Versions[p.InForce-1].Region); err != nil {
		return p, false, err
	}
	proposed := p.endProposed(actor)
	if proposed && relief.SameOfficial(p.Acts[len(p.Acts)-1].By, actor.By) {
		return p, false, nil
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	p = p.clone()
	v := &p.Versions[p.InForce-1]
	acted := actor.Entry(relief.ActProgrammeEnd)
	v.Acts, p.Acts = append(v.Acts, acted), append(p.Acts, acted)
	if proposed {
		v.State, p.State, p.InForce = VersionEnded, VersionEnded, 0
	}
	return p, true, nil
}

// endProposed reports whether the programme's last act is a proposal to end it that still counts.
func (p *Programme) endProposed(actor relief.Actor) bool {
	last := p.Acts[len(p.Acts)-1]
	return last.Act == relief.ActProgrammeEnd && !actor.At.After(last.At.AddDate(0, 0, EndDays))
}

// LastInForce is the version that is in force, or was last; nil for none.
func (p *Programme) LastInForce() *Version {
	for i := len(p.Versions) - 1; i >= 0; i-- {
		if v := &p.Versions[i]; v.State == VersionInForce || v.State == VersionEnded {
			return &v.Version
		}
	}
	return nil
}

func (p *Programme) clone() Programme {
	out := *p
	out.Versions = slices.Clone(p.Versions)
	for i := range out.Versions {
		out.Versions[i].Acts = slices.Clone(out.Versions[i].Acts)
	}
	out.Acts = slices.Clone(p.Acts)
	return out
}

func (v *Version) validate() error {
	for _, check := range []func() error{v.checkNames, v.checkAmounts, v.checkCycle, v.checkPractice, v.Budget.Check, v.checkCases, v.checkGrants, v.checkRolls} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (v *Version) checkNames() error {
	if _, err := relief.ParseProgrammeID(string(v.ID)); err != nil {
		return err
	}
	if v.Region == "" {
		return relief.FieldErrorf("region", "the programme's region is missing")
	}
	if err := relief.CheckText("name", v.Name, 1, 100); err != nil {
		return err
	}
	if err := relief.CheckText("name_en", v.NameEn, 0, 200); err != nil {
		return err
	}
	if v.Unit != UnitHousehold && v.Unit != UnitPerson {
		return relief.FieldErrorf("unit", "the unit must be household or person")
	}
	return nil
}

func (v *Version) checkAmounts() error {
	if v.MinAmount <= 0 || v.MaxAmount < v.MinAmount || v.MaxAmount > relief.MaxFen {
		return relief.FieldErrorf("max_amount", "the bounds must be 0 < min_amount ≤ max_amount")
	}
	return nil
}

func (v *Version) checkCycle() error {
	switch {
	case v.Cycle != CycleMonthly && v.Cycle != CycleQuarterly && v.Cycle != CycleOnce && v.Cycle != CycleGrant:
		return relief.FieldErrorf("cycle", "the cycle must be monthly, quarterly, once or grant")
	case v.Starts.IsZero() || v.Starts.Quarterly() != (v.Cycle == CycleQuarterly):
		return relief.FieldErrorf("starts", "a programme must start with a period of its cycle, such as 2026-01 or 2026-Q1")
	case v.SegmentSize < 1 || v.SegmentSize > DefaultSegmentSize:
		return relief.FieldErrorf("segment_size", "the segment size must be 1 to %d", DefaultSegmentSize)
	}
	return nil
}

func (v *Version) checkPractice() error {
	switch {
	case v.NoticeDays < 0 || v.NoticeDays > 60:
		return relief.FieldErrorf("notice_days", "the public notice must last 0 to 60 days")
	case v.PayByDay < 1 || v.PayByDay > 28:
		return relief.FieldErrorf("pay_by_day", "the pay-by day must be 1 to 28")
	case v.PayByMonth < 0 || v.PayByMonth > 3 || v.PayByMonth > 0 && v.Cycle != CycleQuarterly:
		return relief.FieldErrorf("pay_by_month", "only a quarterly programme has a month of the quarter to pay by, 1 to 3")
	case len(v.RecheckMonths) > 26 || len(v.RequiredEvidence) > 20:
		return relief.FieldErrorf("required_evidence", "a programme has at most 26 classes and 20 kinds of evidence")
	}
	if err := v.ScoreRules.check(); err != nil {
		return err
	}
	if err := checkRecheck("recheck_months", v.RecheckMonths); err != nil {
		return err
	}
	for _, kind := range v.RequiredEvidence {
		if _, err := ParseEvidenceKind(string(kind)); err != nil {
			return relief.FieldErrorf("required_evidence", "a kind of evidence has 1 to 40 small letters and hyphens")
		}
	}
	return nil
}
