package fund

import (
	"maps"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// MaxProgrammes bounds the programmes that one tranche may pay for.
const MaxProgrammes = 20

// Origin says whose budget the money comes from (资金来源级次).
type Origin string

// The origins. A tranche whose document does not say one has none.
const (
	OriginCentral    Origin = "central"
	OriginProvincial Origin = "provincial"
	OriginCity       Origin = "city"
	OriginCounty     Origin = "county"
)

// Origins are all origins.
var Origins = []Origin{OriginCentral, OriginProvincial, OriginCity, OriginCounty}

// TrancheTerms are the terms that the issuing act fixes.
type TrancheTerms struct {
	ID         relief.TrancheID       `json:"id"`
	Programme  relief.ProgrammeID     `json:"programme,omitempty"`  // that it pays for; or several
	Programmes []relief.ProgrammeID   `json:"programmes,omitempty"` // a pool (统筹使用)
	Region     relief.Region          `json:"region"`
	Amount     relief.Fen             `json:"amount"`
	Source     string                 `json:"source"`
	Origin     Origin                 `json:"origin,omitempty"`
	Budget     *programme.BudgetCodes `json:"budget,omitempty"` // in place of the programme's
	Account    string                 `json:"account"`          // the dedicated account of the agency (R21)
	FiscalYear int                    `json:"fiscal_year"`
	Parent     relief.TrancheID       `json:"parent,omitempty"`
	Targets    Targets                `json:"targets"`
}

// Pool lists the programmes that the tranche pays for.
func (t *TrancheTerms) Pool() []relief.ProgrammeID {
	if t.Programme != "" {
		return []relief.ProgrammeID{t.Programme}
	}
	return t.Programmes
}

// PoolText lists the programmes in a sentence.
func (t *TrancheTerms) PoolText() string {
	text := ""
	for i, p := range t.Pool() {
		if i > 0 {
			text += ", "
		}
		text += string(p)
	}
	return text
}

// PaysFor reports whether the tranche pays for a programme.
func (t *TrancheTerms) PaysFor(p relief.ProgrammeID) bool {
	return t.Programme != "" && t.Programme == p || slices.Contains(t.Programmes, p)
}

func (t *TrancheTerms) sameTerms(o *TrancheTerms) bool {
	budget := t.Budget == o.Budget || t.Budget != nil && o.Budget != nil && *t.Budget == *o.Budget
	return t.Targets.same(&o.Targets) && budget && slices.Equal(t.Programmes, o.Programmes) &&
		t.ID == o.ID && t.Programme == o.Programme && t.Region == o.Region && t.Amount == o.Amount && t.Source == o.Source &&
		t.Origin == o.Origin && t.Account == o.Account && t.FiscalYear == o.FiscalYear && t.Parent == o.Parent
}

func (g *Targets) same(o *Targets) bool {
	same := func(x, y *Percent) bool { return x != nil && y != nil && *x == *y }
	return same(g.Coverage, o.Coverage) && same(g.Timeliness, o.Timeliness) && same(g.Accuracy, o.Accuracy) && same(g.Satisfaction, o.Satisfaction) &&
		maps.Equal(g.Others, o.Others)
}

func (g *Targets) complete() bool {
	return g.Coverage != nil && g.Timeliness != nil && g.Accuracy != nil && g.Satisfaction != nil
}

// known reports whether each of the other targets is of an indicator that is computed.
func (g *Targets) known() bool {
	for name := range g.Others { // in any order: one unknown name refuses
		if !slices.Contains(OtherTargets, name) {
			return false
		}
	}
	return true
}

func (t *TrancheTerms) validate() error {
	if _, err := relief.ParseTrancheID(string(t.ID)); err != nil {
		return err
	}
	switch {
	case t.Region == "":
		return relief.FieldErrorf("region", "the tranche's region is missing")
	case t.Amount <= 0 || t.Amount > relief.MaxFen:
		return relief.FieldErrorf("amount", "the tranche's amount must be above zero")
	case t.FiscalYear < MinFiscalYear || t.FiscalYear > MaxFiscalYear:
		return relief.FieldErrorf("fiscal_year", "the fiscal year must be %d to %d", MinFiscalYear, MaxFiscalYear)
	case !t.Targets.complete():
		return relief.FieldErrorf("targets", "the act must fix four targets: coverage, timeliness, accuracy and satisfaction (R33)")
	case !t.Targets.known():
		return relief.FieldErrorf("targets", "other targets are of %s", strings.Join(OtherTargets, ", "))
	case t.Origin != "" && !slices.Contains(Origins, t.Origin):
		return relief.FieldErrorf("origin", "the origin must be one of %v, not %q", Origins, t.Origin)
	}
	if err := t.CheckProgrammes(); err != nil {
		return err
	}
	if t.Budget != nil {
		if err := t.Budget.Check(); err != nil {
			return err
		}
	}
	if err := relief.CheckText("source", t.Source, 1, 100); err != nil {
		return err
	}
	return t.checkAccount()
}

func (t *TrancheTerms) checkAccount() error {
	if len(t.Account) < 8 || len(t.Account) > 32 || !form.IsDigits(t.Account) {
		return relief.FieldErrorf("account", "the dedicated account must have 8 to 32 digits")
	}
	return nil
}

// The fiscal years that there are.
const (
	MinFiscalYear = 2000
	MaxFiscalYear = 2199
)

// CheckProgrammes refuses terms with no programme, with one and several, and with too many or the same one twice.
func (t *TrancheTerms) CheckProgrammes() error {
	n := len(t.Programmes)
	switch {
	case n == 0 && t.Programme == "":
		return relief.FieldErrorf("programme", "the tranche needs a programme, or several programmes")
	case n == 0:
		return nil
	case t.Programme != "":
		return relief.FieldErrorf("programmes", "a tranche has either one programme or several programmes")
	case n == 1 || n > MaxProgrammes || form.HasDuplicate(t.Programmes) || slices.Contains(t.Programmes, ""):
		return relief.FieldErrorf("programmes", "a tranche of several programmes has 2 to %d, each named once", MaxProgrammes)
	}
	return nil
}
